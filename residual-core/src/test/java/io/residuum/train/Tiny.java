package io.residuum.train;

import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Networks and a task that train in a blink. */
public final class Tiny {
    /** Has everything that draws at random or carries state. */
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [1, 8, 8]},
             "network": {"type": "sequential", "layers": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "residual", "name": "unit", "dropPath": {"rate": 0.5, "mode": "batch"}, "branch": [
                 {"type": "conv2d", "filters": 4, "kernel": 3, "padding": 1, "bias": false},
                 {"type": "norm"}, {"type": "activation"}]},
               {"type": "flatten"}, {"type": "dropout", "rate": 0.2},
               {"type": "linear", "name": "head", "units": 10}]}}
            """;

    /** Nothing random, no batch statistics: the loss is a plain function of the weights. */
    private static final String SMOOTH =
            """
            {"format": "residuum/1", "name": "smooth", "input": {"type": "features", "shape": [3]},
             "network": {"type": "sequential", "layers": [
               {"type": "linear", "name": "in", "units": 4},
               {"type": "activation", "function": "tanh"},
               {"type": "linear", "name": "out", "units": 3}]}}
            """;

    private Tiny() {}

    public static Backend backend(EngineChoice engine) {
        return Engines.backend(engine);
    }

    public static ModelSpec network() {
        return SpecJson.standard().parse(NETWORK, "tiny", ModelSpec.class);
    }

    public static ModelSpec smooth() {
        return SpecJson.standard().parse(SMOOTH, "smooth", ModelSpec.class);
    }

    /** Gives a network weights that a script in another language can repeat. */
    static void loadSines(Network network) {
        Map<String, Supplier<float[]>> initial = new LinkedHashMap<>();
        network.parameters()
                .forEach(
                        (path, p) -> {
                            int n = initial.size();
                            float[] values = new float[(int) p.getShape().size()];
                            for (int i = 0; i < values.length; i++) {
                                values[i] = (float) (0.4 * Math.sin(1.3 * i + n));
                            }
                            initial.put(path, () -> values);
                        });
        network.loadValues(initial);
    }

    /** Learned in seconds, by a network with 8 classes. */
    public static Task stripes() {
        return new Stripes(160, 80);
    }
}
