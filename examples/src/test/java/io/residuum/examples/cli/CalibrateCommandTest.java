package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
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

    /** Writes 40 images of each of two classes: dark and bright ones, which overlap. */
    private String pictures() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 80; i++) {
            Path folder = Files.createDirectories(temp.resolve("pictures/" + (i % 2)));
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            int grey = (int) Math.max(0, Math.min(255, 100 + 50 * (i % 2 + random.nextGaussian())));
            for (int p = 0; p < 64; p++) {
                image.getRaster().setSample(p % 8, p / 8, 0, grey);
            }
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
        }
        return "folder:" + temp.resolve("pictures");
    }

    private Path trained(String data, String validation) throws IOException {
        Path run = temp.resolve("run-" + validation);
        Cli.ok(
                "train",
                Cli.tiny(temp).toString(),
                "--data",
                data,
                "--epochs=6",
                "--batch=8",
                "--device=cpu",
                "--validation",
                validation,
                "--out",
                run.toString());
        return run;
    }

    @Test
    void theImagesAreThoseThatTrainingHeldOut() throws IOException {
        String data = pictures();
        String half = trained(data, "0.5").toString();
        JsonNode found =
                Cli.ok("calibrate", half, "--data", data, "--device", "cpu", "--json").json();
        assertEquals(40, found.get("images").asInt());
        Cli none = Cli.run("calibrate", trained(data, "0").toString(), "--data", data);
        assertEquals(2, none.code(), none.err());
        assertTrue(none.err().contains("held out none"), none.err());
        Cli unread = Cli.run("calibrate", half, "--data", DATA, "--validation", "0.2");
        assertEquals(2, unread.code(), unread.err());
    }

    /** Every fifth row has the wrong class, so that no network can be sure. */
    @Test
    void rowsAreThoseThatTrainingHeldOut() throws IOException {
        StringBuilder rows = new StringBuilder("x,label\n");
        for (int i = 0; i < 200; i++) {
            boolean high = i % 10 > 4 ^ i % 5 == i / 10 % 5;
            rows.append(i % 10 - 4.5).append(high ? ",high\n" : ",low\n");
        }
        String table = Files.writeString(temp.resolve("levels.csv"), rows).toString();
        Path spec =
                Files.writeString(
                        temp.resolve("levels.json"),
                        """
                        {"format": "residuum/1", "name": "levels",
                         "input": {"type": "features", "shape": [1]},
                         "network": [{"type": "linear", "name": "head", "units": 2}]}
                        """);
        Path run = temp.resolve("levels");
        Cli.ok(
                "train",
                spec.toString(),
                "--data",
                "rows:" + table,
                "--epochs=20",
                "--batch=10",
                "--lr=0.3",
                "--validation=0.4",
                "--device=cpu",
                "--out",
                run.toString());
        JsonNode found =
                Cli.ok(
                                "calibrate",
                                run.toString(),
                                "--data",
                                "rows:" + table,
                                "--device=cpu",
                                "--json")
                        .json();
        assertEquals(80, found.get("samples").asInt());
        assertTrue(
                found.get("lossAfter").asDouble() <= found.get("lossBefore").asDouble(),
                found.toString());
    }

    @Test
    void whatCannotBeCalibratedIsNamed() throws IOException {
        Cli random = Cli.run("calibrate", Cli.tiny(temp).toString(), "--data", DATA);
        assertEquals(2, random.code());
        assertTrue(random.err().contains("--output"), random.err());
        Cli text = Cli.run("calibrate", "char-gpt", "--data", "text", "-o", "x.safetensors");
        assertEquals(2, text.code());
        assertTrue(text.err().contains("one output of classes"), text.err());
    }
}
