package io.residuum.train.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionTest {
    private final Confusion matrix = new Confusion(new long[][] {{6, 4, 0}, {1, 1, 0}, {0, 0, 0}});

    @Test
    void recallReadsRowsAndPrecisionColumns() {
        assertEquals(0.6, matrix.recall(0), 1e-12);
        assertEquals(6 / 7.0, matrix.precision(0), 1e-12);
        assertEquals(0.2, matrix.precision(1), 1e-12);
        assertEquals(Double.NaN, matrix.recall(2));
        assertEquals(0, matrix.share(2, 0));
        assertEquals(12, matrix.total());
        assertEquals(5, matrix.errors());
    }

    @Test
    void theMostFrequentConfusionsComeFirst() {
        assertEquals(
                List.of(new Confusion.Pair(0, 1, 4, 0.4), new Confusion.Pair(1, 0, 1, 0.5)),
                matrix.pairs());
    }
}
