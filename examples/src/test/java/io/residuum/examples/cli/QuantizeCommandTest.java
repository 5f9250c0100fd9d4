package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.testing.SharedData;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quantized networks stay accurate, are small, and go through the other commands. */
class QuantizeCommandTest {
    private static final Pattern WRONG = Pattern.compile("([\\d,]+) wrong of");

    @TempDir Path folder;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "mlp",
             "input": {"type": "image", "shape": [1, 28, 28]},
             "network": {"type": "sequential", "layers": [
               {"type": "flatten"}, {"type": "linear", "units": 32},
               {"type": "linear", "units": 10}]}}
            """;

    private static int wrong(String model, String data, String... options) {
        String[] args = new String[4 + options.length];
        System.arraycopy(new String[] {"evaluate", model, "--data", data}, 0, args, 0, 4);
        System.arraycopy(options, 0, args, 4, options.length);
        Cli run = Cli.ok(args);
        assertTrue(!run.err().contains("not compiled"), run.err());
        Matcher found = WRONG.matcher(run.out());
        assertTrue(found.find(), run.out());
        return Integer.parseInt(found.group(1).replace(",", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "cifar-resnet20, cifar-resnet/resnet20-12fca82f.th, 85",
        "cifar-resnet32, cifar-resnet/resnet32-d509ac18.th, 73"
    })
    void trainedNetworksLoseAtMostThreeImages(String model, String weights, int before)
            throws IOException {
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
        for (String runtime : new String[] {"engine", "onnxruntime"}) {
            int after = wrong(file.toString(), "cifar10:" + test, "--runtime", runtime);
            assertTrue(after <= before + 3, runtime + ": " + after + " wrong");
        }
        long parameters = model.endsWith("20") ? 272_474 : 466_906;
        assertTrue(Files.size(file) < 1.2 * parameters, Files.size(file) + " bytes");
    }

    @ParameterizedTest
    @CsvSource({"int8, I8", "int4, U8"})
    void weightsAloneBecomeIntegers(String type, TensorType stored) throws IOException {
        Path file = folder.resolve("weights.safetensors");
        Path spec = folder.resolve("mlp.json");
        Files.writeString(spec, NETWORK);
        Cli.ok(
                "quantize",
                spec.toString(),
                "--weights-only",
                type,
                "--group",
                "16",
                "-o",
                file.toString());
        try (Safetensors tensors = Safetensors.open(file)) {
            String name =
                    tensors.names().stream()
                            .filter(n -> tensors.names().contains(n + ".scale"))
                            .findFirst()
                            .orElseThrow();
            assertEquals(stored, tensors.info(name).type());
        }
        wrong(file.toString(), "digits:train=10,test=50");
    }

    @Test
    void saysWhatItNeeds() {
        Cli run = Cli.run("quantize", "cifar-resnet20", "-o", folder.resolve("x.safetensors") + "");
        assertEquals(2, run.code());
        assertTrue(run.err().contains("--data"), run.err());
    }
}
