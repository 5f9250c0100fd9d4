package io.residuum.transformer;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Growth;
import io.residuum.model.Growth.Method;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Families of transformers grow by blocks. */
class GrowthTest {
    private static final String LANGUAGE =
            "{\"type\": \"tokens\", \"length\": 6, \"vocabulary\": 9}";
    private static final String SIZES =
            "\"vocabulary\": 9, \"width\": 8, \"depth\": 2, \"heads\": 2";

    private static ModelSpec spec(String input, String network) {
        return SpecJson.standard()
                .parse(
                        "{\"format\": \"residuum/1\", \"name\": \"net\", \"input\": %s, \"network\": %s}"
                                .formatted(input, network),
                        "net",
                        ModelSpec.class);
    }

    private static ModelSpec connected(String stream) {
        return spec(
                LANGUAGE, "{\"type\": \"gpt\", \"stream\": \"%s\", %s}".formatted(stream, SIZES));
    }

    private static float[] predict(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            Shape shape = network.spec().input().batchShape();
            long[] dims = shape.getShape().clone();
            dims[0] = 2;
            int size = Math.toIntExact(new Shape(dims).size());
            if (shape.dimension() == 2) {
                long[] ids = new long[size];
                Arrays.setAll(ids, i -> i % 9);
                return network.predict(new NDList(manager.create(ids, new Shape(dims))))
                        .toFloatArray();
            }
            float[] pixels = new float[size];
            for (int i = 0; i < size; i++) {
                pixels[i] = (float) Math.sin(i);
            }
            return network.predict(new NDList(manager.create(pixels, new Shape(dims))))
                    .toFloatArray();
        }
    }

    @EachEngine
    void blocksAreInsertedAsTheIdentity(EngineChoice engine) {
        List<ModelSpec> specs =
                List.of(
                        spec(LANGUAGE, "{\"type\": \"gpt\", %s}".formatted(SIZES)),
                        spec(
                                LANGUAGE,
                                "{\"type\": \"gpt\", \"placement\": \"parallel\", %s}"
                                        .formatted(SIZES)),
                        spec(
                                LANGUAGE,
                                "{\"type\": \"gpt\", \"placement\": \"sandwich\", %s}"
                                        .formatted(SIZES)),
                        connected("x0"),
                        connected("denseFormer"),
                        connected("laurel"),
                        connected("valueResidual"),
                        connected("hyperConnections"),
                        spec(
                                LANGUAGE,
                                "{\"type\": \"llama\", \"mlpWidth\": 12, %s}".formatted(SIZES)),
                        spec(
                                "{\"type\": \"image\", \"shape\": [3, 8, 8]}",
                                "{\"type\": \"vit\", \"patch\": 4, \"width\": 8, \"depth\": 2,"
                                        + " \"heads\": 2, \"classes\": 3}"));
        for (ModelSpec spec : specs) {
            try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32)) {
                float[] before = predict(network);
                Growth.deepen(network, Map.of("blocks", 2), Method.IDENTITY, 1);
                assertArrayEquals(before, predict(network), spec.toString());
                assertEquals(spec.network().getClass(), network.spec().network().getClass());
                assertTrue(
                        network.parameters().keySet().stream()
                                .anyMatch(path -> path.startsWith("blocks.3.")));
            }
        }
    }

    @EachEngine
    void feedForwardNetworksAreWidened(EngineChoice engine) {
        for (String family : List.of("gpt", "llama")) {
            String mlp = family.equals("llama") ? ", \"mlpWidth\": 12" : ", \"mlpRatio\": 1.5";
            ModelSpec spec =
                    spec(LANGUAGE, "{\"type\": \"%s\"%s, %s}".formatted(family, mlp, SIZES));
            try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32)) {
                double[] before = doubles(predict(network));
                Growth.widen(network, Map.of("blocks.*.mlp.branch", 20), 1);
                assertClose(before, doubles(predict(network)), 1e-5, family);
                assertEquals(
                        new Shape(8, 20),
                        network.state().get("blocks.1.mlp.branch.down.weight").getShape());
            }
        }
    }

    /** The experts are widened, and not the network that all tokens share. */
    @EachEngine
    void expertsAreWidened(EngineChoice engine) {
        ModelSpec spec =
                spec(
                        LANGUAGE,
                        """
                        [{"type": "embedding", "name": "tokens", "vocabulary": 9, "width": 8},
                         {"type": "residual", "name": "mlp", "branch": {"type": "feedForward", "width": 12,
                          "gated": true, "experts": {"count": 3, "shared": 5}}},
                         {"type": "linear", "name": "head", "units": 9}]
                        """);
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32)) {
            double[] before = doubles(predict(network));
            Growth.widen(network, Map.of("mlp.branch", 20), 1);
            assertClose(before, doubles(predict(network)), 1e-5, "experts");
            Map<String, Parameter> state = network.state();
            assertEquals(
                    new Shape(8, 20), state.get("mlp.branch.experts.2.down.weight").getShape());
            assertEquals(new Shape(8, 5), state.get("mlp.branch.shared.down.weight").getShape());
        }
    }

    private static double[] doubles(float[] values) {
        double[] all = new double[values.length];
        Arrays.setAll(all, i -> values[i]);
        return all;
    }

    @EachEngine
    void normsOfSumsAreNoIdentity(EngineChoice engine) {
        for (String placement : List.of("post", "deepNorm")) {
            ModelSpec spec =
                    spec(
                            LANGUAGE,
                            "{\"type\": \"gpt\", \"placement\": \"%s\", %s}"
                                    .formatted(placement, SIZES));
            try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32)) {
                SpecException e =
                        assertThrows(
                                SpecException.class,
                                () ->
                                        Growth.deepen(
                                                network, Map.of("blocks", 1), Method.IDENTITY, 1));
                assertTrue(
                        String.valueOf(e.getMessage()).contains("a norm follows the sum"),
                        e.getMessage());
            }
        }
    }
}
