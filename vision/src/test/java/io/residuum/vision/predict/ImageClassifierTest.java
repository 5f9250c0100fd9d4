package io.residuum.vision.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ClassProbability;
import io.residuum.model.Classification;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.TrainingException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageClassifierTest {
    private static final List<String> NAMES = List.of("cat", "dog", "owl");
    private static final String IMAGES =
            "{\"type\": \"image\", \"shape\": [3, 8, 8], \"std\": [0.2, 0.2, 0.2]}";
    private static final String HEAD =
            ", {\"type\": \"globalAveragePool\"}, {\"type\": \"linear\", \"units\": 3}";

    @TempDir private Path folder;

    private static ModelSpec spec(String input, String head) {
        String json =
                """
                {"format": "residuum/1", "name": "tiny", "input": %s,
                 "network": [{"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3}%s]}
                """
                        .formatted(input, head);
        return SpecJson.standard().parse(json, "tiny", ModelSpec.class);
    }

    private static Network network(EngineChoice engine) {
        Network network = Network.create(spec(IMAGES, HEAD), Engines.backend(engine), 5);
        network.setMetadata(ModelMetadata.EMPTY.withClassNames(NAMES));
        return network;
    }

    /** Stripes: their middle differs from their edges, and their columns from their rows. */
    private static BufferedImage picture(int seed) {
        BufferedImage picture = new BufferedImage(20, 14, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 14; y++) {
            for (int x = 0; x < 20; x++) {
                picture.setRGB(x, y, (x * 11 + seed * 37) % 256 << 16 | y * 17 << 8 | seed * 20);
            }
        }
        return picture;
    }

    private static byte[] png(BufferedImage picture) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(picture, "png", bytes));
        return bytes.toByteArray();
    }

    @EachEngine
    void everySourceGivesTheSameClasses(EngineChoice engine) throws IOException {
        byte[] bytes = png(picture(1));
        Path file = Files.write(folder.resolve("one.png"), bytes);
        try (Network network = network(engine);
                ImageClassifier classifier = ImageClassifier.of(network)) {
            Classification expected = classifier.classify(file);
            assertEquals(expected, classifier.classify(bytes));
            assertEquals(expected, classifier.classify(new ByteArrayInputStream(bytes)));
            assertEquals(expected, classifier.classify(picture(1)));

            assertEquals(expected.classes().get(0), expected.best());
            assertEquals(expected.classes().subList(0, 2), expected.top(2));
            assertEquals(expected.classes(), expected.top(9));
            assertEquals(NAMES.get(expected.best().index()), expected.best().name());
            double sum =
                    expected.classes().stream().mapToDouble(ClassProbability::probability).sum();
            assertEquals(1, sum, 1e-9);
            assertTrue(expected.best().toString().matches("(cat|dog|owl) \\(\\d+\\.\\d%\\)"));
        }
    }

    @EachEngine
    void batchesAndThreadsGiveWhatOneImageGives(EngineChoice engine) {
        List<ImageInput> images =
                IntStream.range(0, 7).mapToObj(i -> ImageInput.of(picture(i))).toList();
        try (Network network = network(engine);
                ImageClassifier classifier = ImageClassifier.of(network)) {
            List<Classification> together = classifier.classify(images);
            for (List<Classification> others :
                    List.of(
                            classifier.classify(images, 3),
                            IntStream.range(0, 7)
                                    .parallel()
                                    .mapToObj(i -> classifier.classify(picture(i)))
                                    .toList())) {
                for (int i = 0; i < 7; i++) {
                    double[] expected = probabilities(together.get(i));
                    double[] found = probabilities(others.get(i));
                    for (int c = 0; c < 3; c++) {
                        assertEquals(expected[c], found[c], 1e-5);
                    }
                }
            }
            assertEquals(List.of(), classifier.classify(List.of()));
        }
    }

    private static double[] probabilities(Classification classification) {
        double[] probabilities = new double[3];
        classification.classes().forEach(c -> probabilities[c.index()] = c.probability());
        return probabilities;
    }

    @Test
    void closesWhatItOpenedAndNothingElse() {
        Backend backend = Engines.backend(Engines.all().get(0));
        Path file = folder.resolve("tiny.safetensors");
        Classification expected;
        try (Network network = Network.create(spec(IMAGES, HEAD), backend, 5)) {
            try (ImageClassifier classifier = ImageClassifier.of(network)) {
                assertTrue(classifier.classify(picture(1)).best().name().startsWith("class "));
            }
            network.setMetadata(ModelMetadata.EMPTY.withClassNames(NAMES));
            try (ImageClassifier classifier = ImageClassifier.of(network)) {
                expected = classifier.classify(picture(1));
            }
            network.save(file);
        }
        for (int i = 0; i < 2; i++) {
            try (ImageClassifier classifier = ImageClassifier.open(file.toString(), backend)) {
                assertEquals(expected.best().name(), classifier.classify(picture(1)).best().name());
            }
        }
    }

    @Test
    void whatIsNoImageIsRefusedInOurWords() throws IOException {
        byte[] cut = Arrays.copyOf(png(picture(1)), 60);
        try (Network network = network(Engines.all().get(0));
                ImageClassifier classifier = ImageClassifier.of(network)) {
            for (byte[] bad : List.of(new byte[0], "no image".getBytes(), cut)) {
                DataException e = assertThrows(DataException.class, () -> classifier.classify(bad));
                assertTrue(e.getMessage().contains("the image"), e.getMessage());
            }
            Path missing = folder.resolve("missing.png");
            DataException e = assertThrows(DataException.class, () -> classifier.classify(missing));
            assertTrue(e.getMessage().contains("missing.png"), e.getMessage());
        }
    }

    @Test
    void networksThatDoNotFitAreRefused() {
        Backend backend = Engines.backend(Engines.all().get(0));
        try (Network maps = Network.create(spec(IMAGES, ""), backend, 0);
                Network features =
                        Network.create(
                                spec("{\"type\": \"features\", \"shape\": [3, 8, 8]}", HEAD),
                                backend,
                                0)) {
            SpecException e = assertThrows(SpecException.class, () -> ImageClassifier.of(maps));
            assertTrue(e.getMessage().contains("(N, classes)"), e.getMessage());
            TrainingException t =
                    assertThrows(TrainingException.class, () -> ImageClassifier.of(features));
            assertTrue(t.getMessage().contains("must read images"), t.getMessage());
        }
    }

    @Test
    void modelsWithoutWeightsAreNotOpened() {
        SpecException e = assertThrows(SpecException.class, () -> ImageClassifier.open("resnet20"));
        assertTrue(e.getMessage().contains("must have trained weights"), e.getMessage());
    }

    @Test
    void coloursDoNotDependOnTheirLayout() {
        int[] types = {
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_INT_ARGB_PRE,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_INT_BGR
        };
        try (Network network = network(Engines.all().get(0));
                ImageClassifier classifier = ImageClassifier.of(network)) {
            Classification expected = classifier.classify(picture(2));
            for (int type : types) {
                BufferedImage copy = new BufferedImage(20, 14, type);
                copy.createGraphics().drawImage(picture(2), 0, 0, null);
                assertEquals(expected, classifier.classify(copy));
            }
        }
    }
}
