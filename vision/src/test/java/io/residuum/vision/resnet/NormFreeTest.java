package io.residuum.vision.resnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.residual.IdentityCertificate;
import io.residuum.residual.IdentityCertificate.Start;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Units without norms (Brock et al. 2021). */
class NormFreeTest {
    private static final int UNITS = 8;

    private static ModelSpec spec(String normFree) {
        String json =
                """
                {"format": "residuum/1", "name": "nf", "input": {"type": "image", "shape": [3, 12, 12]},
                 "network": {"type": "resnet", "stem": "cifar", "units": [%d, 2, 1], "width": 48,
                   "classes": 10, "unit": {"kind": "basic", "order": "pre-activation", "norm": "none",
                                           "normFree": %s}}}
                """
                        .formatted(UNITS, normFree);
        return SpecJson.standard().parse(json, "nf", ModelSpec.class);
    }

    /** The variance over samples and positions, averaged over channels. */
    private static double variance(NDArray x) {
        Shape shape = x.getShape();
        int channels = (int) shape.get(1);
        int positions = (int) (shape.get(2) * shape.get(3));
        double[] values = Tensors.values(x);
        double[] sums = new double[channels];
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            sums[i / positions % channels] += values[i];
            squares += values[i] * values[i];
        }
        double count = (double) values.length / channels;
        double means = Arrays.stream(sums).map(sum -> sum / count * (sum / count)).sum();
        return squares / values.length - means / channels;
    }

    @EachEngine
    void eachUnitAddsAlphaSquaredToTheVariance(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        List<String> paths = new ArrayList<>(List.of("stem"));
        for (int i = 0; i < UNITS; i++) {
            paths.add("stage1." + i);
        }
        paths.add("stage2.0");
        paths.add("stage2.1");
        double alpha = 0.2;
        try (Network network = Network.create(spec("{\"alpha\": 0.2}"), backend, 1);
                NDManager manager = backend.newManager()) {
            Shape shape = new Shape(24, 3, 12, 12);
            SplittableRandom random = new SplittableRandom(1);
            double[] values = random.doubles(0, 1).limit(shape.size()).toArray();
            // Uniform numbers of variance 1.
            Arrays.setAll(values, i -> (values[i] - 0.5) * Math.sqrt(12));
            NDArray x = Tensors.create(manager, values, shape, DataType.FLOAT32);
            Map<String, NDArray> outputs = network.features(new NDList(x), paths);
            double stem = variance(outputs.get("stem"));
            // Zeros around the image lower the variance of the outer positions.
            assertEquals(1, stem, 0.15);
            double last = variance(outputs.get("stage1." + (UNITS - 1)));
            assertEquals(alpha * alpha, (last - stem) / UNITS, 0.01, "grows by alpha squared");
            double reset = variance(outputs.get("stage2.0"));
            assertTrue(reset < 1.2 && reset < last - 0.1, "reset by the projection: " + reset);
            double next = variance(outputs.get("stage2.1"));
            assertEquals(alpha * alpha, next - reset, 0.02);
        }
    }

    @Test
    void betaIsTheExpectedDeviation() {
        String expanded = SpecJson.standard().write(spec("{\"alpha\": 0.5}").expand());
        for (double variance : new double[] {1.25, 1.5, 1 + 7 * 0.25}) {
            String std = "\"std\": " + Math.sqrt(variance);
            assertTrue(expanded.contains(std), std + " in " + expanded);
        }
        assertEquals(
                spec("{\"alpha\": 0.5}").expand().newBlock().namedParameters().keySet(),
                spec("{\"alpha\": 0.5}").newBlock().namedParameters().keySet());
    }

    @Test
    void skipInitStartsAsTheIdentity() {
        List<IdentityCertificate> units =
                IdentityCertificate.of(spec("{\"skipInit\": true}").newBlock());
        assertEquals(
                UNITS + 1,
                units.stream().filter(u -> u.start() == Start.IDENTITY).count(),
                units.toString());
    }

    /** Gamma is 1 / std(f(z)) for a normal z, here by the midpoint rule. */
    @ParameterizedTest
    @CsvSource({"relu", "gelu", "silu", "tanh"})
    void gammaKeepsTheVariance(String name) {
        ActivationSpec f = SpecJson.standard().parse("\"" + name + "\"", "f", ActivationSpec.class);
        double mean = 0;
        double square = 0;
        double step = 1e-3;
        for (double z = -10 + step / 2; z < 10; z += step) {
            double p = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * step;
            double y = value(name, z);
            mean += p * y;
            square += p * y * y;
        }
        assertEquals(1 / Math.sqrt(square - mean * mean), NormFree.gamma(f), 2e-3);
    }

    private static double value(String name, double z) {
        return switch (name) {
            case "relu" -> Math.max(z, 0);
            case "silu" -> z / (1 + Math.exp(-z));
            case "tanh" -> Math.tanh(z);
            default -> z / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
        };
    }

    @Test
    void needsUnitsWithoutNorms() {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> ResNetUnit.ORIGINAL.withNormFree(new NormFree(0.2, false)));
        assertTrue(e.getMessage().contains("normFree needs \"order\""), e.getMessage());
    }
}
