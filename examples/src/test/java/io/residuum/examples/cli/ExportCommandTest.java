package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.model.Presets;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExportCommandTest {
    private Path folder;
    private String saved;

    @BeforeAll
    void save(@TempDir Path temporary) {
        folder = temporary;
        ModelSpec spec = Presets.find("resnet20-b").orElseThrow().spec();
        Path file = folder.resolve("saved.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(spec, backend, 3)) {
            network.save(file);
        }
        saved = file.toString();
    }

    private static ModelProto read(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file));
    }

    /** Two exports at the same time to one name leave the symbol and the weights of one network. */
    @Test
    void filesOfTwoExportsFitTogether() throws Exception {
        Path folderOfBoth = Files.createDirectory(folder.resolve("both"));
        List<String> names = List.of("stem", "entry");
        for (int round = 0; round < 3; round++) {
            List<CompletableFuture<Cli>> calls =
                    names.stream()
                            .map(name -> CompletableFuture.supplyAsync(() -> export(name)))
                            .toList();
            for (CompletableFuture<Cli> call : calls) {
                assertEquals(0, call.get().code(), call.get().err());
            }
            String symbol = Files.readString(folderOfBoth.resolve("net-symbol.json"));
            String weights =
                    Files.readString(
                            folderOfBoth.resolve("net-0000.params"), StandardCharsets.ISO_8859_1);
            assertEquals(
                    names.stream().filter(symbol::contains).toList(),
                    names.stream().filter(weights::contains).toList());
            try (Stream<Path> files = Files.list(folderOfBoth)) {
                assertEquals(2, files.count(), "no lock and no temporary file is left");
            }
        }
    }

    /** Exports a network whose layer has a name. */
    private Cli export(String name) {
        try {
            Path spec =
                    Files.writeString(
                            folder.resolve(name + ".json"),
                            """
                            {"format": "residuum/1", "name": "one",
                             "input": {"type": "features", "shape": [4]},
                             "network": [{"type": "linear", "name": "%s", "units": 3}]}
                            """
                                    .formatted(name));
            String out = folder.resolve("both/net").toString();
            return Cli.run("export", spec.toString(), "--format", "mxnet", "-o", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void writesTheSavedWeightsAndTheSpec() throws IOException {
        Path out = folder.resolve("out.onnx");
        Cli cli = Cli.ok("export", saved, "--format", "onnx", "-o", out.toString());
        assertEquals(
                List.of(
                        "input    data (N, 3, H, W), float32",
                        "output   output (N, 10), float32",
                        "wrote    " + out + ", as onnx"),
                cli.err().lines().toList());
        ModelProto model = read(out);
        Map<String, String> metadata =
                model.getMetadataPropsList().stream()
                        .collect(
                                Collectors.toMap(
                                        StringStringEntryProto::getKey,
                                        StringStringEntryProto::getValue));
        String json = metadata.get("residuum.spec");
        ModelSpec spec = SpecJson.standard().parse(json, "metadata", ModelSpec.class);
        assertEquals("resnet20-b", spec.name());
        try (Safetensors file = Safetensors.open(Path.of(saved))) {
            for (TensorProto tensor : model.getGraph().getInitializerList()) {
                if (!tensor.getName().startsWith("constant")) {
                    ByteBuffer bytes = ByteBuffer.wrap(tensor.getRawData().toByteArray());
                    float[] values = new float[bytes.capacity() / Float.BYTES];
                    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
                    assertArrayEquals(file.floats(tensor.getName()), values, tensor.getName());
                }
            }
        }
    }

    @Test
    void takesTheWeightsOfAnotherLibrary() throws IOException {
        String foreign = folder.resolve("foreign.safetensors").toString();
        Cli.ok("export-weights", saved, "--dialect", "timm", "-o", foreign);
        Path own = folder.resolve("own.onnx");
        Path other = folder.resolve("other.onnx");
        Cli.ok("export", saved, "--format", "onnx", "-o", own.toString());
        String[] args = {"export", "resnet20-b", "--weights", foreign, "--dialect", "timm"};
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--format", "onnx", "-o", other.toString()));
        Cli cli = Cli.ok(all.toArray(String[]::new));
        assertTrue(cli.err().contains(", dialect timm"), cli.err());
        assertArrayEquals(Files.readAllBytes(own), Files.readAllBytes(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "char-gpt    | data[batch, 7]                          | output[batch, 7, 65]",
                "stories260k | data[batch, 7]                          | output[batch, 7, 512]",
                "bert-tiny   | data[batch, 7] mask[batch, 7] segments[batch, 7] | output[batch,"
                        + " 128]"
            })
    void readsWhatTheNetworkCannotDoWithout(String model, String inputs, String output)
            throws IOException {
        Path out = folder.resolve("text.onnx");
        Cli cli =
                Cli.ok("export", model, "--format", "onnx", "-o", out.toString(), "--length", "7");
        assertTrue(cli.err().contains("are random (seed 0)"), cli.err());
        var graph = read(out).getGraph();
        assertEquals(
                inputs,
                graph.getInputList().stream()
                        .map(ExportCommandTest::described)
                        .sorted()
                        .collect(Collectors.joining(" ")));
        assertEquals("data", graph.getInput(0).getName());
        assertEquals(output, described(graph.getOutput(0)));
    }

    /** An encoder without segments, whose tokens see the padding after them. */
    @Test
    void anEncoderOfTokensReadsItsMask() throws IOException {
        Path spec =
                Files.writeString(
                        folder.resolve("tagger.json"),
                        """
                        {"format": "residuum/1", "name": "tagger",
                         "input": {"type": "tokens", "length": 6, "vocabulary": 11},
                         "network": [
                           {"type": "tokenEmbedding", "name": "embed", "vocabulary": 11, "width": 8},
                           {"type": "transformerBlocks", "name": "blocks", "depth": 1,
                            "attention": {"heads": 2}, "feedForward": {}},
                           {"type": "linear", "name": "head", "units": 3}]}
                        """);
        Path out = folder.resolve("tagger.onnx");
        Cli.ok("export", spec.toString(), "--format", "onnx", "-o", out.toString());
        assertEquals(List.of("data[batch, length]", "mask[batch, length]"), inputs(out));
    }

    @Test
    void aMaskOfSequencesIsKeptIfAsked() throws IOException {
        String spec = "../docs/src/test/resources/guide/specs/tagger.json";
        Path out = folder.resolve("tagger.onnx");
        Cli without = Cli.ok("export", spec, "--format", "onnx", "-o", out.toString());
        assertEquals(List.of("data[batch, 20, 8]"), inputs(out));
        assertTrue(without.err().contains("left out mask"), without.err());
        Cli.ok("export", spec, "--format", "onnx", "-o", out.toString(), "--mask");
        assertEquals(List.of("data[batch, 20, 8]", "mask[batch, 20]"), inputs(out));
        Cli none = Cli.run("export", "resnet20", "--format=onnx", "-o", out.toString(), "--mask");
        assertEquals(2, none.code());
        assertTrue(none.err().contains("--mask is for sequences"), none.err());
    }

    @Test
    void aTranslatorReadsItsSourceAndTheMaskOfThat() throws IOException {
        Path spec =
                Files.writeString(
                        folder.resolve("translator.json"),
                        """
                        {"format": "residuum/1", "name": "translator",
                         "input": {"type": "tokens", "length": 6, "vocabulary": 11},
                         "network": {"type": "encoderDecoder", "vocabulary": 11, "width": 8,
                                     "depth": 1, "heads": 2, "mlpWidth": 12}}
                        """);
        Path out = folder.resolve("translator.onnx");
        Cli.ok("export", spec.toString(), "--format", "onnx", "-o", out.toString(), "--mask");
        assertEquals(
                List.of(
                        "data[batch, length]",
                        "sourceMask[batch, source_length]",
                        "source[batch, source_length]"),
                inputs(out));
        Cli.ok("export", spec.toString(), "--format=onnx", "-o", out.toString(), "--fixed");
        assertEquals(
                List.of("data[batch, 6]", "sourceMask[batch, 6]", "source[batch, 6]"), inputs(out));
    }

    @Test
    void aSourceMayHaveALengthOfItsOwn() throws IOException {
        Path spec =
                Files.writeString(
                        folder.resolve("reader.json"),
                        """
                        {"format": "residuum/1", "name": "reader",
                         "input": {"type": "tokens", "length": 6, "vocabulary": 11},
                         "network": {"type": "encoderDecoderBlocks", "sourceLength": 4,
                                     "encoder": {"type": "tokenEmbedding", "vocabulary": 11,
                                                 "width": 8},
                                     "decoder": [
                                       {"type": "tokenEmbedding", "vocabulary": 11, "width": 8},
                                       {"type": "residual", "branch": [
                                         {"type": "attention", "heads": 2, "memory": 8}]}]}}
                        """);
        Path out = folder.resolve("reader.onnx");
        Cli.ok("export", spec.toString(), "--format", "onnx", "-o", out.toString());
        assertEquals(
                List.of("data[batch, 6]", "sourceMask[batch, 4]", "source[batch, 4]"), inputs(out));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vit-ti-16      | onnx | image size cannot be dynamic, because PatchEmbedding",
                "char-gpt       | mxnet | the format mxnet needs fixed sizes for this network",
            })
    void saysWhyASizeIsFixed(String model, String format, String reason) {
        String out = folder.resolve(format.equals("mxnet") ? "net" : "net.onnx").toString();
        Cli cli = Cli.ok("export", model, "--format", format, "-o", out);
        assertTrue(
                cli.err().lines().anyMatch(l -> l.startsWith("fixed") && l.contains(reason)),
                cli.err());
    }

    private static List<String> inputs(Path file) throws IOException {
        return read(file).getGraph().getInputList().stream()
                .map(ExportCommandTest::described)
                .sorted()
                .toList();
    }

    private static String described(ValueInfoProto value) {
        return value.getName()
                + value.getType().getTensorType().getShape().getDimList().stream()
                        .map(d -> d.hasDimParam() ? d.getDimParam() : "" + d.getDimValue())
                        .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "2, --length is for models that read tokens, SAVED --format onnx --length 4",
        "2, --length must be at most the 64 tokens, char-gpt --format onnx --length 65",
        "2, --length must be 1 or more, char-gpt --format onnx --length 0",
        "2, --format, SAVED --format keras",
        "2, no such file, resnet20 --format onnx --weights missing.pt",
        "1, is this the right model, resnet32 --format onnx --weights SAVED"
    })
    void whatCannotBeWrittenIsSaidInALine(int code, String message, String args) {
        Path out = folder.resolve("never.onnx");
        String[] words = ("export " + args.replace("SAVED", saved) + " -o " + out).split(" ");
        Cli cli = Cli.run(words);
        assertEquals(code, cli.code(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        assertTrue(cli.err().contains(message), cli.err());
        assertFalse(Files.exists(out));
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path out = folder.resolve("missing").resolve("net.onnx");
        Cli cli = Cli.run("export", saved, "--format", "onnx", "-o", out.toString());
        assertEquals(1, cli.code(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        assertTrue(cli.err().contains(out + ": the folder"), cli.err());
    }
}
