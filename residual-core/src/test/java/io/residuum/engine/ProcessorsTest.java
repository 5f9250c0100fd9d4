package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other processes reduce the threads only when they take more than half of the machine. */
class ProcessorsTest {

    @ParameterizedTest
    @CsvSource({
        "2, 0, 2",
        "2, 0.67, 2",
        "2, 1.0, 2",
        "2, 1.33, 1",
        "2, 1.9, 1",
        "16, 7.9, 16",
        "16, 9.2, 7"
    })
    void processorsAreLeftToOthersIfTheyTakeMoreThanHalf(int all, double others, int expected) {
        assertEquals(expected, Processors.free(all, others));
    }

    @Test
    void atLeastOneAndAtMostAllProcessorsAreFree() {
        int free = Processors.free();
        assertTrue(free >= 1 && free <= Runtime.getRuntime().availableProcessors(), "" + free);
    }
}
