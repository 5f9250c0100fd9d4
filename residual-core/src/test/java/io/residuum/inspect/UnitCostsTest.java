package io.residuum.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.spec.ModelSpec;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class UnitCostsTest {
    private static final long POSITIONS = 56 * 56;

    /** The units of He et al. 2015, Figure 5, without norms and biases. */
    @Test
    void figure5() {
        Finding found = UnitCosts.of(Specs.preactivation(2, 64, 56));
        Table pairs = found.table("basic-and-bottleneck");
        assertEquals(
                List.of("3x3, 64; 3x3, 64", "1x1, 64; 3x3, 64; 1x1, 256"),
                List.of(pairs.rows().get(0).get(1), pairs.rows().get(1).get(1)));
        double[] weights = {
            2 * 9 * 64 * 64,
            2 * 64 * 256 + 9 * 64 * 64,
            // 288 outer channels make both cost the same.
            2 * 9 * 64 * 64,
            2 * 9 * 256 * 256
        };
        assertArrayEquals(weights, pairs.numbers("weights"));
        assertArrayEquals(
                DoubleStream.of(weights).map(w -> w * POSITIONS).toArray(), pairs.numbers("MACs"));
        assertEquals(3, found.figures().size());
        String drawing = found.figures().get(2).standalone().toString();
        assertTrue(drawing.contains("73,728") && drawing.contains("69,632"), drawing);
    }

    @Test
    void partsAddUpToTheUnitAndKindsToTheNetwork() {
        ModelSpec spec =
                Specs.of(
                        "{\"type\": \"features\", \"shape\": [4, 6]}",
                        """
                        {"type": "repeat", "name": "tied", "times": 3, "tied": true, "layer":
                          {"type": "residual", "before": {"norm": "layer"}, "branch": [
                            {"type": "linear", "name": "a", "units": 6}]}},
                        {"type": "residual", "name": "wide", "shortcut": "projection", "branch": [
                          {"type": "linear", "name": "a", "units": 8}]}
                        """);
        Finding found = UnitCosts.of(spec);
        Table units = found.table("units");
        assertArrayEquals(new double[] {3, 1}, units.numbers("runs"));
        assertArrayEquals(new double[] {6 * 6 + 6, 6 * 8 + 8}, units.numbers("branch parameters"));
        assertArrayEquals(new double[] {0, 6 * 8 + 2 * 8}, units.numbers("shortcut parameters"));
        assertArrayEquals(new double[] {2 * 6, 0}, units.numbers("other parameters"));
        assertArrayEquals(new double[] {4 * 6 * 6, 4 * 2 * 6 * 8}, units.numbers("MACs"));
        double[] share = found.table("kinds").numbers("share of MACs");
        double all = Cost.of(spec.newBlock()).macs();
        assertEquals(3 * 4 * 6 * 6 / all, share[0], 1e-9);
        assertEquals(1, share[0] + share[1], 1e-9);
        assertEquals(2, found.tables().size(), "no 3x3 convolutions, nothing to compare");
    }
}
