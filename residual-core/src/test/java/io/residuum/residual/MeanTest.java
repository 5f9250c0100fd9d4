package io.residuum.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Means of columns, of which training drops some. */
class MeanTest {
    private static final int STEPS = 600;

    /** Columns that multiply by 1, 10 and 100. */
    private static final String COLUMNS =
            """
            {"type": "graph", "layers": [
              {"type": "activation", "name": "a", "function": {"type": "scaled", "of": "none", "factor": 1}},
              {"type": "activation", "name": "b", "from": "input",
               "function": {"type": "scaled", "of": "none", "factor": 10}},
              {"type": "activation", "name": "c", "from": "input",
               "function": {"type": "scaled", "of": "none", "factor": 100}},
              %s]}
            """;

    private static LayerSpec layer(String nodes) {
        return SpecJson.standard().parse(COLUMNS.formatted(nodes), "layer", LayerSpec.class);
    }

    /** Counts the outputs of training for an input of 1, times 6. */
    private static Map<Long, Integer> outputs(Network network, int steps) {
        Map<Long, Integer> counts = new TreeMap<>();
        try (NDManager manager = network.backend().newManager()) {
            NDArray one = Tensors.create(manager, new double[] {1, 1}, SHAPE, DataType.FLOAT32);
            for (int i = 0; i < steps; i++) {
                NDArray y = network.forward(new NDList(one), true);
                double[] values = Tensors.values(y);
                assertEquals(values[0], values[1], "one draw for a batch");
                counts.merge(Math.round(6 * values[0]), 1, Integer::sum);
                y.close();
            }
        }
        return counts;
    }

    private static final Shape SHAPE = new Shape(2, 1);

    private static Network network(EngineChoice engine, LayerSpec layer) {
        return Network.create(Nets.spec(layer, 1), Engines.backend(engine), 1);
    }

    @EachEngine
    void dropsInputsButNeverAll(EngineChoice engine) {
        LayerSpec layer =
                layer("{\"type\": \"mean\", \"from\": [\"a\", \"b\", \"c\"], \"dropPath\": 0.5}");
        try (Network network = network(engine, layer);
                NDManager manager = network.backend().newManager()) {
            NDArray one = Tensors.create(manager, new double[] {1, 1}, SHAPE, DataType.FLOAT32);
            assertEquals(37, Tensors.values(network.predict(new NDList(one)))[0], 1e-5);
            Map<Long, Integer> counts = outputs(network, STEPS);
            // One alone stays with 1/8, and with 1/3 of the 1/8 in which none would.
            Map<Long, Double> shares =
                    Map.of(
                            6L, 1 / 6.0, 60L, 1 / 6.0, 600L, 1 / 6.0, 33L, 1 / 8.0, 303L, 1 / 8.0,
                            330L, 1 / 8.0, 222L, 1 / 8.0);
            assertEquals(shares.keySet(), counts.keySet());
            shares.forEach(
                    (value, share) ->
                            assertEquals(
                                    share, counts.get(value) / (double) STEPS, 0.06, "" + value));
            network.reseed(7);
            Map<Long, Integer> once = outputs(network, 20);
            network.reseed(7);
            assertEquals(once, outputs(network, 20));
        }
    }

    /** All means of a network keep the same column: 1, 10 x 10 or 100 x 100. */
    @EachEngine
    void keepsOneColumnOfTheNetwork(EngineChoice engine) {
        LayerSpec layer =
                layer(
                        """
                        {"type": "mean", "name": "first", "from": ["b", "c"], "global": 1, "columns": 3},
                        {"type": "activation", "name": "bb", "from": "first",
                         "function": {"type": "scaled", "of": "none", "factor": 10}},
                        {"type": "activation", "name": "cc", "from": "first",
                         "function": {"type": "scaled", "of": "none", "factor": 100}},
                        {"type": "mean", "from": ["a", "bb", "cc"], "global": 1}
                        """);
        try (Network network = network(engine, layer)) {
            Map<Long, Integer> counts = outputs(network, 300);
            assertEquals(Set.of(6L, 600L, 60000L), counts.keySet());
            counts.values().forEach(count -> assertEquals(100, count, 40));
        }
    }

    @Test
    void saysWhatIsWrong() {
        assertRefused("[\"a\"]", "must join two or more values");
        assertRefused(
                "[\"a\", \"b\", \"c\"], \"columns\": 2",
                "columns must be at least the number of inputs, got 2 and 3 inputs");
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () ->
                                layer(
                                        "{\"type\": \"mean\", \"from\": [\"a\", \"b\"], \"global\":"
                                                + " 2}"));
        assertTrue(e.getMessage().contains("global must be in [0, 1], got 2"), e.getMessage());
    }

    private static void assertRefused(String from, String reason) {
        String rest =
                "{\"type\": \"mean\", \"from\": %s}, {\"type\": \"concat\", \"from\": [\"3\","
                        + " \"a\", \"b\", \"c\"]}";
        LayerSpec layer = layer(rest.formatted(from));
        SpecException e = assertThrows(SpecException.class, () -> Nets.spec(layer, 1).newBlock());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
