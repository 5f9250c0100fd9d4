package io.residuum.nn;

import static io.residuum.testing.Tensors.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Layers for which an engine takes another way in single precision than in double. */
class SinglePrecisionTest {
    private static final List<Case> CASES =
            List.of(
                    new Case(new Normalization("layer", NormSpec.LAYER), 7, 12),
                    new Case(new Normalization("rms", new NormSpec.Rms(1e-5, 1)), 7, 12),
                    new Case(new Normalization("group", new NormSpec.Group(2, 1e-5, 1)), 6, 4, 3),
                    new Case(
                            Residual.builder("scaled", new Linear("linear", 12))
                                    .scale(new ScaleSpec.Learned(0.5, true))
                                    .build(),
                            7,
                            12));

    private record Case(LayerSpec layer, Integer... sample) {
        Shape batch() {
            return new Shape(3)
                    .addAll(new Shape(Arrays.stream(sample).mapToLong(i -> i).toArray()));
        }
    }

    /** Those in double precision are checked by finite differences elsewhere. */
    @EachEngine
    void gradientsAreThoseInDoublePrecision(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        for (Case c : CASES) {
            Map<String, double[]> expected = gradients(c, backend, DataType.FLOAT64);
            gradients(c, backend, DataType.FLOAT32)
                    .forEach(
                            (path, g) ->
                                    assertClose(
                                            expected.get(path), g, 1e-5, c.layer().name() + path));
        }
    }

    private static Map<String, double[]> gradients(Case c, Backend backend, DataType type) {
        Shape shape = c.batch();
        double[] x = Tensors.draw(1, shape.size());
        double[] weights = Tensors.draw(2, shape.size());
        try (Network network = Nets.shaken(Nets.spec(c.layer(), c.sample()), backend, type);
                NDManager manager = backend.newManager()) {
            NDArray input = Tensors.create(manager, x, shape, type);
            return Nets.gradients(
                    network, input, true, Tensors.create(manager, weights, shape, type));
        }
    }
}
