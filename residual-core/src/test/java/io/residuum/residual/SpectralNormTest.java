package io.residuum.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpectralNormTest {
    private static LayerSpec spec(String layer, double bound) {
        String text =
                "{\"type\": \"spectralNorm\", \"bound\": %s, \"layer\": %s}"
                        .formatted(bound, layer);
        return SpecJson.standard().parse(text, "layer", LayerSpec.class);
    }

    private static final String LINEAR =
            "{\"type\": \"linear\", \"units\": 12, \"bias\": false, \"init\": {\"type\":"
                    + " \"normal\", \"std\": 1}}";

    private static final String CONV =
            "{\"type\": \"conv2d\", \"filters\": 3, \"kernel\": 3, \"padding\": 1, \"bias\":"
                    + " false}";

    /** Returns the largest factor by which a map without bias stretches some random inputs. */
    private static double stretch(Layer layer, NDManager manager, Shape shape, int steps) {
        layer.initialize(manager, DataType.FLOAT32, layer.inputShape());
        double[] values = new SplittableRandom(3).doubles(shape.size(), -1, 1).toArray();
        NDArray x = Values.create(manager, values, shape, DataType.FLOAT32);
        double most = 0;
        for (int i = 0; i < steps; i++) {
            ParameterStore store = new ParameterStore(manager, false);
            NDArray y = layer.forward(ForwardPass.of(store, new NDList(x), false), x);
            most = Math.max(most, norm(y) / norm(x));
            // Square maps: repeated application favours directions that are stretched most.
            x = y.div(norm(y));
        }
        return most;
    }

    private static double norm(NDArray x) {
        double sum = 0;
        for (float v : x.toFloatArray()) {
            sum += v * (double) v;
        }
        return Math.sqrt(sum);
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void boundsTheMap(EngineChoice engine) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            Layer linear = spec(LINEAR, 0.7).newBlock(new Shape(-1, 12));
            double stretched = stretch(linear, manager, new Shape(1, 12), 60);
            assertTrue(stretched <= 0.7 + 1e-5 && stretched > 0.4, "by " + stretched);
            Layer conv = spec(CONV, 0.7).newBlock(new Shape(-1, 3, 6, 6));
            stretched = stretch(conv, manager, new Shape(1, 3, 6, 6), 60);
            assertTrue(stretched <= 0.7 + 1e-5 && stretched > 0.1, "by " + stretched);
        }
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void leavesSmallWeights(EngineChoice engine) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            String constant =
                    "{\"type\": \"linear\", \"units\": 4, \"bias\": false, \"init\": {\"type\":"
                            + " \"constant\", \"value\": %s}}";
            // The norm of 4 x 4 equal values v is 4 v.
            for (double[] value : new double[][] {{0.1, 0.4}, {0, 0}, {1, 0.5}}) {
                Layer layer = spec(constant.formatted(value[0]), 0.5).newBlock(new Shape(-1, 4));
                layer.initialize(manager, DataType.FLOAT32, layer.inputShape());
                NDArray x = manager.ones(new Shape(1, 4));
                ParameterStore store = new ParameterStore(manager, false);
                NDArray y = layer.forward(ForwardPass.of(store, new NDList(x), false), x);
                assertEquals(value[1], y.toFloatArray()[0], 1e-5);
            }
        }
    }

    @Test
    void needsOneMap() {
        LayerSpec norm = spec("{\"type\": \"norm\"}", 0.7);
        SpecException e =
                assertThrows(SpecException.class, () -> norm.newBlock(new Shape(-1, 3, 6, 6)));
        assertTrue(e.getMessage().contains("a linear layer or a convolution"), e.getMessage());
    }
}
