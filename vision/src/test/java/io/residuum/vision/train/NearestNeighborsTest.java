package io.residuum.vision.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.io.Resources;
import io.residuum.engine.EngineChoice;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Tiny;
import io.residuum.train.TrainingException;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.Image;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NearestNeighborsTest {
    private static final int TRAIN = 40;
    private static final int TEST = 6;
    private static final int CLASSES = 7;

    /** Against numpy: resources/io/residuum/vision/train/make_knn.py. */
    @Test
    void votesAgree() throws IOException {
        float[] cosines = new float[TEST * TRAIN];
        for (int i = 0; i < TEST; i++) {
            for (int j = 0; j < TRAIN; j++) {
                cosines[i * TRAIN + j] = (float) Math.sin(0.37 * (i + 1) * (j + 1) + i);
            }
        }
        int[] labels = IntStream.range(0, TRAIN).map(j -> (3 * j * j + j) % CLASSES).toArray();
        for (String line :
                Resources.readLines(
                        Resources.getResource(NearestNeighborsTest.class, "knn.tsv"),
                        StandardCharsets.UTF_8)) {
            String[] row = line.split("\t");
            String[] expected = row[2].split(" ");
            float[] found =
                    new NearestNeighbors(Integer.parseInt(row[0]), Double.parseDouble(row[1]))
                            .logVotes(cosines, labels, CLASSES);
            assertEquals(expected.length, found.length);
            for (int i = 0; i < TEST; i++) {
                double sum = 0;
                for (int c = 0; c < CLASSES; c++) {
                    sum += Math.exp(found[i * CLASSES + c]);
                }
                for (int c = 0; c < CLASSES; c++) {
                    assertEquals(
                            Double.parseDouble(expected[i * CLASSES + c]),
                            Math.exp(found[i * CLASSES + c]) / sum,
                            2e-5,
                            line);
                }
            }
        }
    }

    /** The features of a flattening network are the pixels, so that Java can find them. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void classifiesByTheInputOfTheHead(EngineChoice engine) {
        for (String head :
                List.of("", ", {\"type\": \"linear\", \"name\": \"head\", \"units\": 3}")) {
            String json =
                    "{\"format\": \"residuum/1\", \"name\": \"pixels\", \"input\": {\"type\":"
                            + " \"image\", \"shape\": [1, 8, 8]}, \"network\": [{\"type\":"
                            + " \"flatten\"}%s]}";
            ModelSpec spec =
                    SpecJson.standard().parse(json.formatted(head), "pixels", ModelSpec.class);
            DataSplits data = TinyImages.digits();
            ImageSet test = data.evaluation();
            try (Network network = Network.create(spec, Tiny.backend(engine), 5)) {
                Evaluation found =
                        new NearestNeighbors(1, 0.07).evaluate(network, data.train(), test, 32);
                assertEquals(test.size(), found.samples());
                int right = 0;
                for (int i = 0; i < test.size(); i++) {
                    int label = data.train().label(nearest(data.train(), pixels(test, i)));
                    right += label == test.label(i) ? 1 : 0;
                    assertEquals(label, found.prediction(i), "image " + i);
                    assertEquals(1, found.probability(i), 1e-6);
                }
                assertEquals(right / (double) test.size(), found.top1(), 1e-9);
                assertTrue(found.top1() > 0.2, "better than chance: " + found.top1());
            }
        }
    }

    private static int nearest(ImageSet set, double[] image) {
        int best = 0;
        double largest = -1;
        for (int i = 0; i < set.size(); i++) {
            double[] other = pixels(set, i);
            double cosine = IntStream.range(0, 64).mapToDouble(p -> image[p] * other[p]).sum();
            if (cosine > largest) {
                largest = cosine;
                best = i;
            }
        }
        return best;
    }

    private static double[] pixels(ImageSet set, int index) {
        Image image = new Image();
        set.read(index, image);
        double norm =
                Math.sqrt(
                        IntStream.range(0, 64)
                                .mapToDouble(p -> image.values()[p] * image.values()[p])
                                .sum());
        return IntStream.range(0, 64).mapToDouble(p -> image.values()[p] / norm).toArray();
    }

    @Test
    void refusesWhatHasNoVectorsOrTooFewImages() {
        DataSplits data = TinyImages.digits();
        String maps =
                "{\"format\": \"residuum/1\", \"name\": \"maps\", \"input\": {\"type\": \"image\","
                        + " \"shape\": [1, 8, 8]}, \"network\": [{\"type\": \"activation\"}]}";
        ModelSpec spec = SpecJson.standard().parse(maps, "maps", ModelSpec.class);
        try (Network network = Network.create(spec, Tiny.backend(EngineChoice.PYTORCH), 5)) {
            assertRefused("must be one vector for each image, got (32, 1, 8, 8)", network, data, 1);
            assertRefused("number of training images, 200, got 201", network, data, 201);
        }
    }

    private static void assertRefused(String part, Network network, DataSplits data, int k) {
        NearestNeighbors knn = new NearestNeighbors(k, 0.07);
        String message =
                String.valueOf(
                        assertThrows(
                                        TrainingException.class,
                                        () ->
                                                knn.evaluate(
                                                        network,
                                                        data.train(),
                                                        data.evaluation(),
                                                        32))
                                .getMessage());
        assertTrue(message.contains(part), message);
    }
}
