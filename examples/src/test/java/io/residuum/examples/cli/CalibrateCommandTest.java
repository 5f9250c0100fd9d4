package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrateCommandTest {
    private static final String DATA = "digits:train=1000,test=40";

    @TempDir private Path temp;

    @Test
    void aRunIsCalibratedInPlace() throws IOException {
        Path run = temp.resolve("run");
        Cli.ok(
                "train",
                Cli.tiny(temp).toString(),
                "--data",
                DATA,
                "--epochs",
                "4",
                "--batch",
                "20",
                "--device",
                "cpu",
                "--out",
                run.toString());
        JsonNode before = evaluate(run);
        Path plot = temp.resolve("reliability.svg");
        JsonNode found =
                Cli.ok(
                                "calibrate",
                                run.toString(),
                                "--data",
                                DATA,
                                "--device",
                                "cpu",
                                "--plot",
                                plot.toString(),
                                "--json")
                        .json();
        assertTrue(
                found.get("lossAfter").asDouble() < found.get("lossBefore").asDouble(),
                found.toString());
        assertTrue(Files.readString(plot).contains("confidence"));
        JsonNode after = evaluate(run);
        assertEquals(before.get("accuracy"), after.get("accuracy"), "no class changes");
        JsonNode again =
                Cli.ok("calibrate", run.toString(), "--data", DATA, "--device", "cpu", "--json")
                        .json();
        assertEquals(1, again.get("temperature").asDouble(), 1e-4, "is calibrated");
        assertEquals(found.get("lossAfter").asDouble(), again.get("lossBefore").asDouble(), 1e-5);
    }

    private static JsonNode evaluate(Path run) {
        return Cli.ok(
                        "evaluate",
                        run.toString(),
                        "--data",
                        DATA,
                        "--device",
                        "cpu",
                        "--no-compile",
                        "--json")
                .json();
    }

    /** Writes 40 pictures of two classes whose brightness overlaps. */
    private Path pictures() throws IOException {
        SplittableRandom random = new SplittableRandom(8);
        Path folder = temp.resolve("pictures");
        for (int i = 0; i < 40; i++) {
            BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
            int level = (i % 2 == 0 ? 100 : 150) + random.nextInt(-60, 61);
            for (int p = 0; p < 256; p++) {
                image.getRaster().setSample(p % 16, p / 16, 0, level + random.nextInt(-20, 21));
            }
            Path part = Files.createDirectories(folder.resolve(i % 2 == 0 ? "dark" : "light"));
            ImageIO.write(image, "png", part.resolve(i + ".png").toFile());
        }
        return folder;
    }

    @Test
    void theImagesAreThoseThatTrainingHeldOut() throws IOException {
        String run = temp.resolve("run").toString();
        String data = "folder:" + pictures();
        String net = Cli.tiny(temp).toString();
        Cli.ok(
                ("train " + net + " --epochs 3 --batch 4 --lr 0.02 --validation 0.4 --device cpu")
                        .concat(" --data " + data + " --out " + run)
                        .split(" "));
        JsonNode found = Cli.ok("calibrate", run, "--data", data, "--json").json();
        assertEquals(16, found.get("images").asInt(), found.toString());
    }

    @Test
    void whatCannotBeCalibratedIsNamed() throws IOException {
        Cli random = Cli.run("calibrate", Cli.tiny(temp).toString(), "--data", DATA);
        assertEquals(2, random.code());
        assertTrue(random.err().contains("--output"), random.err());
        Cli text = Cli.run("calibrate", "char-gpt", "--data", "text", "-o", "x.safetensors");
        assertEquals(2, text.code());
        assertTrue(text.err().contains("labelled images"), text.err());
    }
}
