package io.residuum.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folds of a cross-validation. */
class SplitsTest {
    private record Data(Optional<String> validation) implements Splits<String> {
        @Override
        public String source() {
            return "data";
        }

        @Override
        public Optional<String> test() {
            return Optional.empty();
        }

        @Override
        public OptionalDouble heldOut() {
            return OptionalDouble.empty();
        }

        @Override
        public String description() {
            return source();
        }
    }

    private record Run(String name, int[] train, int[] test) {}

    private static List<Run> folds(int[] labels, int count, long seed) {
        return new Data(Optional.empty()).folds(labels, count, seed, Run::new);
    }

    private static int[] labels(int size, int classes) {
        return Seeds.random(5).ints(size, 0, classes).toArray();
    }

    @ParameterizedTest
    @CsvSource({"103, 10, 4", "30, 1, 7", "5, 3, 5", "2, 9, 2"})
    void eachSampleIsTestedOnce(int size, int classes, int count) {
        int[] labels = labels(size, classes);
        int[] times = new int[size];
        int[][] shares = new int[count][classes];
        List<Run> runs = folds(labels, count, 1);
        for (Run run : runs) {
            int[] both =
                    IntStream.concat(Arrays.stream(run.train), Arrays.stream(run.test))
                            .sorted()
                            .toArray();
            assertArrayEquals(IntStream.range(0, size).toArray(), both, run.name);
            for (int index : run.test) {
                times[index]++;
                shares[runs.indexOf(run)][labels[index]]++;
            }
            assertTrue(Math.abs(run.test.length - (double) size / count) < 1, run.name);
        }
        assertTrue(Arrays.stream(times).allMatch(n -> n == 1));
        for (int c = 0; c < classes; c++) {
            int label = c;
            double mean = Arrays.stream(labels).filter(l -> l == label).count() / (double) count;
            for (int[] share : shares) {
                assertTrue(Math.abs(share[c] - mean) < 1, "class " + c);
            }
        }
    }

    @Test
    void theSeedDecidesTheFolds() {
        int[] labels = labels(40, 3);
        int[] first = folds(labels, 4, 1).get(0).test;
        assertArrayEquals(first, folds(labels, 4, 1).get(0).test);
        assertTrue(!Arrays.equals(first, folds(labels, 4, 2).get(0).test));
        assertEquals("data, fold 2 of 4", folds(labels, 4, 1).get(1).name);
    }

    @Test
    void dataThatCannotBeDividedAreRefused() {
        assertEquals(
                "data must have a sample for each of the 3 folds, got 2; use fewer folds",
                assertThrows(DataException.class, () -> folds(new int[2], 3, 1)).getMessage());
        Data held = new Data(Optional.of("validation"));
        DataException e =
                assertThrows(DataException.class, () -> held.folds(new int[9], 3, 1, Run::new));
        assertTrue(e.getMessage().startsWith("data must have no validation part"), e.getMessage());
    }
}
