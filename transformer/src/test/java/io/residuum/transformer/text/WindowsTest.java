package io.residuum.transformer.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residuum.data.DataException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {

    /** The tokens 0, 1, 2, ... */
    private static TokenStream counting(int size) {
        return TokenStream.of(IntStream.range(0, size).toArray(), size);
    }

    @Test
    void randomWindowsAreConsecutiveTokensFromEverywhere() {
        RandomWindows windows = new RandomWindows(counting(12), 4, 7);
        BitSet starts = new BitSet();
        for (int batch = 0; batch < 50; batch++) {
            long[] ids = windows.batch(0, batch, 3);
            assertEquals(15, ids.length);
            for (int i = 0; i < ids.length; i++) {
                assertEquals(ids[i / 5 * 5] + i % 5, ids[i]);
            }
            Arrays.stream(new int[] {0, 5, 10}).forEach(row -> starts.set((int) ids[row]));
        }
        // the first and the last possible start among them
        assertEquals(8, starts.cardinality());
        assertEquals(8, starts.length());
    }

    @Test
    void randomWindowsFollowFromSeedEpochAndBatch() {
        long[] one = new RandomWindows(counting(1000), 8, 7).batch(2, 3, 4);
        assertArrayEquals(one, new RandomWindows(counting(1000), 8, 7).batch(2, 3, 4));
        for (long[] place : new long[][] {{8, 2, 3}, {7, 3, 3}, {7, 2, 4}, {7, 3, 2}}) {
            long[] other =
                    new RandomWindows(counting(1000), 8, place[0]).batch(place[1], place[2], 4);
            assertNotEquals(Arrays.toString(one), Arrays.toString(other));
        }
    }

    @Test
    void aTextThatIsTooShortIsAnError() {
        assertArrayEquals(
                new long[] {0, 1, 2, 3, 4}, new RandomWindows(counting(5), 4, 0).batch(0, 0, 1));
        String message =
                assertThrows(DataException.class, () -> new RandomWindows(counting(4), 4, 0))
                        .getMessage();
        assertEquals(
                "the text must have at least 5 tokens to train on windows of 4, found 4; use a"
                        + " longer text or a shorter context",
                message);
        assertThrows(DataException.class, () -> new SequentialWindows(counting(1), 4, 4));
    }

    @ParameterizedTest
    @CsvSource({
        "2,4,4", "4,4,4", "5,4,4", "6,4,4", "9,4,4", "100,7,7", "100,7,3", "101,8,1", "17,8,8",
        "3,8,2"
    })
    void everyTokenButTheFirstIsScoredOnce(int size, int length, int stride) {
        SequentialWindows windows = new SequentialWindows(counting(size), length, stride);
        int[] scored = new int[size];
        int t = windows.length();
        for (int w = 0; w < windows.count(); w++) {
            long[] ids = windows.batch(w, 1);
            assertEquals(t + 1, ids.length);
            for (int i = t + 1 - windows.scored(w); i <= t; i++) {
                scored[(int) ids[i]]++;
            }
        }
        int[] once = new int[size];
        Arrays.fill(once, 1, size, 1);
        assertArrayEquals(once, scored);
        assertEquals(size - 1, windows.scoredTokens());
    }

    @Test
    void aBatchOfSequentialWindowsIsTheirRows() {
        SequentialWindows windows = new SequentialWindows(counting(10), 4, 4);
        assertEquals(3, windows.count());
        assertArrayEquals(
                new long[] {0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 5, 6, 7, 8, 9}, windows.batch(0, 3));
        assertEquals(1, windows.scored(2));
        assertThrows(IndexOutOfBoundsException.class, () -> windows.batch(1, 3));
    }

    @Test
    void aStrideGivesEveryTokenThatMuchTextAhead() {
        SequentialWindows windows = new SequentialWindows(counting(11), 6, 2);
        assertArrayEquals(new long[] {2, 3, 4, 5, 6, 7, 8}, windows.batch(1, 1));
        assertEquals(2, windows.scored(1));
        assertThrows(
                IllegalArgumentException.class, () -> new SequentialWindows(counting(11), 6, 7));
    }

    @Test
    void aSliceIsAPartAndKnowsItsEnd() {
        TokenStream part = counting(10).slice(3, 7);
        assertArrayEquals(new int[] {4, 5}, part.read(1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> part.read(3, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> part.read(-1, 1));
        assertThrows(DataException.class, () -> TokenStream.of(new int[] {5}, 5).read(0, 1));
    }
}
