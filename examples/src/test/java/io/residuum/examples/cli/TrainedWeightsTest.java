package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.testing.Npy;
import io.residuum.testing.SharedData;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks trained elsewhere give the published results. */
class TrainedWeightsTest {
    /** The images whose logits are compared; all are classified. */
    private static final int IMAGES = 256;

    private static final int PIXELS = 32 * 32;
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "cifar-resnet20, resnet20-12fca82f.th, resnet20_logits_test1017.npy, 85, mxnet",
        "cifar-resnet20, resnet20-12fca82f.th, resnet20_logits_test1017.npy, 85, pytorch",
        "cifar-resnet32, resnet32-d509ac18.th, resnet32_logits_test1017.npy, 73, mxnet",
        "cifar-resnet32, resnet32-d509ac18.th, resnet32_logits_test1017.npy, 73, pytorch"
    })
    void errsWhereTheOriginalErrs(
            String model, String file, String logits, int wrong, String engine) throws IOException {
        String weights = SharedData.require("cifar-resnet/" + file).toString();
        Path images = SharedData.require("cifar10/test_first1017.bin");

        Cli judged =
                Cli.ok(
                        "evaluate",
                        model,
                        "--weights",
                        weights,
                        "--data",
                        "cifar10:" + images,
                        "--engine",
                        engine);
        String accuracy = judged.out().strip().lines().findFirst().orElseThrow();
        assertEquals(wrong + " wrong of 1,017", accuracy.replaceFirst(".*%, ", ""), engine);

        String logitsFile = folder.resolve("output.safetensors").toString();
        Cli.ok(
                "predict",
                model,
                "--weights",
                weights,
                "--input",
                normalized(images).toString(),
                "--output",
                logitsFile,
                "--engine",
                engine);
        try (Safetensors found = Safetensors.open(Path.of(logitsFile))) {
            float[] expected = Npy.read(SharedData.require("cifar-resnet/" + logits)).floats();
            float[] output = found.floats("output");
            assertEquals(IMAGES * 10, output.length);
            assertArrayEquals(Arrays.copyOf(expected, output.length), output, 1e-4f);
        }
    }

    @ParameterizedTest
    @CsvSource({"mxnet", "pytorch"})
    void errsAsBeforeWithMoreUnits(String engine) throws IOException {
        String weights = SharedData.require("cifar-resnet/resnet20-12fca82f.th").toString();
        Path images = SharedData.require("cifar10/test_first1017.bin");
        String grown = folder.resolve("grown.safetensors").toString();
        Cli cli =
                Cli.ok(
                        "grow",
                        "cifar-resnet20",
                        "--weights",
                        weights,
                        "--units",
                        "stage1=+1",
                        "--units",
                        "stage3=+2",
                        "--engine",
                        engine,
                        "-o",
                        grown);
        assertTrue(cli.err().contains("grown    "), cli.err());
        Cli judged = Cli.ok("evaluate", grown, "--data", "cifar10:" + images, "--engine", engine);
        String accuracy = judged.out().strip().lines().findFirst().orElseThrow();
        assertEquals("85 wrong of 1,017", accuracy.replaceFirst(".*%, ", ""), engine);
    }

    /** {@return a file of the first images, normalized as in the original code} */
    private Path normalized(Path images) throws IOException {
        byte[] bytes = Files.readAllBytes(images);
        float[] values = new float[IMAGES * 3 * PIXELS];
        for (int i = 0; i < values.length; i++) {
            int image = i / (3 * PIXELS);
            int channel = i / PIXELS % 3;
            // Each record begins with its label.
            int pixel = bytes[i + image + 1] & 0xff;
            values[i] = (pixel / 255f - MEAN[channel]) / STD[channel];
        }
        Path file = folder.resolve("input.safetensors");
        new SafetensorsWriter().add("input", new long[] {IMAGES, 3, 32, 32}, values).write(file);
        return file;
    }
}
