package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Memory of arrays in training steps of 20 and of 200 blocks. */
class ReversibleMemoryTest {
    private static final int BATCH = 16;
    private static final int SIZE = 16;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [3, 16, 16]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "padding": 1},
               {"type": "sequential", "stream": {"type": "reversible", "split": true}, "layers": [%s]},
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "head", "units": 4}]}
            """;

    private static final String UNIT =
            """
            {"type": "residual", "before": {"activation": "tanh"},
             "branch": {"type": "conv2d", "filters": 4, "kernel": 1}, "scale": {"type": "byDepth"}}
            """;

    private static long bytes(NDManager manager) {
        long sum = 0;
        try {
            Field resources = BaseNDManager.class.getDeclaredField("resources");
            resources.setAccessible(true);
            for (Object resource : ((Map<?, ?>) resources.get(manager)).values()) {
                if (resource instanceof NDArray array) {
                    sum += array.size() * array.getDataType().getNumOfBytes();
                } else if (resource instanceof NDManager inner) {
                    sum += bytes(inner);
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
        return sum;
    }

    /** Returns the most bytes that arrays take while a layer begins or ends. */
    private static long peak(Backend backend, int blocks, boolean recomputes) {
        String units = (UNIT + ",").repeat(2 * blocks - 1) + UNIT;
        ModelSpec spec =
                SpecJson.standard().parse(NETWORK.formatted(units), "net", ModelSpec.class);
        Recipe recipe =
                Recipe.builder()
                        .optimizer(new OptimizerSpec.Sgd(0, false, 0))
                        .recomputeActivations(recomputes)
                        .build();
        long[] most = {0};
        long before = bytes(backend.manager());
        ForwardHook hook =
                new ForwardHook() {
                    @Override
                    public void before(Layer layer, NDList inputs) {
                        sample(layer);
                    }

                    @Override
                    public void after(Layer layer, NDList outputs) {
                        sample(layer);
                    }

                    private void sample(Layer layer) {
                        if (layer.describe().startsWith("Conv")) {
                            most[0] = Math.max(most[0], bytes(backend.manager()) - before);
                        }
                    }
                };
        try (Network network = Network.create(spec, backend, 5);
                TrainingStep training = new TrainingStep(network, recipe, Assertions::fail);
                ForwardHook.Handle hooked = network.registerForwardHook(hook)) {
            float[] images = new float[BATCH * 3 * SIZE * SIZE];
            for (int i = 0; i < images.length; i++) {
                images[i] = (float) Math.sin(i);
            }
            training.backward(images, new int[BATCH], null, 1);
            assertTrue(Objects.requireNonNull(training.poll(0)).loss() > 0);
        }
        assertEquals(before, bytes(backend.manager()));
        return most[0];
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void tenTimesTheBlocksTakeTheSameMemory(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        long few = peak(backend, 20, true);
        long many = peak(backend, 200, true);
        long kept = peak(backend, 20, false);
        String found = "%d, %d, and %d bytes with all kept".formatted(few, many, kept);
        assertTrue(many <= 1.2 * few, found);
        assertTrue(kept > 3 * few, found);
    }
}
