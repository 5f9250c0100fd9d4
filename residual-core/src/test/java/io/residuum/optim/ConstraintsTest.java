package io.residuum.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.testing.EachEngine;
import io.residuum.train.Recipe;
import io.residuum.train.Tiny;
import io.residuum.train.TrainingStep;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Constraints hold before the first step and after each, and leave other parameters alone. */
class ConstraintsTest {
    private static final float[] INPUTS = {1, -2, 0.5f, 0.3f, 1, -1};
    private static final int[] LABELS = {0, 2};

    private static Recipe recipe(WeightConstraint... constraints) {
        return Recipe.builder().constraints(List.of(constraints)).build();
    }

    private static double[][] rows(Network network, String path, int columns) {
        float[] all = Values.floats(network.parameters().get(path).getArray());
        double[][] rows = new double[all.length / columns][columns];
        for (int i = 0; i < all.length; i++) {
            rows[i / columns][i % columns] = all[i];
        }
        return rows;
    }

    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[][] transposed(double[][] m) {
        double[][] t = new double[m[0].length][m.length];
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < t.length; j++) {
                t[j][i] = m[i][j];
            }
        }
        return t;
    }

    private static void train(TrainingStep step) {
        step.backward(INPUTS, LABELS, null, 1);
        step.update(0.5);
    }

    @EachEngine
    void vectorsKeepUnitNormAlongTheirAxis(EngineChoice engine) {
        Recipe recipe =
                recipe(
                        new WeightConstraint("in.weight", new ConstraintSpec.UnitNorm(1)),
                        new WeightConstraint("out.weight", new ConstraintSpec.UnitNorm(0)));
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                Network free = Network.create(Tiny.smooth(), Tiny.backend(engine), 3)) {
            double[] first = rows(free, "in.weight", 3)[0];
            try (TrainingStep step = new TrainingStep(network, recipe)) {
                double[] start = rows(network, "in.weight", 3)[0];
                double norm = Math.sqrt(product(first, first));
                for (int i = 0; i < 3; i++) {
                    assertEquals(first[i] / norm, start[i], 1e-6);
                }
                for (int i = 0; i < 3; i++) {
                    train(step);
                    for (double[] row : rows(network, "in.weight", 3)) {
                        assertEquals(1, product(row, row), 1e-5);
                    }
                    for (double[] column : transposed(rows(network, "out.weight", 4))) {
                        assertEquals(1, product(column, column), 1e-5);
                    }
                }
                double[] moved = rows(network, "in.weight", 3)[0];
                assertTrue(product(moved, start) < 1 - 1e-4, Arrays.toString(moved));
                assertTrue(product(rows(network, "out.bias", 3)[0], new double[] {1, 1, 1}) != 0);
            }
        }
    }

    @EachEngine
    void rowsStayOrthonormalAndNormsBelowTheirBound(EngineChoice engine) {
        Recipe recipe =
                recipe(
                        new WeightConstraint("in.weight", new ConstraintSpec.Orthogonal(5)),
                        new WeightConstraint("out.weight", new ConstraintSpec.MaxNorm(0.3, 1)));
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            for (int i = 0; i < 3; i++) {
                train(step);
                double[][] columns = transposed(rows(network, "in.weight", 3));
                for (int a = 0; a < 3; a++) {
                    for (int b = 0; b < 3; b++) {
                        assertEquals(a == b ? 1 : 0, product(columns[a], columns[b]), 1e-4);
                    }
                }
                for (double[] row : rows(network, "out.weight", 4)) {
                    assertTrue(product(row, row) < 0.09 + 1e-6);
                }
            }
        }
    }

    @Test
    void saysWhatDoesNotFit() {
        try (Network network =
                Network.create(Tiny.smooth(), Tiny.backend(EngineChoice.PYTORCH), 3)) {
            for (WeightConstraint wrong :
                    List.of(
                            new WeightConstraint("*.bias", new ConstraintSpec.UnitNorm(1)),
                            new WeightConstraint("in.bias", new ConstraintSpec.Orthogonal(5)),
                            new WeightConstraint("none", new ConstraintSpec.UnitNorm(0)))) {
                SpecException e =
                        assertThrows(
                                SpecException.class,
                                () -> new TrainingStep(network, recipe(wrong)).close());
                assertTrue(
                        e.getMessage().contains(wrong.pattern().replace("*", "in")),
                        e.getMessage());
            }
        }
    }

    @EachEngine
    void zerosHaveNoNearestArray(EngineChoice engine) {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3)) {
            network.parameters().get("in.weight").getArray().muli(0);
            SpecException e =
                    assertThrows(
                            SpecException.class,
                            () ->
                                    new TrainingStep(
                                                    network,
                                                    recipe(
                                                            new WeightConstraint(
                                                                    "in.weight",
                                                                    new ConstraintSpec.Orthogonal(
                                                                            5))))
                                            .close());
            assertTrue(
                    e.getMessage().contains("must not start as zeros, got in.weight"),
                    e.getMessage());
            WeightConstraint bounded =
                    new WeightConstraint("in.weight", new ConstraintSpec.MaxNorm(1, 1));
            try (TrainingStep step = new TrainingStep(network, recipe(bounded))) {
                train(step);
            }
            assertTrue(Double.isFinite(rows(network, "in.weight", 3)[0][0]));
        }
    }
}
