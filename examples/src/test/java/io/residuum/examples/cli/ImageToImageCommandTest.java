package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segmentation from the command line: discs and squares in noise. */
class ImageToImageCommandTest {
    private static final int SIDE = 32;
    private static final int CLASSES = 3;

    @TempDir private Path temp;

    /** Writes a bright disc, class 1, and a darker square, class 2, on noise, and their mask. */
    private static BufferedImage write(int seed, int scale, Path image, Path maskFile)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int side = SIDE * scale;
        byte[] levels = {0, (byte) 128, (byte) 255};
        BufferedImage mask =
                new BufferedImage(
                        side,
                        side,
                        BufferedImage.TYPE_BYTE_INDEXED,
                        new IndexColorModel(8, CLASSES, levels, levels, levels));
        BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
        int discX = scale * random.nextInt(6, 26);
        int discY = scale * random.nextInt(6, 26);
        int left = scale * random.nextInt(0, 22);
        int top = scale * random.nextInt(0, 22);
        for (int i = 0; i < side * side; i++) {
            int x = i % side;
            int y = i / side;
            boolean square = x >= left && x < left + 10 * scale && y >= top && y < top + 10 * scale;
            boolean disc = Math.hypot(x - discX, y - discY) < 5.5 * scale;
            int kind = disc ? 1 : square ? 2 : 0;
            mask.getRaster().setSample(x, y, 0, kind);
            int level = disc ? 190 : square ? 120 : 50;
            picture.getRaster().setSample(x, y, 0, level + random.nextInt(-40, 41));
        }
        ImageIO.write(picture, "png", image.toFile());
        ImageIO.write(mask, "png", maskFile.toFile());
        return mask;
    }

    private void folders(String part, int seed, int count) throws IOException {
        Path images = Files.createDirectories(temp.resolve("shapes").resolve(part + "/images"));
        Path masks = Files.createDirectories(temp.resolve("shapes").resolve(part + "/masks"));
        for (int i = 0; i < count; i++) {
            String name = i + ".png";
            write(seed + i, 1, images.resolve(name), masks.resolve(name));
        }
    }

    private static double share(BufferedImage mask, BufferedImage wanted) {
        int same = 0;
        for (int i = 0; i < wanted.getWidth() * wanted.getHeight(); i++) {
            int x = i % wanted.getWidth();
            int y = i / wanted.getWidth();
            int found = mask.getRaster().getSample(x, y, 0);
            same += found == wanted.getRaster().getSample(x, y, 0) ? 1 : 0;
        }
        return (double) same / (wanted.getWidth() * wanted.getHeight());
    }

    /** The commands of the guide: trains, evaluates, predicts and exports. */
    @Test
    void theGuideSegmentsShapes() throws Exception {
        Files.copy(
                Path.of("../docs/src/test/resources/guide/specs/shapes.json"),
                temp.resolve("shapes.json"));
        folders("train", 1, 40);
        folders("test", 1000, 6);
        BufferedImage wanted =
                write(5000, 2, temp.resolve("new.png"), temp.resolve("new-mask.png"));
        List<String[]> commands = GuideCommands.of("data.md", "shapes", temp);
        assertEquals(5, commands.size());
        Cli.ok(commands.get(0));
        List<String> metrics = Files.readAllLines(temp.resolve("runs/shapes/metrics.jsonl"));
        assertTrue(loss(metrics, 1) > 3 * loss(metrics, 12), metrics.toString());
        String line = Cli.ok(commands.get(1)).out();
        Matcher iou = Pattern.compile("(?i)mean ?iou ([0-9.]+)").matcher(line);
        assertTrue(iou.find(), line);
        // One class for all pixels has 0.28.
        assertTrue(Double.parseDouble(iou.group(1)) > 0.8, line);

        String parts = "pairs:train=%1$s/train,val=%1$s/test,test=%1$s/test";
        String data = parts.formatted(temp.resolve("shapes"));
        Cli same = Cli.ok("evaluate", temp + "/runs/shapes", "--data", data);
        assertEquals(line, same.out());
        Cli train =
                Cli.ok(
                        "train",
                        temp + "/shapes.json",
                        "--data",
                        data,
                        "--epochs",
                        "1",
                        "--out",
                        temp + "/runs/parts");
        assertTrue(
                train.err().contains("40 samples for training, 6 for validation, 6 for testing"),
                train.err());

        Cli.ok(commands.get(2));
        BufferedImage mask = ImageIO.read(temp.resolve("mask.png").toFile());
        assertEquals(2 * SIDE, mask.getWidth());
        assertTrue(mask.getColorModel() instanceof IndexColorModel);
        assertTrue(share(mask, wanted) > 0.9, "right pixels: " + share(mask, wanted));
        Cli.ok(commands.get(3));
        try (var files = Files.list(temp.resolve("masks"))) {
            assertEquals(6, files.count());
        }
        Cli.ok(commands.get(4));
        agreesInOnnxRuntime();
        refusesWhatDoesNotFit();
    }

    private static double loss(List<String> metrics, int epoch) {
        Matcher found =
                Pattern.compile("\"epoch\":" + epoch + ",.*?\"trainLoss\":([0-9.]+)")
                        .matcher(String.join("\n", metrics));
        assertTrue(found.find(), metrics.toString());
        return Double.parseDouble(found.group(1));
    }

    private void agreesInOnnxRuntime() throws Exception {
        Shape shape = new Shape(2, 1, SIDE, SIDE);
        double[] expected;
        float[] values;
        try (Network network =
                        ModelSource.of(temp.resolve("runs/shapes").toString())
                                .open(Engines.backend(Engines.all().get(0)));
                NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, 4, shape.getShape());
            values = Values.floats(x);
            expected = Tensors.values(network.predict(new NDList(x)));
        }
        try (Model model = Model.newInstance("shapes", "OnnxRuntime");
                NDManager manager = NDManager.newBaseManager("OnnxRuntime")) {
            model.load(temp.resolve("shapes.onnx"));
            try (Predictor<NDList, NDList> runtime = model.newPredictor(new NoopTranslator())) {
                NDArray x = manager.create(values, shape).toType(DataType.FLOAT32, false);
                NDList found = runtime.predict(new NDList(x));
                Tensors.assertClose(expected, Tensors.values(found.head()), 1e-4, "ONNX");
            }
        }
    }

    private void refusesWhatDoesNotFit() {
        String run = temp.resolve("runs/shapes").toString();
        String picture = temp.resolve("new.png").toString();
        refused(2, "give --output FILE.png, or a folder", "predict", run, picture);
        String jpeg = temp.resolve("mask.jpg").toString();
        refused(2, "must end with .png", "predict", run, picture, "--output", jpeg);
        String images = temp.resolve("shapes/test/images").toString();
        String mask = temp.resolve("mask.png").toString();
        refused(2, "must be a folder for 6 pictures", "predict", run, images, "--output", mask);
        refused(2, "are for classes", "predict", run, picture, "--output", mask, "--json");
        refused(
                1,
                "an image-to-image network must have",
                "predict",
                "resnet20",
                picture,
                "--output",
                mask);
    }

    private static void refused(int code, String part, String... args) {
        Cli cli = Cli.run(args);
        assertTrue(cli.err().contains(part), cli.err());
        assertEquals(code, cli.code());
    }
}
