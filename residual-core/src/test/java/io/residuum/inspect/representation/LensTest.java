package io.residuum.inspect.representation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.UnitHook;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.testing.Engines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LensTest {
    private static Subject subject(Network network) {
        return Subject.random(network, 12, 6, 2, InspectionListener.NONE);
    }

    private static Table run(Network network) {
        return finding(network).table("units");
    }

    private static Finding finding(Network network) {
        return Inspection.run(subject(network), List.of(new Lens(0.9))).findings().get(0);
    }

    /**
     * After the last unit the lens reads the logits. After another one it reads those of a network
     * whose later units have branches of zero.
     */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void readsTheNetworkWithoutTheUnitsThatFollow(EngineChoice engine) {
        try (Network network = Network.create(Stacks.stages(4, 8), Engines.backend(engine), 1)) {
            Table lens = run(network);
            assertArrayEquals(new double[] {3, 4, 5}, lens.numbers("number"));
            double[] loss = lens.numbers("loss");
            assertEquals(1, lens.numbers("agreement")[2], "the last unit agrees with the network");
            assertEquals(0, lens.numbers("kl")[2]);
            assertEquals(1, lens.numbers("final")[2]);
            assertTrue(lens.numbers("kl")[0] > 1e-4);
            for (int unit = 1; unit >= 0; unit--) {
                String path = "stage2.units." + (unit + 1) + ".branch.conv2.weight";
                int size = (int) network.state().get(path).getShape().size();
                Map<String, Supplier<float[]>> zeros = new HashMap<>();
                zeros.put(path, () -> new float[size]);
                network.loadValues(zeros);
                assertEquals(loss[unit], run(network).numbers("loss")[2], 1e-5);
            }
        }
    }

    /** A repetition of the rest computes the same bits, also of a unit that runs several times. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLastUnitGivesTheLogits(boolean tied) {
        String units =
                """
                {"type": "repeat", "name": "units", "times": 3, "tied": %s, "layer": %s}
                """
                        .formatted(tied, Stacks.linearUnit(5));
        for (EngineChoice engine : Engines.all()) {
            try (Network network =
                    Network.create(Stacks.of(5, units), Engines.backend(engine), 1)) {
                Subject subject = subject(network);
                assertEquals(3, subject.units().size());
                subject.forEachBatch(
                        "rest",
                        batch -> {
                            try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
                                List<NDArray> streams = new ArrayList<>();
                                Rest rest =
                                        new Rest(
                                                subject.units(),
                                                new UnitHook(subject.units()) {
                                                    @Override
                                                    protected void unit(
                                                            int unit, Layer layer, NDList outputs) {
                                                        streams.add(outputs.head());
                                                    }
                                                });
                                NDList outputs = subject.observe(batch, rest);
                                assertArrayEquals(
                                        outputs.head().toFloatArray(),
                                        subject.observe(batch, rest.with(streams.get(2)))
                                                .head()
                                                .toFloatArray());
                                NDList first = subject.observe(batch, rest.with(streams.get(0)));
                                assertTrue(
                                        first.head()
                                                        .sub(outputs.head())
                                                        .abs()
                                                        .sum()
                                                        .toFloatArray()[0]
                                                > 1e-3);
                            }
                        });
                assertEquals(0, run(network).numbers("kl")[2]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void comparesBranchAndStream(EngineChoice engine) {
        String units =
                Stacks.linearUnit(3) + "," + Stacks.linearUnit(3).replace("unit\"", "unit2\"");
        try (Network network = Network.create(Stacks.of(3, units), Engines.backend(engine), 1)) {
            network.loadValues(
                    Map.of(
                            "unit.branch.fc.weight",
                            () -> new float[] {-.25f, 0, 0, 0, -.25f, 0, 0, 0, -.25f},
                            // A rotation by a right angle of two numbers, and nothing of the third.
                            "unit2.branch.fc.weight",
                            () -> new float[] {0, -1, 0, 1, 0, 0, 0, 0, 0}));
            Table found = finding(network).table("contributions");
            assertEquals(0.25, found.numbers("ratio")[0], 1e-6);
            assertEquals(-1, found.numbers("cosine")[0], 1e-6);
            assertEquals(0, found.numbers("cosine")[1], 1e-6);
            double norm = found.numbers("stream norm")[0];
            assertEquals(0.75 * norm, found.numbers("stream norm")[1], 1e-5);
        }
    }

    @Test
    void needsTwoUnitsOfOneShape() {
        String units =
                Stacks.linearUnit(3)
                        + ", {\"type\": \"linear\", \"units\": 4},"
                        + Stacks.linearUnit(4).replace("unit\"", "unit2\"");
        try (Network network =
                Network.create(Stacks.of(3, units), Engines.backend(EngineChoice.PYTORCH), 1)) {
            assertThrows(InspectionException.class, () -> run(network));
        }
    }
}
