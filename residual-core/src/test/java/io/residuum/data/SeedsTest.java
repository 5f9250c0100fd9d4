package io.residuum.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeedsTest {
    @Test
    void everyPathIsAStreamOfItsOwn() {
        Set<Long> firsts = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            for (int epoch = 0; epoch < 20; epoch++) {
                for (int sample = 0; sample < 20; sample++) {
                    firsts.add(Seeds.random(seed, epoch, sample).nextLong());
                }
            }
        }
        assertEquals(8000, firsts.size());
        assertEquals(Seeds.random(3, 1, 4).nextLong(), Seeds.random(3, 1, 4).nextLong());
    }

    @Test
    void permutationsAreFair() {
        int[][] seen = new int[5][5];
        for (int i = 0; i < 20_000; i++) {
            int[] order = Seeds.permutation(5, Seeds.random(1, i));
            for (int place = 0; place < 5; place++) {
                seen[place][order[place]]++;
            }
            int[] sorted = order.clone();
            Arrays.sort(sorted);
            assertArrayEquals(IntStream.range(0, 5).toArray(), sorted);
        }
        for (int[] place : seen) {
            for (int count : place) {
                assertEquals(4000, count, 300);
            }
        }
    }
}
