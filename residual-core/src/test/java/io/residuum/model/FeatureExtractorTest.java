package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class FeatureExtractorTest {
    private static final String IMAGES =
            """
            {"format": "residuum/1", "name": "tiny",
             "input": {"type": "image", "shape": [3, 4, 4]},
             "network": [{"type": "conv2d", "name": "stem", "filters": 2, "kernel": 1},
                         {"type": "globalAveragePool", "name": "pool"}]}
            """;

    private static final String FEATURES =
            """
            {"format": "residuum/1", "name": "dense",
             "input": {"type": "features", "shape": [5]},
             "network": [{"type": "linear", "name": "fc", "units": 2}]}
            """;

    private static Network network(String json, EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(json, "a test", ModelSpec.class);
        return Network.create(spec, Engines.backend(engine), 3);
    }

    @EachEngine
    void featuresAreThoseOfTheNetwork(EngineChoice engine) {
        float[] pixels = new float[2 * 48];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i % 7;
        }
        Shape shape = new Shape(2, 3, 4, 4);
        try (Network network = network(IMAGES, engine);
                NDManager manager = network.backend().newManager();
                FeatureExtractor extractor = FeatureExtractor.of(network, "pool", "stem", "")) {
            Map<String, FeatureExtractor.Feature> features = extractor.extract(pixels, shape);
            assertEquals(List.of("pool", "stem", ""), List.copyOf(features.keySet()));
            assertEquals(new Shape(2, 2, 4, 4), features.get("stem").shape());
            NDArray output = network.predict(new NDList(manager.create(pixels, shape)));
            assertArrayEquals(output.toFloatArray(), features.get("").values(), 1e-6f);
        }
    }

    @EachEngine
    void sideInputsGoByName(EngineChoice engine) {
        String pool =
                FEATURES.replace("[5]", "[2, 1]")
                        .replace(
                                "\"linear\", \"name\": \"fc\", \"units\": 2",
                                "\"globalAveragePool\", \"masked\": true");
        try (Network network = network(pool, engine)) {
            FeatureExtractor extractor = FeatureExtractor.of(network, "");
            float[] values = {1, 3};
            Shape shape = new Shape(1, 2, 1);
            assertArrayEquals(new float[] {2}, extractor.extract(values, shape).get("").values());
            Map<String, FeatureExtractor.Feature> masked =
                    extractor.extract(
                            manager -> {
                                NDArray mask = manager.create(new float[] {0, 1}, new Shape(1, 2));
                                mask.setName("mask");
                                return new NDList(manager.create(values, shape), mask);
                            });
            assertArrayEquals(new float[] {3}, masked.get("").values());
        }
    }

    @Test
    void inputsThatDoNotFitAreRefusedInOurWords() {
        EngineChoice engine = Engines.all().get(0);
        try (Network network = network(IMAGES, engine);
                Network dense = network(FEATURES, engine)) {
            FeatureExtractor extractor = FeatureExtractor.of(network, "stem");
            float[] pixels = new float[48];
            assertRefused("found (3, 4, 4)", () -> extractor.extract(pixels, new Shape(3, 4, 4)));
            assertRefused(
                    "found (3, 1, 4, 4)", () -> extractor.extract(pixels, new Shape(3, 1, 4, 4)));
            assertRefused("found 48", () -> extractor.extract(pixels, new Shape(2, 3, 4, 4)));
            assertRefused(
                    "at least one", () -> extractor.extract(new float[0], new Shape(0, 3, 4, 4)));
            assertRefused(
                    "found int64", () -> extractor.extract(new long[48], new Shape(1, 3, 4, 4)));
            assertRefused(
                    "found (1, 4)",
                    () -> FeatureExtractor.of(dense, "fc").extract(new float[4], new Shape(1, 4)));
            assertRefused(
                    "\"nowhere\"",
                    () ->
                            FeatureExtractor.of(network, "nowhere")
                                    .extract(pixels, new Shape(1, 3, 4, 4)));
            assertRefused("name of a layer", () -> FeatureExtractor.of(network));
        }
    }

    private static void assertRefused(String message, Executable call) {
        RuntimeException e = assertThrows(RuntimeException.class, call);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
