package io.residuum.inspect.representation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.Seeds;
import io.residuum.engine.EngineChoice;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JacobianTest {
    /** numpy.linalg.svd(I + W), with W as below in float32. */
    private static final double[] SINGULAR_VALUES = {
        1.7021406799715846,
        1.363064228042219,
        1.0000000012318229,
        0.9999999822177709,
        0.7888877081821731,
        0.5195482827739295
    };

    private static float[] weights() {
        float[] w = new float[36];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) (0.3 * Math.sin(1 + 7 * (i / 6) + 3 * (i % 6) * (i % 6)));
        }
        return w;
    }

    private static Table run(Network network, boolean batchStatistics, Jacobian jacobian) {
        Subject subject =
                Subject.random(network, 8, 4, 2, InspectionListener.NONE)
                        .withBatchStatistics(batchStatistics);
        return Inspection.run(subject, List.of(jacobian)).findings().get(0).table("units");
    }

    /** Row by row and by Lanczos steps that span the space. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void ofALinearUnitAreTheSingularValuesOfItsMatrix(EngineChoice engine) {
        try (Network network =
                Network.create(Stacks.of(6, Stacks.linearUnit(6)), Engines.backend(engine), 1)) {
            network.loadValues(Map.of("unit.branch.fc.weight", JacobianTest::weights));
            double meanLog = Arrays.stream(SINGULAR_VALUES).map(Math::log).average().orElseThrow();
            Table rows = run(network, false, new Jacobian(2, 6, 512));
            assertEquals("exact", rows.rows().get(0).get(4));
            assertEquals(SINGULAR_VALUES[0], rows.numbers("largest")[0], 1e-9);
            assertEquals(SINGULAR_VALUES[5], rows.numbers("smallest")[0], 1e-9);
            assertEquals(meanLog, rows.numbers("mean log")[0], 1e-9);
            assertEquals(0, rows.numbers("zeros")[0]);
            Table steps = run(network, false, new Jacobian(2, 6, 0));
            assertEquals("Lanczos", steps.rows().get(0).get(4));
            assertEquals(SINGULAR_VALUES[0], steps.numbers("largest")[0], 1e-5);
            assertEquals(SINGULAR_VALUES[5], steps.numbers("smallest")[0], 1e-5);
        }
    }

    /** Both ways agree on units that are not linear, where norms use statistics of either kind. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void lanczosStepsFindTheExtremeValues(EngineChoice engine) {
        try (Network network = Network.create(Stacks.stages(2, 4), Engines.backend(engine), 1)) {
            for (boolean statistics : new boolean[] {false, true}) {
                Table rows = run(network, statistics, new Jacobian(1, 24, 512));
                Table steps = run(network, statistics, new Jacobian(1, 32, 0));
                double[] largest = rows.numbers("largest");
                assertEquals(5, largest.length);
                assertArrayEquals(largest, steps.numbers("largest"), 2e-2 * largest[0]);
                assertArrayEquals(
                        rows.numbers("smallest"), steps.numbers("smallest"), 2e-2 * largest[0]);
                assertTrue(largest[0] > 1.05, "the branch is part of it");
            }
            float[] mean = network.buffers().values().iterator().next().getArray().toFloatArray();
            assertArrayEquals(new float[mean.length], mean, "the network stays as it is");
        }
    }

    /** The shares of a quadrature give the mean of a function of the spectrum. */
    @Test
    void aQuadratureApproximatesTheMean() {
        int n = 200;
        double[] diagonal = new double[n];
        Arrays.setAll(diagonal, i -> 0.5 + 1.5 * i / (n - 1));
        LinearMap map =
                new LinearMap() {
                    @Override
                    public int inputs() {
                        return n;
                    }

                    @Override
                    public int outputs() {
                        return n;
                    }

                    @Override
                    public double[] times(double[] v) {
                        double[] y = new double[n];
                        Arrays.setAll(y, i -> diagonal[i] * v[i]);
                        return y;
                    }

                    @Override
                    public double[] transposedTimes(double[] u) {
                        return times(u);
                    }
                };
        double expected = Arrays.stream(diagonal).map(Math::log).average().orElseThrow();
        double sum = 0;
        for (int i = 0; i < 20; i++) {
            Spectrum s = Spectrum.of(map, 10, Seeds.random(i));
            assertEquals(1, Arrays.stream(s.shares()).sum(), 1e-12);
            assertEquals(2, s.largest(), 0.03);
            sum += s.meanLog() / 20;
        }
        assertEquals(expected, sum, 0.02);
    }

    @Test
    void countsValuesThatAreZero() {
        Spectrum s = Spectrum.of(new DMatrixRMaj(new double[][] {{2, 0, 0}, {0, 1, 0}, {0, 0, 0}}));
        assertEquals(1.0 / 3, s.zeros(), 1e-12);
        assertEquals(Math.log(2) / 2, s.meanLog(), 1e-12);
    }
}
