package io.residuum.transformer;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;

/** Two streams that update each other by cross-attention, as side inputs of residual units. */
class TwoStreamsTest {
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "streams",
             "input": {"type": "features", "shape": [5, 4]},
             "network": {"type": "graph", "outputs": ["a", "b"], "layers": [
               {"type": "linear", "name": "a", "units": 8},
               {"type": "linear", "name": "b", "from": "input", "units": 6},
               {"type": "repeat", "name": "blocks", "times": 2, "from": ["a", "b"],
                "to": ["a", "b"], "layer":
                 {"type": "graph", "inputs": ["a", "b"], "outputs": ["a", "b"], "layers": [
                   {"type": "residual", "name": "row", "from": "a", "with": {"memory": "b"},
                    "to": "a", "before": {"norm": "layer"},
                    "branch": {"type": "attention", "heads": 2, "memory": 6}},
                   {"type": "residual", "name": "column", "from": "b", "with": {"memory": "a"},
                    "to": "b", "before": {"norm": "layer"},
                    "branch": {"type": "attention", "heads": 2, "memory": 8}}]}}]}}
            """;

    @EachEngine
    void readEachOtherInEveryBlock(EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(SPEC, "test", ModelSpec.class);
        // The other stream is the memory. A caller may still hide positions of it.
        assertEquals("memoryMask", spec.newBlock().sideInputs().toString());
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 3, 5, 4));
            Map<String, double[]> expected = values(network.predictAll(x));
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            values(network.predictAll(x))
                    .forEach((name, y) -> assertClose(expected.get(name), y, 1e-5, name));
            // The last block's reading of b by a, and of a by b, changes the outputs.
            for (String path : new String[] {"row", "column"}) {
                NDArray weight =
                        network.state()
                                .get("blocks.1.%s.branch.v.weight".formatted(path))
                                .getArray();
                double[] before = Tensors.values(weight);
                Tensors.set(weight, new double[before.length]);
                network.parametersChanged();
                double[] a = values(network.predictAll(x)).get("a");
                double[] b = values(network.predictAll(x)).get("b");
                Tensors.set(weight, before);
                network.parametersChanged();
                assertEquals(path.equals("row"), differs(expected.get("a"), a), path);
                assertTrue(differs(expected.get("b"), b), path);
            }
        }
    }

    private static boolean differs(double[] one, double[] other) {
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]));
        }
        return largest > 1e-3;
    }

    private static Map<String, double[]> values(Map<String, NDArray> outputs) {
        Map<String, double[]> values = new LinkedHashMap<>();
        outputs.forEach((name, y) -> values.put(name, Tensors.values(y)));
        return values;
    }
}
