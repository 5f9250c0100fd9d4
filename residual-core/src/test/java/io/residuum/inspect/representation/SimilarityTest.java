package io.residuum.inspect.representation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.Seeds;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Subject;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimilarityTest {

    private static double[] kernel(
            Backend backend, int samples, int features, IntToDoubleFunction value) {
        try (NDManager manager = backend.newManager()) {
            double[] values = IntStream.range(0, samples * features).mapToDouble(value).toArray();
            return Kernels.centred(
                    Values.create(manager, values, new Shape(samples, features), DataType.FLOAT32),
                    backend.ops());
        }
    }

    /**
     * NumPy, by the traces of Song et al. 2012, Equation 5, over two batches of six samples: A =
     * sin(1 + 3 s + j) of three features and B = 5 + cos(2 + s (j + 1)) of four.
     */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void equalsTheTracesInNumPy(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Kernels kernels = new Kernels(1, 1);
        for (int batch = 0; batch < 2; batch++) {
            int first = 6 * batch;
            kernels.add(
                    List.of(kernel(backend, 6, 3, i -> Math.sin(1 + 3 * (first + i / 3) + i % 3))),
                    List.of(
                            kernel(
                                    backend,
                                    6,
                                    4,
                                    i -> 5 + Math.cos(2 + (first + i / 4) * (i % 4 + 1)))),
                    6);
        }
        assertEquals(-0.1546943201410711, kernels.cka()[0][0], 1e-5);
    }

    @Test
    void independentFeaturesHaveNone() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        Kernels kernels = new Kernels(1, 1);
        SplittableRandom random = Seeds.random(3);
        for (int batch = 0; batch < 20; batch++) {
            kernels.add(
                    List.of(kernel(backend, 32, 10, i -> random.nextGaussian())),
                    List.of(kernel(backend, 32, 10, i -> random.nextGaussian())),
                    32);
        }
        // The biased estimator would give about 0.25 here.
        assertEquals(0, kernels.cka()[0][0], 0.03);
    }

    /** The second layer is three times a rotation of the first, the third is not. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void doesNotChangeUnderRotationAndScale(EngineChoice engine, @TempDir Path folder) {
        String layers =
                """
                {"type": "linear", "name": "a", "units": 4}, {"type": "linear", "name": "b", "units": 4},
                {"type": "activation", "name": "relu"}
                """;
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(Stacks.of(5, layers), backend, 1)) {
            float c = (float) (3 * Math.cos(0.7));
            float s = (float) (3 * Math.sin(0.7));
            float[] rotation = {c, -s, 0, 0, s, c, 0, 0, 0, 0, c, -s, 0, 0, s, c};
            network.loadValues(Map.of("b.weight", () -> rotation));
            Subject subject = Subject.random(network, 32, 8, 2, InspectionListener.NONE);
            Finding one = run(subject, new Similarity(""));
            double[][] cka = matrix(one);
            for (int i = 0; i < cka.length; i++) {
                assertEquals(1, cka[i][i], 1e-9);
                for (int j = 0; j < cka.length; j++) {
                    assertEquals(cka[j][i], cka[i][j], 1e-12);
                }
            }
            assertEquals(1, cka[0][1], 1e-5);
            assertTrue(cka[1][2] < 0.99 && cka[1][2] > 0.3, "a ReLU changes it: " + cka[1][2]);

            Path file = folder.resolve("same.safetensors");
            network.save(file);
            double[][] two = matrix(run(subject, new Similarity(file.toString())));
            for (int i = 0; i < cka.length; i++) {
                assertArrayEquals(cka[i], two[i], 1e-9);
            }
            Path other = folder.resolve("other.safetensors");
            try (Network wide = Network.create(Stacks.of(6, layers), backend, 1)) {
                wide.save(other);
            }
            assertThrows(
                    InspectionException.class,
                    () -> run(subject, new Similarity(other.toString())));
        }
    }

    private static Finding run(Subject subject, Similarity similarity) {
        return Inspection.run(subject, List.of(similarity)).findings().get(0);
    }

    private static double[][] matrix(Finding found) {
        int units = found.table("cka").rows().size();
        double[][] matrix = new double[units][units];
        for (int j = 0; j < units; j++) {
            double[] column = found.table("cka").numbers(Integer.toString(j + 1));
            for (int i = 0; i < units; i++) {
                matrix[i][j] = column[i];
            }
        }
        return matrix;
    }

    @Test
    void needsFourSamples() {
        try (Network network =
                Network.create(
                        Stacks.of(3, Stacks.linearUnit(3)),
                        Engines.backend(EngineChoice.PYTORCH),
                        1)) {
            Subject subject = Subject.random(network, 3, 3, 2, InspectionListener.NONE);
            assertThrows(InspectionException.class, () -> run(subject, new Similarity("")));
        }
    }
}
