package io.residuum.metric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EvaluationTest {
    @Test
    void countsExactly() {
        Evaluation e = new Evaluation(4, 7);
        float[] logits = {
            9, 0, 0, 0, 0, 0, 0, //
            1, 2, 3, 4, 5, 6, 7, //
            5, 5, 1, 1, 1, 1, 1, //
            1, 2, 3, 4, 5, 6, 7
        };
        e.add(logits, new int[] {0, 2, 1, 1});
        assertEquals(4, e.samples());
        assertEquals(0.25, e.top1());
        assertEquals(
                0.75, e.top5().orElseThrow(), "rank 1, rank 5, a lost tie at rank 2, and rank 6");
        assertEquals(3, e.wrong());
        assertEquals(0, e.prediction(2), "the first among equals");
        assertArrayEquals(new int[] {1, 3, 2}, e.mistakes(), "surest first");
        long[][] confusion = e.confusion();
        assertEquals(1, confusion[0][0]);
        assertEquals(1, confusion[2][6]);
        assertEquals(1, confusion[1][0]);
        assertEquals(1, confusion[1][6]);
    }

    @Test
    void lossIsTheCrossEntropy() {
        Evaluation e = new Evaluation(1, 3);
        e.add(new float[] {1000, 1001, 1002}, new int[] {1});
        // -log(e / (1 + e + e^2)), and no overflow
        assertEquals(1.4076059644, e.loss(), 1e-9);
        assertEquals(0.6652409558, e.probability(0), 1e-7);
    }

    @Test
    void whatIsNotANumberIsWrong() {
        Evaluation e = new Evaluation(2, 3);
        e.add(new float[] {Float.NaN, Float.NaN, Float.NaN, Float.NaN, 1, 0}, new int[] {0, 0});
        assertEquals(2, e.wrong());
    }
}
