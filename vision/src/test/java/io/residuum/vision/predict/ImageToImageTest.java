package io.residuum.vision.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import io.residuum.train.TrainingException;
import io.residuum.vision.train.PixelOutput;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures computed from pictures, by networks whose weights make the result known. */
class ImageToImageTest {
    private static final String POINTWISE =
            "{\"type\": \"conv2d\", \"name\": \"out\", \"filters\": %d, \"kernel\": 1}";

    @TempDir private Path folder;

    private static ModelSpec spec(int channels, String layer) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "mapper", "input": {"type": "image", "shape": [%d, 4, 4]}, "network": [%s]}
                        """
                                .formatted(channels, layer),
                        "mapper",
                        ModelSpec.class);
    }

    /** A network that computes {@code weight * x + bias} of each gray pixel, for each filter. */
    private static Network pointwise(EngineChoice engine, double[] weights, double[] biases) {
        Network network =
                Network.create(
                        spec(1, POINTWISE.formatted(weights.length)), Engines.backend(engine), 1);
        Tensors.set(network.parameters().get("out.weight").getArray(), weights);
        Tensors.set(network.parameters().get("out.bias").getArray(), biases);
        return network;
    }

    private static Network with(PixelOutput kind, Network network) {
        network.setMetadata(kind.in(ModelMetadata.EMPTY));
        return network;
    }

    /** A gray picture whose columns are 0, 17, 34 and so on. */
    private static BufferedImage columns(int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < width * height; i++) {
            picture.getRaster().setSample(i % width, i / width, 0, i % width * 17);
        }
        return picture;
    }

    private static BufferedImage predict(Network network, BufferedImage picture) {
        try (network;
                ImageToImage mapping = ImageToImage.of(network)) {
            return mapping.predict(List.of(ImageInput.of(picture))).get(0);
        }
    }

    private static int sample(BufferedImage picture, int x, int y) {
        return picture.getRaster().getSample(x, y, 0);
    }

    @EachEngine
    void valuesAreGrayLevels(EngineChoice engine) {
        Network negative = pointwise(engine, new double[] {-1}, new double[] {1});
        BufferedImage found = predict(with(PixelOutput.VALUES, negative), columns(4, 4));
        assertEquals(BufferedImage.TYPE_BYTE_GRAY, found.getType());
        for (int x = 0; x < 4; x++) {
            assertEquals(255 - 17 * x, sample(found, x, 2));
        }
        // Values outside of [0, 1] are clipped.
        Network wide = pointwise(engine, new double[] {9}, new double[] {-0.5});
        found = predict(with(PixelOutput.VALUES, wide), columns(4, 4));
        assertEquals(List.of(0, 255), List.of(sample(found, 0, 0), sample(found, 3, 0)));
        Network half = pointwise(engine, new double[] {0}, new double[] {0});
        found = predict(with(PixelOutput.LOGITS, half), columns(4, 4));
        assertEquals(128, sample(found, 1, 1));
    }

    /** Class 1 from 0.3 and class 2 from 0.8, in a picture four times as large. */
    @EachEngine
    void classesAreIndicesOfAPalette(EngineChoice engine) {
        double[] weights = {0, 10, 20};
        double[] biases = {0, -3, -11};
        BufferedImage picture = columns(16, 16);
        BufferedImage mask =
                predict(with(PixelOutput.CLASSES, pointwise(engine, weights, biases)), picture);
        assertEquals(16, mask.getWidth());
        assertEquals(16, mask.getHeight());
        IndexColorModel palette = (IndexColorModel) mask.getColorModel();
        assertEquals(0xff800000, palette.getRGB(1));
        assertEquals(0xff008000, palette.getRGB(2));
        assertEquals(0xffe0e0c0, palette.getRGB(255)); // the colour of borders in PASCAL VOC
        for (int x = 0; x < 16; x++) {
            // Between the pixels that the network sees, logits are interpolated.
            if (Math.abs(x - 4.5) > 1 && x < 11) {
                assertEquals(x < 4.5 ? 0 : 1, sample(mask, x, 7), "column " + x);
            }
        }
        assertEquals(2, sample(mask, 15, 0));
        // Without training on pairs, three channels are colours.
        assertEquals(
                BufferedImage.TYPE_INT_RGB,
                predict(pointwise(engine, weights, biases), picture).getType());
    }

    @EachEngine
    void aResultGrowsByTheFactorOfTheNetwork(EngineChoice engine) {
        Network larger =
                Network.create(
                        spec(
                                3,
                                POINTWISE.formatted(3)
                                        + ", {\"type\": \"resize\", \"name\": \"up\", \"scale\":"
                                        + " 2}"),
                        Engines.backend(engine),
                        1);
        double[] exchange = {0, 0, 1, 0, 1, 0, 1, 0, 0};
        Tensors.set(larger.parameters().get("out.weight").getArray(), exchange);
        BufferedImage red = new BufferedImage(10, 6, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 60; i++) {
            red.setRGB(i % 10, i / 10, 0xc80000);
        }
        BufferedImage found = predict(larger, red);
        assertEquals(List.of(20, 12), List.of(found.getWidth(), found.getHeight()));
        assertEquals(0xff0000c8, found.getRGB(11, 7));
    }

    @Test
    void writesFilesInBatches() throws IOException {
        Path file = folder.resolve("x.png");
        assertTrue(ImageIO.write(columns(4, 4), "png", file.toFile()));
        Map<Path, ImageInput> images = new LinkedHashMap<>();
        for (Path result :
                PicturePaths.results(List.of("a.jpg", "b/c.d.png", "e"), folder.resolve("new"))) {
            images.put(result, ImageInput.of(file));
        }
        try (Network same = pointwise(Engines.all().get(0), new double[] {1}, new double[] {0});
                ImageToImage mapping = ImageToImage.of(same)) {
            mapping.write(images, 2);
            assertEquals(34, sample(mapping.predict(file), 2, 0));
        }
        for (String name : List.of("a.png", "c.d.png", "e.png")) {
            BufferedImage found = ImageIO.read(folder.resolve("new").resolve(name).toFile());
            assertEquals(51, sample(found, 3, 3), name);
        }
    }

    @Test
    void namesWhatDoesNotFit() throws IOException {
        assertRefused(
                DataException.class,
                "those of a.png and b/a.jpg are both",
                () -> PicturePaths.results(List.of("a.png", "b/a.jpg"), folder));
        assertRefused(
                TrainingException.class,
                "must have one input of images and one output (N, C, H, W)",
                () -> of("{\"type\": \"flatten\"}"));
        assertRefused(
                TrainingException.class,
                "a mask holds at most 255 classes, but the network has 256",
                () -> of(POINTWISE.formatted(256)));
        Path taken = Files.writeString(folder.resolve("taken"), "");
        try (Network same = Network.create(spec(1, POINTWISE.formatted(1)), backend(), 1);
                ImageToImage mapping = ImageToImage.of(same)) {
            assertRefused(
                    DataException.class,
                    "cannot write " + taken.resolve("a.png"),
                    () ->
                            mapping.write(
                                    Map.of(taken.resolve("a.png"), ImageInput.of(columns(4, 4))),
                                    1));
        }
    }

    private static Backend backend() {
        return Engines.backend(Engines.all().get(0));
    }

    private static void of(String layer) {
        try (Network network = Network.create(spec(1, layer), backend(), 1)) {
            ImageToImage.of(network).close();
        }
    }

    private static void assertRefused(
            Class<? extends Exception> type, String part, Runnable action) {
        Exception e = assertThrows(type, action::run);
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
}
