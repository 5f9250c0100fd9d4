package io.residuum.model;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.residual.Ode;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import io.residuum.train.Tiny;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OdeSolverTest {
    private static ModelSpec spec(String method, int steps) {
        String json =
                """
                {"format": "residuum/1", "name": "ode", "input": {"type": "features", "shape": [3]},
                 "network": [
                   {"type": "residual", "name": "unit", "branch":
                     {"type": "ode", "name": "flow", "method": "%s", "steps": %s, "layer": [
                       {"type": "linear", "units": 3}, {"type": "activation", "function": "tanh"}]}},
                   {"type": "linear", "name": "head", "units": 2}]}
                """
                        .formatted(method, steps);
        return SpecJson.standard().parse(json, "ode", ModelSpec.class);
    }

    private static double[] outputs(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray x =
                    Tensors.create(manager, Tensors.draw(1, 6), new Shape(2, 3), DataType.FLOAT32);
            return Tensors.values(network.predict(new NDList(x)));
        }
    }

    @EachEngine
    void aChangedNetworkIsTheOneOfThatMethodWithTheSameWeights(EngineChoice engine) {
        try (Network trained = Network.create(spec("euler", 3), Engines.backend(engine), 1);
                Network wanted = Network.create(spec("rk4", 2), Engines.backend(engine), 2)) {
            Map<String, Supplier<float[]>> weights = new HashMap<>();
            trained.parameters()
                    .forEach((path, p) -> weights.put(path, () -> p.getArray().toFloatArray()));
            wanted.loadValues(weights);
            double[] before = outputs(trained);
            OdeSolver.change(trained, Ode.Method.RK4, 2);
            assertEquals(wanted.spec(), trained.spec());
            assertClose(outputs(wanted), outputs(trained), 0, "outputs");
            double largest = 0;
            for (int i = 0; i < before.length; i++) {
                largest = Math.max(largest, Math.abs(before[i] - outputs(trained)[i]));
            }
            assertTrue(largest > 1e-4 && largest < 0.5, "Euler's error is " + largest);
            OdeSolver.change(trained, Ode.Method.EULER, 0);
            assertEquals(spec("euler", 2), trained.spec());
        }
    }

    @Test
    void aNetworkWithoutEquationsHasNoSolver() {
        try (Network network =
                Network.create(Tiny.smooth(), Engines.backend(EngineChoice.PYTORCH), 1)) {
            SpecException e =
                    assertThrows(
                            SpecException.class,
                            () -> OdeSolver.change(network, Ode.Method.RK4, 0));
            assertTrue(e.getMessage().contains("found none in smooth"), e.getMessage());
        }
    }
}
