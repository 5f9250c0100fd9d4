package io.residuum.inspect.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Score;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LesionTest {
    private static final double EXACT = 1e-5;

    /** The "loss" is the output for the input 1, so that each lesion has a value by hand. */
    private static final EvaluationSet OUTPUT_OF_ONE =
            EvaluationSet.of(
                    1,
                    (network, options) -> {
                        try (NDManager manager = network.backend().newManager()) {
                            NDArray one =
                                    Values.create(
                                            manager,
                                            new float[] {1},
                                            new Shape(1, 1),
                                            DataType.FLOAT32);
                            double y = network.predict(new NDList(one)).toFloatArray()[0];
                            return EvaluationResult.of(Score.ofLoss(y), List.of());
                        }
                    });

    private static Finding lesion(Network network) {
        Subject subject =
                Subject.random(network, 1, 1, 3, InspectionListener.NONE)
                        .withEvaluation("one", OUTPUT_OF_ONE);
        return Inspection.run(subject, List.of(new Lesion(2, 5))).findings().get(0);
    }

    private static void load(Network network, String unit, float weight, float bias) {
        network.loadValues(
                Map.of(
                        unit + ".weight",
                        () -> new float[] {weight},
                        unit + ".bias",
                        () -> new float[] {bias}));
    }

    /** y = x + a x + b for each of two units. */
    @EachEngine
    void deletesAndSwapsAffineUnits(EngineChoice engine) {
        try (Network network =
                Network.create(
                        Networks.ofFeatures(
                                """
                                {"type": "residual", "name": "first", "branch":
                                  [{"type": "linear", "name": "map", "units": 1}]},
                                {"type": "residual", "name": "second", "branch":
                                  [{"type": "linear", "name": "map", "units": 1}]}
                                """),
                        Engines.backend(engine),
                        1)) {
            load(network, "first.branch.map", 1, 3);
            load(network, "second.branch.map", 2, 5);
            Finding found = lesion(network);

            // (1 + 1) 1 + 3 = 5, then (1 + 2) 5 + 5 = 20
            assertEquals(20, found.table("network").numbers("loss")[0], EXACT);
            double[] single = found.table("units").numbers("loss");
            assertEquals(3 + 5, single[0], EXACT, "the first deleted");
            assertEquals(5, single[1], EXACT, "the second deleted");
            Table deletions = found.table("deletions");
            assertEquals(6.5, deletions.numbers("loss")[0], EXACT, "one deleted");
            assertEquals(1, deletions.numbers("loss")[1], EXACT, "all deleted");
            assertEquals(5, deletions.numbers("lowest loss")[0], EXACT);
            assertEquals(8, deletions.numbers("highest loss")[0], EXACT);
            Table swaps = found.table("swaps");
            double[] loss = swaps.numbers("loss");
            double[] tau = swaps.numbers("Kendall tau");
            assertEquals(4, loss.length);
            for (int i = 0; i < loss.length; i++) {
                // One swap exchanges the two, another one brings them back.
                boolean swapped = i < 2;
                assertEquals(swapped ? -1 : 1, tau[i]);
                assertEquals(swapped ? 2 * 8 + 3 : 20, loss[i], EXACT);
            }
            assertNull(found.table("units").rows().get(0).get(3), "there is no error");
        }
    }

    /** Only the shortcut of a deleted unit remains, however it is merged. */
    @EachEngine
    void leavesTheShortcutOfEveryMerge(EngineChoice engine) {
        String unit =
                """
                {"type": "residual", "merge": %s, "branch":
                  [{"type": "linear", "name": "map", "units": 1}]},
                {"type": "linear", "name": "last", "units": 1}
                """;
        Map<String, Double> shortcuts =
                Map.of(
                        "{\"type\": \"gate\", \"bias\": 1.0}", 1.0,
                        "{\"type\": \"gate\", \"on\": \"shortcut\"}", 1.0,
                        "{\"type\": \"add\", \"shortcut\": 0.5}", 0.5,
                        "\"concat\"", 1.0,
                        "\"gru\"", 1.0,
                        "\"delta\"", 1.0,
                        "\"slerp\"", 1.0);
        shortcuts.forEach(
                (merge, left) -> {
                    try (Network network =
                            Network.create(
                                    Networks.ofFeatures(unit.formatted(merge)),
                                    Engines.backend(engine),
                                    1)) {
                        load(network, "0.branch.map", 7, 7);
                        boolean concat = merge.equals("\"concat\"");
                        network.loadValues(
                                Map.of(
                                        "last.weight",
                                        () -> concat ? new float[] {1, 9} : new float[] {1},
                                        "last.bias",
                                        () -> new float[] {0}));
                        Finding found = lesion(network);
                        assertEquals(left, found.table("units").numbers("loss")[0], EXACT, merge);
                    }
                });
    }

    @EachEngine
    void makesPlainUnitsTheIdentity(EngineChoice engine) {
        try (Network network =
                Network.create(
                        Networks.ofFeatures(
                                """
                                {"type": "residual", "shortcut": "none", "branch":
                                  [{"type": "linear", "name": "map", "units": 1}]},
                                {"type": "residual", "shortcut": "none", "branch":
                                  [{"type": "linear", "name": "map", "units": 2}]},
                                {"type": "linear", "name": "last", "units": 1}
                                """),
                        Engines.backend(engine),
                        1)) {
            load(network, "0.branch.map", 4, 2);
            network.loadValues(
                    Map.of(
                            "1.branch.map.weight",
                            () -> new float[] {1, 10},
                            "last.weight",
                            () -> new float[] {1, 1}));
            Table units = lesion(network).table("units");
            assertEquals(11, units.numbers("loss")[0], EXACT);
            assertNull(units.rows().get(1).get(4));
            assertEquals(
                    "no shortcut, and changes the shape: (-1, 1) -> (-1, 2)",
                    units.rows().get(1).get(6));
        }
    }

    @EachEngine
    void needsUnitsAndLabels(EngineChoice engine) {
        try (Network network =
                Network.create(
                        Networks.ofFeatures("{\"type\": \"linear\", \"units\": 2}"),
                        Engines.backend(engine),
                        1)) {
            String message =
                    assertThrows(InspectionException.class, () -> lesion(network)).getMessage();
            assertTrue(message.contains("a unit that can be deleted or swapped"), message);
            Subject random = Subject.random(network, 1, 1, 3, InspectionListener.NONE);
            assertThrows(InspectionException.class, random::evaluation);
        }
    }

    @Test
    void kendallsTauCountsInversions() {
        assertEquals(1, Lesion.kendallTau(new int[] {0, 1, 2, 3}));
        assertEquals(-1, Lesion.kendallTau(new int[] {3, 2, 1, 0}));
        // 4 of 10 pairs are inverted
        assertEquals(0.2, Lesion.kendallTau(new int[] {2, 1, 0, 4, 3}), 1e-12);
    }
}
