package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segmentation and detection from the command line. */
class ObjectCommandsTest {
    private static final List<String> FEW =
            List.of("shapes:train=16,test=8", "--epochs", "1", "--batch", "8", "--quiet");

    @TempDir private Path temp;

    private Path picture() throws IOException {
        Path file = temp.resolve("photo.png");
        ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        return file;
    }

    /** Runs a command of the guide, a training on few images. */
    private static String run(String[] command) {
        List<String> words = new ArrayList<>(List.of(command));
        int data = words.indexOf("shapes");
        if (data > 0) {
            words.set(data, FEW.get(0));
        }
        if (command[0].equals("train")) {
            words.addAll(FEW.subList(1, FEW.size()));
        }
        return Cli.ok(words.toArray(String[]::new)).out();
    }

    @Test
    void theGuideFindsShapes() throws IOException {
        picture();
        List<String[]> commands = GuideCommands.of("detection-segmentation.md", "objects", temp);
        assertEquals(7, commands.size());
        List<String> out = commands.stream().map(ObjectCommandsTest::run).toList();
        assertTrue(out.get(1).contains("mean IoU"), out.get(1));
        assertTrue(out.get(3).matches("(?s)loss .*mAP .*AP50 .*AP75 .*8 images\\s*"), out.get(3));
        BufferedImage mask = ImageIO.read(temp.resolve("mask.png").toFile());
        assertEquals(BufferedImage.TYPE_BYTE_INDEXED, mask.getType());
        assertArrayEquals(new int[] {50, 40}, new int[] {mask.getWidth(), mask.getHeight()});
        assertEquals(Json.Kind.ARRAY, JsonReader.parse(out.get(5), "out").kind());
        assertEquals(50, ImageIO.read(temp.resolve("found.png").toFile()).getWidth());
        // Every anchor with a low score.
        String rows =
                Cli.ok(
                                "predict",
                                temp.resolve("runs/boxes").toString(),
                                picture().toString(),
                                "--score",
                                "0",
                                "--top",
                                "3",
                                "--format",
                                "jsonl")
                        .out();
        assertEquals(3, rows.lines().count(), rows);
        Json first = JsonReader.parse(rows.lines().findFirst().orElseThrow(), "row");
        assertEquals(
                List.of("image", "index", "name", "score", "left", "top", "right", "bottom"),
                List.copyOf(first.members().keySet()));
        keepsItsHeadForTheSameClasses(temp.resolve("runs/boxes"));
    }

    /** Fine-tunes on COCO, whose categories have another order. */
    private void keepsItsHeadForTheSameClasses(Path run) throws IOException {
        Path coco =
                Files.writeString(
                        temp.resolve("coco.json"),
                        """
                        {"images": [{"id": 1, "file_name": "photo.png", "width": 50, "height": 40}],
                         "categories": [{"id": 1, "name": "triangle"}, {"id": 2, "name": "disk"},
                                        {"id": 3, "name": "rectangle"}],
                         "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0,
                                          "bbox": [5, 5, 20, 20]}]}
                        """);
        Path tuned = temp.resolve("tuned");
        Cli cli =
                Cli.ok(
                        "train",
                        run.toString(),
                        "--data",
                        "coco:" + coco,
                        "--validation=0",
                        "--epochs=1",
                        "--batch=1",
                        "--out",
                        tuned.toString());
        assertFalse(cli.err().contains("adapted"), cli.err());
        assertEquals(
                List.of("disk", "rectangle", "triangle"),
                ModelSource.of(tuned).metadata().classNames());
    }

    @Test
    void wrongUsesAreErrors() throws IOException {
        Path file = picture();
        Cli score = Cli.run("predict", "resnet20", file.toString(), "--score", "0.5");
        assertEquals(2, score.code(), score.err());
        assertTrue(score.err().contains("for networks that detect"), score.err());
        Cli text = Cli.run("predict", "resnet20", "--text", "a", "--score", "0.5");
        assertEquals(2, text.code(), text.err());
        assertTrue(text.err().contains("for networks that detect"), text.err());
        Cli high =
                Cli.run(
                        "predict",
                        "../examples/specs/shapes-detection.json",
                        file.toString(),
                        "--score",
                        "2");
        assertEquals(2, high.code(), high.err());
        Path coco = Files.writeString(temp.resolve("c.json"), "{\"images\": []}");
        Cli empty =
                Cli.run(
                        "train",
                        "../examples/specs/shapes-detection.json",
                        "--data",
                        "coco:" + coco,
                        "--out",
                        temp.resolve("run").toString());
        assertEquals(1, empty.code(), empty.err());
        assertTrue(empty.err().contains("c.json:1: $.categories: must be an array"), empty.err());
        Cli classifier = Cli.run("train", "resnet20", "--data", "shapes");
        assertEquals(1, classifier.code(), classifier.err());
        assertTrue(classifier.err().contains("outputs") || classifier.err().contains("output"));
    }
}
