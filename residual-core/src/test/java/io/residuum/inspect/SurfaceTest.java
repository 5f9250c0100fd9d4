package io.residuum.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.Seeds;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.testing.Engines;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SurfaceTest {
    private static final int SEED = 5;

    private static double loss(Subject subject) {
        double[] sum = {0, 0};
        subject.forEachBatch(
                "loss",
                batch -> {
                    try (Ops.Pause pause = subject.network().backend().ops().pauseRecording()) {
                        var outputs = subject.observe(batch, (layer, out) -> {});
                        float mean = subject.loss(outputs, batch.targets()).toFloatArray()[0];
                        sum[0] += (double) mean * batch.size();
                        sum[1] += batch.size();
                    }
                });
        return sum[0] / sum[1];
    }

    private static Map<String, float[]> values(Network network) {
        Map<String, float[]> values = new LinkedHashMap<>();
        network.state().forEach((path, p) -> values.put(path, p.getArray().toFloatArray()));
        return values;
    }

    /** A corner of the slice is the loss of a network whose weights the test itself has moved. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void isTheLossOfMovedWeightsAndRestoresThem(EngineChoice engine) {
        try (Network network =
                Network.create(Specs.preactivation(2, 4, 6), Engines.backend(engine), 1)) {
            Subject subject = Subject.random(network, 6, 3, SEED, InspectionListener.NONE);
            Map<String, float[]> before = values(network);
            Finding found =
                    Inspection.run(subject, List.of(new Surface(3, 0.5, 2))).findings().get(0);
            values(network).forEach((path, v) -> assertArrayEquals(before.get(path), v, path));
            double[] losses = found.table("points").numbers("loss");
            assertEquals(9, losses.length);
            assertEquals(loss(subject), losses[4], 1e-12, "the middle is the network");

            Map<String, Supplier<float[]>> moved = new HashMap<>();
            int index = 0;
            for (var entry : network.parameters().entrySet()) {
                if (entry.getValue().getShape().dimension() < 2) {
                    continue;
                }
                float[] w = before.get(entry.getKey());
                int filters = (int) entry.getValue().getShape().get(0);
                float[] x = Slice.direction(w, filters, Seeds.random(SEED, 0, index));
                float[] y = Slice.direction(w, filters, Seeds.random(SEED, 1, index));
                index++;
                float[] there = new float[w.length];
                for (int i = 0; i < w.length; i++) {
                    there[i] = (float) (w[i] + 0.5 * x[i] - 0.5 * y[i]);
                }
                moved.put(entry.getKey(), () -> there);
            }
            assertTrue(index > 3);
            network.loadValues(moved);
            // Rows are steps along the second direction, columns along the first.
            assertEquals(loss(subject), losses[2], 1e-5 * losses[2]);
            assertEquals(1, found.figures().size());
        }
    }

    @Test
    void directionsHaveTheNormsOfFilters() {
        float[] weights = {3, 4, 0, 0, 0, 0, 1, 1, 1};
        float[] direction = Slice.direction(weights, 3, Seeds.random(1));
        double[] norms = new double[3];
        for (int i = 0; i < 9; i++) {
            norms[i / 3] += direction[i] * direction[i];
        }
        assertArrayEquals(new double[] {25, 0, 3}, norms, 1e-5);
    }

    @Test
    void aLineHasOneDirection() {
        try (Network network =
                Network.create(
                        Specs.preactivation(1, 4, 6), Engines.backend(EngineChoice.PYTORCH), 1)) {
            Subject subject = Subject.random(network, 3, 3, SEED, InspectionListener.NONE);
            Finding found = new Surface(5, 1, 1).run(subject);
            assertEquals(List.of("x", "loss"), found.table("points").columns());
            assertArrayEquals(
                    new double[] {-1, -0.5, 0, 0.5, 1}, found.table("points").numbers("x"));
            assertEquals(loss(subject), found.table("points").numbers("loss")[2], 1e-12);
            assertEquals("line", found.figures().get(0).name());
        }
    }

    @Test
    void refusesSlicesWithoutAMiddle() {
        assertThrows(SpecException.class, () -> new Surface(24, 1, 2));
        assertThrows(SpecException.class, () -> new Surface(25, 1, 3));
    }
}
