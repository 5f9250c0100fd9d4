package io.residuum.nn;

import static io.residuum.testing.Tensors.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.NormSpec;
import io.residuum.spec.Normalization;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Map;

class LayerNormTest {

    /**
     * An engine may take another way in single precision than in double, whose gradients are
     * checked by finite differences.
     */
    @EachEngine
    void gradientsInSinglePrecisionAreThoseInDouble(EngineChoice engine) {
        Map<String, double[]> expected = gradients(Engines.backend(engine), DataType.FLOAT64);
        gradients(Engines.backend(engine), DataType.FLOAT32)
                .forEach((path, g) -> assertClose(expected.get(path), g, 1e-5, path));
    }

    private static Map<String, double[]> gradients(Backend backend, DataType type) {
        Normalization norm = new Normalization("", new NormSpec.OfLayer(1e-5, 1));
        Shape shape = new Shape(3, 7, 12);
        double[] x = Tensors.draw(1, shape.size());
        double[] weights = Tensors.draw(2, shape.size());
        try (Network network = Nets.shaken(Nets.spec(norm, 7, 12), backend, type);
                NDManager manager = backend.newManager()) {
            NDArray input = Tensors.create(manager, x, shape, type);
            return Nets.gradients(
                    network, input, true, Tensors.create(manager, weights, shape, type));
        }
    }
}
