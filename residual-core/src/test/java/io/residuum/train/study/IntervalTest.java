package io.residuum.train.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {

    /** The values of scipy.stats.t.ppf(0.975, n). */
    @ParameterizedTest
    @CsvSource({
        "1, 12.706205",
        "2, 4.302653",
        "3, 3.182446",
        "10, 2.228139",
        "11, 2.200985",
        "19, 2.093024",
        "29, 2.045230",
        "120, 1.979930"
    })
    void quantilesAreThoseOfStudent(int degrees, double quantile) {
        assertEquals(quantile, Interval.quantile(degrees), 3e-5);
    }

    @Test
    void theIntervalIsAroundTheMean() {
        Interval interval = Interval.of(List.of(1.0, 2.0, 3.0));
        assertEquals(2, interval.mean());
        assertEquals(1, interval.deviation());
        assertEquals(2 - 4.302653 / Math.sqrt(3), interval.low(), 1e-5);
        assertEquals(2 + 4.302653 / Math.sqrt(3), interval.high(), 1e-5);
        assertNull(Interval.of(List.of(5.0)).deviation());
    }
}
