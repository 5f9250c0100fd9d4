package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect --what lesion} reads the data that {@code evaluate} reads. */
class LesionCommandTest {
    private static final int IMAGES = 12;

    @TempDir private Path folder;

    @Test
    void evaluatesOnTestImagesAlone() throws IOException {
        byte[] images = new byte[IMAGES * 3073];
        new Random(1).nextBytes(images);
        for (int i = 0; i < IMAGES; i++) {
            images[i * 3073] = (byte) (i % 10);
        }
        Path data = Files.write(folder.resolve("test.bin"), images);
        Path spec =
                Files.writeString(
                        folder.resolve("net.json"),
                        """
                        {"format": "residuum/1", "name": "net",
                         "input": {"type": "image", "shape": [3, 32, 32], "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]},
                         "network": {"type": "sequential", "layers": [
                           {"type": "conv2d", "filters": 4, "kernel": 4, "stride": 4},
                           {"type": "repeat", "name": "units", "times": 3, "layer":
                             {"type": "residual", "branch": [{"type": "conv2d", "filters": 4, "kernel": 3, "padding": 1}]}},
                           {"type": "globalAveragePool"}, {"type": "linear", "units": 10}]}}
                        """);
        Path out = folder.resolve("lesions");
        String[] options = {"--data", "cifar10:test=" + data};
        Cli found =
                Cli.ok(
                        "inspect",
                        spec.toString(),
                        options[0],
                        options[1],
                        "--what",
                        "{\"type\": \"lesion\", \"draws\": 1, \"steps\": 3}",
                        "-o",
                        out.toString(),
                        "--json");
        JsonNode network = found.json().get("lesion").get("network").get(0);
        JsonNode evaluated =
                Cli.ok("evaluate", spec.toString(), options[0], options[1], "--json").json();
        assertEquals(evaluated.get("loss").asDouble(), network.get("loss").asDouble(), 1e-5);
        assertEquals(1 - evaluated.get("top1").asDouble(), network.get("error").asDouble(), 1e-9);
        String picture = Files.readString(out.resolve("lesion-units.svg"));
        assertTrue(picture.contains(">3 units.2<"), picture);
        assertTrue(picture.contains(">chance<"), picture);
    }
}
