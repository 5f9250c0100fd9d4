package io.residuum.inspect.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Specs;
import io.residuum.inspect.Subject;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Engines;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShatteringTest {
    private static final String FEATURES = "{\"type\": \"features\", \"shape\": [6]}";
    private static final String IDS = "{\"type\": \"tokens\", \"length\": 5, \"vocabulary\": 7}";

    private static double[] correlation(ModelSpec spec, EngineChoice engine, int batch) {
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            Subject subject =
                    Subject.random(network, 4, batch, 2, InspectionListener.NONE)
                            .withBatchStatistics(true);
            Finding found =
                    Inspection.run(subject, List.of(new Shattering(2, 20))).findings().get(0);
            return found.table("lags").numbers("autocorrelation");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void theGradientOfALinearNetworkIsConstant(EngineChoice engine) {
        String linear =
                """
                {"type": "residual", "name": "unit", "branch": [
                  {"type": "linear", "name": "map", "units": 6}]},
                {"type": "norm", "name": "norm"},
                {"type": "linear", "name": "head", "units": 3}
                """;
        for (double r : correlation(Specs.of(FEATURES, linear), engine, 4)) {
            assertEquals(1, r, 1e-5);
        }
        String embedded =
                "{\"type\": \"embedding\", \"name\": \"embedding\", \"vocabulary\": 7,"
                        + " \"width\": 6}, {\"type\": \"linear\", \"name\": \"head\","
                        + " \"units\": 7}";
        for (double r : correlation(Specs.of(IDS, embedded), engine, 3)) {
            assertEquals(1, r, 1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void gradientsOfAPlainNetworkLoseCorrelation(EngineChoice engine) {
        StringBuilder layers = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            layers.append(
                    """
                    {"type": "linear", "name": "l%1$d", "units": 40},
                    {"type": "activation", "name": "a%1$d"},
                    """
                            .formatted(i));
        }
        layers.append("{\"type\": \"linear\", \"name\": \"head\", \"units\": 3}");
        double[] found = correlation(Specs.of(FEATURES, layers.toString()), engine, 4);
        assertEquals(1, found[0]);
        assertTrue(found[10] < 0.9 && found[1] > found[10], "got " + found[1] + ", " + found[10]);
    }

    @Test
    void noiseHasItsExpectedCorrelation() {
        int n = 40;
        int width = 4000;
        SplittableRandom random = new SplittableRandom(1);
        float[][] white = new float[n][width];
        float[][] brown = new float[n][width];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < width; j++) {
                white[i][j] = (float) random.nextGaussian();
                brown[i][j] = white[i][j] + (i == 0 ? 0 : brown[i - 1][j]);
            }
        }
        double[] ofWhite = Shattering.autocorrelation(products(white), n);
        double[] ofBrown = Shattering.autocorrelation(products(brown), n);
        for (int lag = 1; lag <= n / 2; lag++) {
            assertEquals(0, ofWhite[lag], 0.02);
            assertEquals(Shattering.brownian(lag, n), ofBrown[lag], 0.03);
        }
    }

    private static float[] products(float[][] rows) {
        float[] products = new float[rows.length * rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows.length; j++) {
                for (int k = 0; k < rows[0].length; k++) {
                    products[i * rows.length + j] += rows[i][k] * rows[j][k];
                }
            }
        }
        return products;
    }

    @Test
    void aZeroGradientIsAnError() {
        ModelSpec spec =
                Specs.of(FEATURES, "{\"type\": \"linear\", \"name\": \"head\", \"units\": 3}");
        try (Network network = Network.create(spec, Engines.backend(EngineChoice.PYTORCH), 1)) {
            network.loadValues(Map.of("head.weight", () -> new float[18]));
            Subject subject = Subject.random(network, 4, 4, 2, InspectionListener.NONE);
            List<Shattering> analyses = List.of(new Shattering(1, 8));
            Exception e =
                    assertThrows(
                            InspectionException.class, () -> Inspection.run(subject, analyses));
            assertTrue(String.valueOf(e.getMessage()).contains("zero everywhere"));
            Inspection fitting = Inspection.runFitting(subject, analyses);
            assertEquals(List.of("shattering"), List.copyOf(fitting.omitted().keySet()));
        }
    }
}
