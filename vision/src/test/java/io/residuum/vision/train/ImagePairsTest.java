package io.residuum.vision.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.ResiduumException;
import io.residuum.data.Seeds;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.rows.RowHeader;
import io.residuum.train.rows.RowSamples;
import io.residuum.train.rows.RowTable;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleLayout;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import io.residuum.vision.augment.ColorJitter;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.data.ImagePairFiles;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.ImagePreprocessor;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pairs of pictures: classes of masks, values of targets, and transforms that keep them aligned.
 */
class ImagePairsTest {
    private static final int SIDE = 4;

    @TempDir private Path temp;

    private static ModelSpec spec(int filters) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "mapper", "input": {"type": "image", "shape": [1, 4, 4]},
                         "network": [{"type": "conv2d", "name": "out", "filters": %d, "kernel": 1}]}
                        """
                                .formatted(filters),
                        "mapper",
                        ModelSpec.class);
    }

    /** Writes a gray picture of the values 0 to 15, and a mask of its classes, value modulo 3. */
    private Path pairs(String second) throws IOException {
        Path folder = temp.resolve(second + "-pairs");
        Files.createDirectories(folder.resolve("images"));
        Files.createDirectories(folder.resolve(second));
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        byte[] palette = {0, 50, 100, (byte) 200};
        byte[] colors = new byte[256];
        System.arraycopy(palette, 0, colors, 0, palette.length);
        IndexColorModel model = new IndexColorModel(8, 256, colors, colors, colors);
        BufferedImage mask = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_INDEXED, model);
        for (int i = 0; i < SIDE * SIDE; i++) {
            image.getRaster().setSample(i % SIDE, i / SIDE, 0, i);
            // The last pixel does not count.
            mask.getRaster().setSample(i % SIDE, i / SIDE, 0, i == 15 ? 255 : i % 3);
        }
        for (String name : List.of("a", "b")) {
            ImageIO.write(image, "png", folder.resolve("images/" + name + ".png").toFile());
            ImageIO.write(
                    second.equals("masks") ? mask : image,
                    "png",
                    folder.resolve(second + "/" + name + ".png").toFile());
        }
        return folder;
    }

    private static Samples open(ModelSpec spec, Path folder) {
        return new ImagePairs(spec, ImagePairFiles.open(folder, PictureReader.DEFAULT));
    }

    private static float[] image(Sample sample) {
        return ((Tensor.Numbers) sample.inputs().get("input")).values();
    }

    private static long[] classes(Sample sample) {
        return ((Tensor.Integers) sample.targets().get("output")).values();
    }

    @Test
    void masksHoldClasses() throws IOException {
        Samples pairs = open(spec(3), pairs("masks"));
        Sample sample = pairs.get(1);
        long[] wanted = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, -1};
        assertArrayEquals(wanted, classes(sample));
        assertEquals(new Shape(SIDE, SIDE), sample.targets().get("output").shape());
        new SampleLayout(spec(3)).batch(List.of(sample)); // fits the network
    }

    @Test
    void transformsKeepImageAndMaskAligned() throws IOException {
        Samples pairs =
                open(spec(3), pairs("masks"))
                        .augmentedBy(List.of(new HorizontalFlip(0.5), new RandomCrop(2)));
        int moved = 0;
        int border = 0;
        for (int draw = 0; draw < 40; draw++) {
            Sample sample = pairs.augmented(0, Seeds.random(5, draw));
            float[] values = image(sample);
            long[] classes = classes(sample);
            moved += Math.round(values[0] * 255) == 0 ? 0 : 1;
            for (int i = 0; i < values.length; i++) {
                int value = Math.round(values[i] * 255);
                if (value > 0) {
                    assertEquals(value == 15 ? -1 : value % 3, classes[i]);
                } else if (classes[i] == -1) {
                    border++;
                }
            }
        }
        assertTrue(moved > 10, "moved " + moved);
        assertTrue(border > 100, "pixels outside of the picture that count: " + border);
    }

    @Test
    void targetsAreNumbers() throws IOException {
        Sample sample = open(spec(1), pairs("targets")).get(0);
        assertArrayEquals(
                image(sample), ((Tensor.Numbers) sample.targets().get("output")).values());
        assertEquals(new Shape(1, SIDE, SIDE), sample.targets().get("output").shape());
    }

    @Test
    void aColumnOfPathsIsReadAsInEvaluation() throws IOException {
        Path folder = pairs("targets");
        Path table = Files.writeString(folder.resolve("t.csv"), "file,y\nimages/a.png,1\n");
        ModelSpec spec =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "one", "input": {"type": "image", "shape": [3, 2, 2], "mean": [0.5, 0.5, 0.5]},
                                 "network": [{"type": "flatten"}, {"type": "linear", "name": "head", "units": 1}]}
                                """,
                                "one",
                                ModelSpec.class);
        RowHeader header =
                SpecJson.standard()
                        .parse(
                                """
                                {"columns": {"file": "image", "y": "number"},
                                 "inputs": {"input": ["file"]}, "targets": {"output": ["y"]}}
                                """,
                                "header",
                                RowHeader.class);
        SampleLayout layout = new SampleLayout(spec);
        RowTable rows = RowTable.read(table);
        RowHeader fitted = header.fitted(rows, 0);
        Samples samples = new RowSamples(rows, fitted, layout, ModelMetadata.EMPTY, true);
        assertArrayEquals(
                new ImagePreprocessor(spec)
                        .read(List.of(ImageInput.of(folder.resolve("images/a.png")))),
                image(samples.get(0)));
        Path missing = Files.writeString(folder.resolve("m.csv"), "file,y\nimages/c.png,1\n");
        assertRefused(
                "m.csv: line 2, column \"file\": must be the path of a picture, found no file",
                () ->
                        new RowSamples(
                                RowTable.read(missing), fitted, layout, ModelMetadata.EMPTY, true));
    }

    @Test
    void dividesFolders() throws IOException {
        SampleSplits data =
                PairSource.parse(pairs("masks").toString())
                        .open(spec(3), PictureReader.DEFAULT, 0.5);
        assertEquals(1, data.validation().orElseThrow().size());
    }

    @Test
    void namesWhatDoesNotFit() throws IOException {
        Path folder = pairs("masks");
        assertRefused(
                "augmentation of pairs must be horizontalFlip",
                () ->
                        open(spec(3), folder)
                                .augmentedBy(List.of(new ColorJitter(0.1, 0.1, 0.1, 0.1))));
        Files.delete(folder.resolve("masks/b.png"));
        assertRefused("b.png: must have a partner in", () -> open(spec(3), folder));
        assertRefused(
                "pictures have 1 or 3 channels", () -> open(spec(2), pairsQuietly("targets")));
        Path colored = pairs("masks");
        ImageIO.write(
                new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB),
                "png",
                colored.resolve("masks/a.png").toFile());
        assertRefused(
                "a mask must have a palette or be gray with 8 bits",
                () -> open(spec(3), colored).get(0));
    }

    private Path pairsQuietly(String second) {
        try {
            return pairs(second);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assertRefused(String part, Runnable action) {
        ResiduumException e = assertThrows(ResiduumException.class, action::run);
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
}
