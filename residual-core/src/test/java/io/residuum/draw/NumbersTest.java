package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.12345, 0.1235",
        "100, 100",
        "-2.50, -2.5",
        "123456, 123500",
        "0.00005, 5e-5",
        "0.0000512, 5.12e-5",
        "1.5e12, 1.5e12",
        "1e10, 1e10",
        "NaN, –",
        "Infinity, ∞",
        "-Infinity, −∞"
    })
    void significant(double value, String text) {
        assertEquals(text, Numbers.significant(value));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "999, 999",
        "999.6, 1.00 k",
        "269722, 270 k",
        "40551040, 40.6 M",
        "4089184256, 4.09 G",
        "999960000, 1.00 G",
        "NaN, –"
    })
    void compact(double value, String text) {
        assertEquals(text, Numbers.compact(value));
    }

    @ParameterizedTest
    @CsvSource({
        "0.04, 0.0 s",
        "59.94, 59.9 s",
        "59.97, 1 min 0 s",
        "60, 1 min 0 s",
        "3599.7, 1 h 0 min",
        "7325, 2 h 2 min"
    })
    void duration(double seconds, String text) {
        assertEquals(text, Numbers.duration(seconds));
    }
}
