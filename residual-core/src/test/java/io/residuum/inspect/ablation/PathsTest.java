package io.residuum.inspect.ablation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Unit;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.math.BigInteger;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PathsTest {
    private static final String CONV =
            "{\"type\": \"conv2d\", \"filters\": %d, \"kernel\": 3, \"padding\": 1%s}";

    private static Unit unit(boolean shortcut) {
        ModelSpec spec =
                Networks.ofFeatures(
                        """
                        {"type": "residual", "shortcut": "%s", "branch":
                          [{"type": "linear", "units": 1}]}
                        """
                                .formatted(shortcut ? "identity" : "none"));
        return new Unit("", spec.newBlock().children().values().iterator().next());
    }

    /** Veit et al. 2016, Section 5.1: most paths through 54 units have 19 to 35. */
    @Test
    void countsPathsExactly() {
        PathCounts counts = PathCounts.of(Collections.nCopies(54, unit(true)));
        assertEquals(BigInteger.TWO.pow(54), counts.total());
        assertEquals(new BigInteger("1946939425648112"), counts.counts().get(27));
        assertEquals(0.980, PathCounts.share(counts.shares(), 19, 35), 5e-4);
        PathCounts deep = PathCounts.of(Collections.nCopies(1200, unit(true)));
        assertEquals(BigInteger.TWO.pow(1200), deep.total());
        // sqrt(2 / (pi n)), by Stirling
        assertEquals(Math.sqrt(2 / (Math.PI * 1200)), deep.shares()[600], 1e-5);
        PathCounts mixed = PathCounts.of(List.of(unit(true), unit(false), unit(true)));
        assertEquals(
                List.of(0, 1, 2, 1),
                mixed.counts().stream().map(BigInteger::intValueExact).toList());
    }

    @Test
    void findsTheShortestInterval() {
        double[] shares = {0.02, 0.05, 0.6, 0.3, 0.03};
        assertEquals(
                List.of(1, 3),
                List.of(
                        PathCounts.shortest(shares, 0.95).from(),
                        PathCounts.shortest(shares, 0.95).to()));
        assertEquals(0.95, PathCounts.shortest(shares, 0.949).share(), 1e-12);
    }

    /** The backward passes through all 2^n paths add up to the backward pass of the network. */
    @EachEngine
    void allPathsAddUpToTheGradient(EngineChoice engine) {
        String branch = CONV.formatted(2, "");
        List<String> units =
                List.of(
                        // post-activation, and a projection that changes the shape
                        """
                        {"type": "residual", "branch": [%s], "after": {"norm": "none", "activation": "relu"}},
                        {"type": "residual", "shortcut": "projection", "branch": [%s], "after": {"norm": "none", "activation": "relu"}},
                        {"type": "residual", "before": {"norm": "batch", "activation": "relu"}, "branch": [%s]}
                        """
                                .formatted(
                                        branch,
                                        CONV.formatted(4, ", \"stride\": 2"),
                                        CONV.formatted(4, "")),
                        """
                        {"type": "residual", "merge": "gate", "branch": [%1$s]},
                        {"type": "residual", "merge": {"type": "gate", "on": "shortcut"}, "branch": [%1$s]},
                        {"type": "residual", "merge": "concat", "branch": [%1$s]}
                        """
                                .formatted(branch),
                        """
                        {"type": "residual", "branch": [%1$s]},
                        {"type": "residual", "shortcut": "none", "branch": [%1$s, {"type": "activation", "function": "tanh"}]},
                        {"type": "residual", "merge": {"type": "add", "shortcut": 0.5, "branch": 2.0}, "branch": [%1$s]}
                        """
                                .formatted(branch),
                        """
                        {"type": "residual", "merge": "gru", "branch": [%1$s]},
                        {"type": "residual", "merge": "delta", "branch": [%1$s]},
                        {"type": "residual", "merge": "slerp", "branch": [%1$s]}
                        """
                                .formatted(branch));
        for (String some : units) {
            ModelSpec spec =
                    Networks.ofImages(
                            """
                            {"type": "sequential", "layers": [%s, %s,
                              {"type": "globalAveragePool"}, {"type": "linear", "units": 3}]}
                            """
                                    .formatted(branch, some));
            try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
                Subject subject = Subject.random(network, 2, 2, 5, InspectionListener.NONE);
                subject.forEachBatch("", batch -> assertAddsUp(subject, batch));
            }
        }
    }

    private static void assertAddsUp(Subject subject, Batch batch) {
        List<Unit> units = subject.units();
        double[] sum = null;
        for (int path = 0; path < 1 << units.size(); path++) {
            BitSet chosen = BitSet.valueOf(new long[] {path});
            int all = path;
            boolean possible =
                    IntStream.range(0, units.size())
                            .allMatch(i -> (all >> i & 1) == 1 || units.get(i).hasShortcut());
            if (possible) {
                float[] part = PathGradient.through(subject, batch, chosen).toFloatArray();
                sum = sum == null ? new double[part.length] : sum;
                for (int i = 0; i < part.length; i++) {
                    sum[i] += part[i];
                }
            }
        }
        float[] whole = PathGradient.all(subject, batch).toFloatArray();
        double[] expected = new double[whole.length];
        double largest = 0;
        for (int i = 0; i < whole.length; i++) {
            expected[i] = whole[i];
            largest = Math.max(largest, Math.abs(whole[i]));
        }
        assertTrue(largest > 1e-4, "the gradient must not vanish");
        assertArrayEquals(expected, Objects.requireNonNull(sum), 1e-5 * largest);
    }

    /** A branch w x has the gradient w, so a path of length k has w^k times that of length 0. */
    @EachEngine
    void measuresLinearUnits(EngineChoice engine) {
        double w = 0.25;
        try (Network network =
                Network.create(
                        Networks.ofFeatures(
                                """
                                {"type": "repeat", "name": "units", "times": 3, "layer":
                                  {"type": "residual", "branch":
                                    [{"type": "linear", "name": "map", "units": 1, "bias": false}]}},
                                {"type": "linear", "name": "head", "units": 2}
                                """),
                        Engines.backend(engine),
                        1)) {
            for (int unit = 0; unit < 3; unit++) {
                network.loadValues(
                        Map.of(
                                "units." + unit + ".branch.map.weight",
                                () -> new float[] {(float) w}));
            }
            Subject subject = Subject.random(network, 4, 4, 5, InspectionListener.NONE);
            Finding found = Inspection.run(subject, List.of(new Paths(2, 64))).findings().get(0);
            double[] norms = found.table("lengths").numbers("gradient of a path");
            double[] shares = found.table("lengths").numbers("share of gradient");
            int[] binomial = {1, 3, 3, 1};
            for (int k = 0; k <= 3; k++) {
                assertEquals(Math.pow(w, k), norms[k] / norms[0], 1e-5);
                assertEquals(binomial[k] * Math.pow(w, k) / Math.pow(1 + w, 3), shares[k], 1e-5);
            }
            // Lengths between those measured are exact too, because the norm is a power.
            Finding few = Inspection.run(subject, List.of(new Paths(1, 2))).findings().get(0);
            assertTrue(Double.isNaN(few.table("lengths").numbers("gradient of a path")[1]));
            assertArrayEquals(shares, few.table("lengths").numbers("share of gradient"), 1e-5);
        }
    }

    @EachEngine
    void refusesAWayAroundUnits(EngineChoice engine) {
        ModelSpec spec =
                Networks.ofImages(
                        """
                        {"type": "graph", "layers": [
                          {"type": "residual", "name": "down", "branch": [%1$s]},
                          {"type": "residual", "name": "deep", "branch": [%1$s]},
                          {"type": "add", "name": "skip", "from": ["down", "deep"]},
                          {"type": "globalAveragePool"}, {"type": "linear", "units": 3}]}
                        """
                                .formatted(CONV.formatted(2, "")));
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            Subject subject = Subject.random(network, 2, 2, 5, InspectionListener.NONE);
            String message =
                    assertThrows(
                                    InspectionException.class,
                                    () -> Inspection.run(subject, List.of(new Paths(1, 8))))
                            .getMessage();
            assertTrue(message.contains("deep\""), message);
        }
    }
}
