package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AxisTest {
    @Test
    void ticksAreRoundNumbersAroundTheRange() {
        Axis axis = Axis.linear(0.3, 2.3, 5);
        assertEquals(List.of("0.0", "0.5", "1.0", "1.5", "2.0", "2.5"), labels(axis));
        assertEquals(0.5, axis.at(1.25), 1e-12);
        assertEquals(List.of("0.075", "0.100", "0.125", "0.150"), labels(Axis.linear(.08, .15, 3)));
        assertEquals(List.of("-1", "0", "1", "2"), labels(Axis.linear(-0.7, 1.4, 3)));
    }

    @Test
    void aSingleValueIsReadAgainstZero() {
        assertEquals(List.of("0", "20", "40", "60", "80", "100"), labels(Axis.linear(98, 98, 5)));
        assertEquals("1.0", labels(Axis.linear(0, 0, 5)).get(5));
    }

    @Test
    void countsHaveWholeTicksAndEndWithTheData() {
        assertEquals(List.of("0", "1", "2", "3"), labels(Axis.counts(3, 8)));
        assertEquals(List.of("0", "2", "4", "6", "8", "10"), labels(Axis.counts(11, 5)));
        assertEquals(1, Axis.counts(11, 5).at(11), 1e-12);
    }

    @Test
    void logarithmicTicksAreDecadesOrTheirParts() {
        assertEquals(List.of("0.001", "0.01", "0.1", "1", "10"), labels(Axis.log(0.0015, 3)));
        assertEquals(List.of("0.02", "0.05", "0.1", "0.2", "0.5"), labels(Axis.log(0.03, 0.4)));
        assertEquals(0.5, Axis.log(0.0015, 3).at(0.1), 1e-12);
    }

    @Test
    void everyValueLiesBetweenTheBounds() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2_000; i++) {
            double a = Math.exp(random.nextDouble(-20, 20));
            double b = random.nextInt(10) == 0 ? a : Math.exp(random.nextDouble(-20, 20));
            double min = Math.min(a, b);
            double max = Math.max(a, b);
            for (Axis axis : List.of(Axis.linear(min, max, 5), Axis.log(min, max))) {
                String range = min + " to " + max + ": " + labels(axis);
                assertTrue(axis.at(min) >= -1e-6 && axis.at(max) <= 1 + 1e-6, range);
                assertTrue(axis.ticks().size() >= 2 && axis.ticks().size() <= 24, range);
                assertEquals(axis.ticks().size(), labels(axis).stream().distinct().count(), range);
            }
        }
    }

    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(Axis.Tick::label).toList();
    }
}
