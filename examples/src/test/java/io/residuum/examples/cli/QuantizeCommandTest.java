package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.testing.SharedData;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quantized networks stay accurate, are small, and go through the other commands. */
class QuantizeCommandTest {
    private static final String DIGITS = "digits:train=40,test=60";

    private static final String SEQUENCES =
            """
            {"format": "residuum/1", "name": "sequences",
             "input": {"type": "image", "shape": [3, 16, 16]},
             "network": [
               {"type": "patchEmbedding", "name": "embedding", "patch": 4, "width": 32},
               {"type": "transformerBlocks", "name": "blocks", "depth": 1,
                "attention": {"name": "attention", "heads": 2},
                "feedForward": {"name": "mlp", "width": 64}},
               {"type": "takeToken", "name": "token"},
               {"type": "linear", "name": "head", "units": 10}]}
            """;

    @TempDir Path folder;

    private static List<String> arguments(String... arguments) {
        return new ArrayList<>(List.of(arguments));
    }

    private static JsonNode json(List<String> arguments) {
        Cli run = Cli.ok(arguments.toArray(new String[0]));
        assertFalse(run.err().contains("not compiled"), run.err());
        assertFalse(run.err().contains("not used"), run.err());
        return run.json();
    }

    private static double number(String model, String data, String key, String... options) {
        List<String> arguments = arguments("evaluate", model, "--data", data, "--json");
        arguments.addAll(List.of(options));
        return json(arguments).get(key).asDouble();
    }

    private static Map<String, Long> operators(Path onnx) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(onnx)).getGraph().getNodeList().stream()
                .collect(Collectors.groupingBy(NodeProto::getOpType, Collectors.counting()));
    }

    @Test
    void everyCommandTakesTheModel() throws IOException {
        Path spec = Cli.tiny(folder);
        Path file = folder.resolve("int8.safetensors");
        JsonNode report =
                json(
                        arguments(
                                "quantize",
                                spec.toString(),
                                "--data",
                                DIGITS,
                                "--samples",
                                "20",
                                "--method",
                                "entropy",
                                "--json",
                                "-o",
                                file.toString()));
        assertEquals(3, report.get("layers").size());
        assertEquals(20, report.get("samples").asInt());
        assertTrue(report.get("layers").get(1).get("error").asDouble() > 0);
        assertFalse(report.get("layers").get(1).get("float").asBoolean());
        assertTrue(report.get("error").asDouble() < 0.1, report.toString());
        double wanted = number(spec.toString(), DIGITS, "loss");
        for (String runtime : List.of("engine", "onnxruntime")) {
            double loss = number(file.toString(), DIGITS, "loss", "--runtime", runtime);
            assertEquals(wanted, loss, 0.02, runtime);
        }
        Path onnx = folder.resolve("int8.onnx");
        Cli.ok("export", file.toString(), "--format", "onnx", "-o", onnx.toString());
        Map<String, Long> operators = operators(onnx);
        assertEquals(2, operators.get("QuantizeLinear"));
        assertEquals(3, operators.get("DequantizeLinear"));
        assertFalse(operators.containsKey("Mul"), "folded norms are computed in the file");
        Path script = folder.resolve("int8.pt");
        Cli.ok("export", file.toString(), "--format", "torchscript", "-o", script.toString());
        Path trained = folder.resolve("run");
        Cli.ok(
                "train",
                file.toString(),
                "--data",
                DIGITS,
                "--epochs",
                "1",
                "--batch",
                "20",
                "--out",
                trained.toString());
        try (Safetensors tensors = Safetensors.open(trained.resolve("model.safetensors"))) {
            assertEquals(TensorType.F32, tensors.info("unit.branch.conv.weight").type());
        }
    }

    @Test
    void trainingRoundsAsAQuantizedModel() throws IOException {
        String spec = Cli.tiny(folder).toString();
        String file = folder.resolve("int8.safetensors").toString();
        Path run = folder.resolve("run");
        Cli.ok("quantize", spec, "--data", DIGITS, "-o", file);
        List<String> train =
                arguments("train", spec, "--data", DIGITS, "--epochs", "2", "--batch", "20");
        train.addAll(List.of("--quantization", file, "--out", run.toString()));
        Cli trained = Cli.ok(train.toArray(new String[0]));
        assertTrue(trained.err().contains("quantization of " + file), trained.err());
        try (Safetensors tensors = Safetensors.open(run.resolve("model.safetensors"))) {
            assertEquals(TensorType.I8, tensors.info("unit.branch.conv.weight").type());
        }
        double loss = number(run.toString(), DIGITS, "loss");
        assertTrue(trained.out().contains("loss %.4f".formatted(loss)), trained.out() + loss);
        train.set(train.indexOf(run.toString()), folder.resolve("other").toString());
        train.add("--no-compile");
        Cli refused = Cli.run(train.toArray(new String[0]));
        assertEquals(1, refused.code(), refused.err());
        assertTrue(refused.err().contains("set compile to true"), refused.err());
        train.remove("--no-compile");
        train.set(1, "resnet20");
        Cli other = Cli.run(train.toArray(new String[0]));
        assertEquals(2, other.code(), other.err());
        assertTrue(other.err().contains("must have the quantized layers of"), other.err());
    }

    @Test
    void fewerSamplesThanAskedAreSaid() throws IOException {
        String out = folder.resolve("int8.safetensors").toString();
        Cli all =
                Cli.ok(
                        "quantize",
                        Cli.tiny(folder).toString(),
                        "--data",
                        "digits:train=44,test=60", // not whole batches of 8
                        "--samples",
                        "50",
                        "-o",
                        out);
        assertTrue(all.err().contains("ranges   of 44 training samples"), all.err());
        assertTrue(
                all.err().contains("warning: --samples asks for 50 training samples, but"),
                all.err());
    }

    @Test
    void relu6BelongsToItsConvolution() throws IOException {
        String tiny = Files.readString(Cli.tiny(folder));
        Path spec = folder.resolve("relu6.json");
        Files.writeString(
                spec,
                tiny.replace(
                        "{\"type\": \"globalAveragePool\"}",
                        """
                        {"type": "conv2d", "name": "last", "filters": 8, "kernel": 1},
                        {"type": "norm"}, {"type": "activation", "function": "relu6"},
                        {"type": "globalAveragePool"}\
                        """));
        Path file = folder.resolve("int8.safetensors");
        Path onnx = folder.resolve("int8.onnx");
        Cli.ok("quantize", spec.toString(), "--data", DIGITS, "-o", file.toString());
        Cli.ok("export", file.toString(), "--format", "onnx", "-o", onnx.toString());
        List<NodeProto> nodes =
                ModelProto.parseFrom(Files.readAllBytes(onnx)).getGraph().getNodeList();
        int clip = nodes.stream().map(NodeProto::getOpType).toList().indexOf("Clip");
        assertEquals("Conv", nodes.get(clip - 1).getOpType());
        assertEquals("QuantizeLinear", nodes.get(clip + 1).getOpType());
        assertEquals(
                number(file.toString(), DIGITS, "loss", "--runtime", "engine"),
                number(file.toString(), DIGITS, "loss", "--runtime", "onnxruntime"),
                0.01);
    }

    @ParameterizedTest
    @CsvSource({
        "int8, 0, I8, 2",
        "int8, 32, I8, 2",
        "int8, 20, I8, 2",
        "int4, 32, U8, 20",
        "int4, 128, U8, 20"
    })
    void weightsAloneBecomeIntegers(String type, int group, TensorType stored, int percent)
            throws IOException {
        Path spec = Files.writeString(folder.resolve("sequences.json"), SEQUENCES);
        Path file = folder.resolve("weights.safetensors");
        JsonNode report =
                json(
                        arguments(
                                "quantize",
                                spec.toString(),
                                "--weights-only",
                                type,
                                "--group",
                                String.valueOf(group),
                                "--json",
                                "-o",
                                file.toString()));
        assertEquals(5, report.get("quantized").size(), report.toString());
        try (Safetensors tensors = Safetensors.open(file)) {
            for (JsonNode path : report.get("quantized")) {
                assertEquals(stored, tensors.info(path.asText()).type());
            }
        }
        double engine = number(file.toString(), DIGITS, "loss", "--runtime", "engine");
        double onnx = number(file.toString(), DIGITS, "loss", "--runtime", "onnxruntime");
        assertEquals(engine, onnx, 1e-4);
        double wanted = number(spec.toString(), DIGITS, "loss");
        assertEquals(wanted, engine, wanted * percent / 100);
        assertTrue(Math.abs(wanted - engine) > 1e-7, "nothing was rounded");
        Path exported = folder.resolve("weights.onnx");
        Cli.ok("export", file.toString(), "--format", "onnx", "-o", exported.toString());
        String operator = type.equals("int4") ? "MatMulNBits" : "DequantizeLinear";
        assertEquals(5, operators(exported).get(operator));
    }

    /** The integers of a GGUF file reach ONNX and saved models. */
    @Test
    void aModelOfLlamaCppStaysQuantized() throws IOException {
        String model = "../transformer/src/test/resources/io/residuum/transformer/gguf/qwen2.gguf";
        assertTrue(Cli.ok("show", model).out().contains("qwen2"));
        String onnx = folder.resolve("qwen2.onnx").toString();
        Cli.ok("export", model, "--format", "onnx", "-o", onnx);
        assertEquals(15, operators(Path.of(onnx)).get("MatMulNBits"));
        String saved = folder.resolve("qwen2.safetensors").toString();
        Cli.ok("import", model, "--as", model, "-o", saved);
        try (Safetensors tensors = Safetensors.open(Path.of(saved))) {
            assertEquals(TensorType.U8, tensors.info("head.weight").type());
            assertEquals(TensorType.F32, tensors.info("embedding.token.weight").type());
        }
        String[] options = {"-p", "Once upon", "--temperature", "0", "-n", "12", "--json"};
        List<JsonNode> tokens = new ArrayList<>();
        for (String file : List.of(model, saved)) {
            for (String runtime : List.of("engine", "onnxruntime")) {
                List<String> all = new ArrayList<>(List.of("generate", file));
                all.addAll(List.of(options));
                all.addAll(List.of("--runtime", runtime));
                tokens.add(json(all).get("texts").get(0).get("tokens"));
            }
        }
        assertEquals(12, tokens.get(0).size());
        tokens.forEach(other -> assertEquals(tokens.get(0), other));
        Cli again = Cli.run("quantize", model, "--weights-only", "int4", "-o", saved);
        assertEquals(2, again.code());
        assertTrue(again.err().contains("it is quantized"), again.err());
    }

    @Test
    void dynamicActivationsRunOnOnnxRuntime() throws IOException {
        String spec = Files.writeString(folder.resolve("sequences.json"), SEQUENCES).toString();
        String file = folder.resolve("dynamic.safetensors").toString();
        JsonNode report = json(arguments("quantize", spec, "--dynamic", "--json", "-o", file));
        assertEquals(5, report.get("quantized").size(), report.toString());
        try (Safetensors tensors = Safetensors.open(Path.of(file))) {
            assertEquals(TensorType.I8, tensors.info("head.weight").type());
        }
        double wanted = number(spec, DIGITS, "loss");
        for (String runtime : List.of("onnxruntime", "auto")) {
            double loss = number(file, DIGITS, "loss", "--runtime", runtime);
            assertEquals(wanted, loss, 0.02 * wanted);
            assertTrue(Math.abs(wanted - loss) > 1e-7, "nothing was rounded");
        }
        String onnx = folder.resolve("dynamic.onnx").toString();
        Cli.ok("export", file, "--format", "onnx", "-o", onnx);
        Map<String, Long> operators = operators(Path.of(onnx));
        assertEquals(5, operators.get("MatMulInteger"));
        assertEquals(5, operators.get("DynamicQuantizeLinear"));
        assertFalse(operators.containsKey("DequantizeLinear"));
        // Other targets refuse it by name, and an engine continues operation by operation.
        Cli engine = Cli.ok("evaluate", file, "--data", DIGITS);
        assertTrue(engine.err().contains("need onnxruntime, got the engine"), engine.err());
        for (String format : List.of("torchscript", "mxnet")) {
            String other = folder.resolve("x" + (format.equals("mxnet") ? "" : ".pt")).toString();
            Cli refused = Cli.run("export", file, "--format", format, "-o", other);
            assertEquals(1, refused.code(), refused.err());
            assertTrue(refused.err().contains("only ONNX has activations"), refused.err());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cifar-resnet20, cifar-resnet/resnet20-12fca82f.th, 85, 272474",
        "cifar-resnet32, cifar-resnet/resnet32-d509ac18.th, 73, 466906"
    })
    void trainedNetworksLoseAtMostThreeImages(
            String model, String weights, int before, int parameters) throws IOException {
        Path file = folder.resolve("int8.safetensors");
        Path training = SharedData.require("cifar10/train_8068.bin");
        Path test = SharedData.require("cifar10/test_first1017.bin");
        Cli.ok(
                "quantize",
                model,
                "--weights",
                SharedData.require(weights).toString(),
                "--data",
                "cifar10:train=" + training + ",test=" + test,
                "--samples",
                "128",
                "-o",
                file.toString());
        double wrong = number(file.toString(), "cifar10:" + test, "wrong");
        assertTrue(wrong <= before + 3, wrong + " wrong");
        assertTrue(Files.size(file) < 1.2 * parameters, Files.size(file) + " bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "'', --data",
        "--weights-only int3, int4",
        "--weights-only int8 --samples 3, no data",
        "--dynamic --group 32, --group",
        "--dynamic --samples 3, --dynamic needs no data",
        "--data digits --group 32, --group",
        "--data digits --method minmax --percentile 99, --percentile",
        "--data digits --percentile 20, percentile must be in",
        "--weights-only int4 --float-layers nothing, must match one of"
    })
    void saysWhatItNeeds(String options, String message) throws IOException {
        List<String> arguments = arguments("quantize", Cli.tiny(folder).toString());
        arguments.addAll(
                List.of(("-o " + folder.resolve("x.safetensors") + " " + options).split(" ")));
        Cli run = Cli.run(arguments.toArray(new String[0]));
        assertTrue(run.code() == 1 || run.code() == 2, run.out());
        assertTrue(run.err().contains(message), run.err());
    }
}
