package io.residuum.inspect.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Specs;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.util.List;
import java.util.Objects;

class RankTest {
    private static final float[] TOKENS = {1, 2, 3, -2, 5, 8};

    private static NDArray tokens(NDManager manager, double scale, long... shape) {
        float[] values = TOKENS.clone();
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) scale;
        }
        return Values.create(manager, values, new Shape(shape), DataType.FLOAT32);
    }

    /**
     * Compared with NumPy: {@code r = x - x.mean(0)}; {@code sqrt(norm(r, 1) * norm(r, inf))} of
     * the tokens (1, 2), (3, -2), (5, 8) divided by that of x, and the Frobenius norms.
     */
    @EachEngine
    void dividesNorms(EngineChoice engine) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            for (double scale : new double[] {1, 1e-30}) {
                RankDistance distance = new RankDistance();
                distance.add(tokens(manager, scale, 1, 3, 2), null);
                assertEquals(0.7081133393917258, distance.composite(), 1e-5);
                assertEquals(0.7404637765356051, distance.frobenius(), 1e-5);
            }
            RankDistance masked = new RankDistance();
            NDArray mask =
                    Values.create(
                            manager, new float[] {1, 1, 0}, new Shape(1, 3), DataType.FLOAT32);
            masked.add(tokens(manager, 1, 1, 3, 2), mask);
            RankDistance first = new RankDistance();
            first.add(tokens(manager, 1, 1, 3, 2).get("0:1, 0:2"), null);
            assertEquals(Objects.requireNonNull(first.composite()), masked.composite(), 1e-6);
            RankDistance none = new RankDistance();
            none.add(manager.zeros(new Shape(2, 3, 4)), null);
            assertNull(none.composite());
        }
    }

    @EachEngine
    void takesThePositionsOfImagesAsTokens(EngineChoice engine) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            NDArray image = tokens(manager, 1, 1, 2, 1, 3);
            NDArray rows = RankDistance.tokens(image, image.getShape()).orElseThrow();
            assertEquals(new Shape(1, 3, 2), rows.getShape());
            assertEquals(-2, rows.toFloatArray()[1]);
            NDArray vector = tokens(manager, 1, 3, 2);
            assertTrue(RankDistance.tokens(vector, vector.getShape()).isEmpty());
        }
        try (Network network =
                Network.create(Specs.preactivation(3, 8, 6), Engines.backend(engine), 1)) {
            Subject subject =
                    Subject.random(network, 4, 4, 2, InspectionListener.NONE)
                            .withBatchStatistics(true);
            Table layers =
                    Inspection.run(subject, List.of(new Rank())).findings().get(0).table("layers");
            assertEquals(
                    List.of(
                            "layer",
                            "after",
                            "as is",
                            "no shortcuts",
                            "as is, Frobenius",
                            "no shortcuts, Frobenius"),
                    layers.columns());
            double[] whole = layers.numbers("as is, Frobenius");
            double[] branches = layers.numbers("no shortcuts, Frobenius");
            assertEquals(4, whole.length);
            assertEquals(whole[0], branches[0], 1e-6, "the input");
            assertTrue(Math.abs(whole[1] - branches[1]) > 1e-3, "the first unit");
        }
    }

    @EachEngine
    void needsTokens(EngineChoice engine) {
        try (Network network =
                Network.create(
                        Networks.ofFeatures(
                                """
                                {"type": "residual", "branch": [{"type": "linear", "units": 1}]}
                                """),
                        Engines.backend(engine),
                        1)) {
            Subject subject = Subject.random(network, 4, 4, 2, InspectionListener.NONE);
            String message =
                    assertThrows(
                                    InspectionException.class,
                                    () -> Inspection.run(subject, List.of(new Rank())))
                            .getMessage();
            assertTrue(message.startsWith("rank needs tokens"), message);
        }
    }
}
