package io.residuum.weights.dialect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.SpecException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RearrangementTest {

    @Test
    void transposes() {
        Rearrangement transposed = Rearrangement.parse("i o -> o i", Map.of());
        float[] theirs = {1, 2, 3, 4, 5, 6};
        float[] ours = {1, 3, 5, 2, 4, 6};
        assertArrayEquals(new long[] {3, 2}, transposed.theirShape(2, 3));
        assertArrayEquals(ours, transposed.toOurs(theirs, 2, 3));
        assertArrayEquals(theirs, transposed.toTheirs(ours, 2, 3));
    }

    @Test
    void takesAnAxisApart() {
        // Two filters over patches of 1 by 2 pixels by 3 colors, of which the color runs fastest.
        Rearrangement apart = Rearrangement.parse("o (h w c) -> o c h w", Map.of());
        float[] theirs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        float[] ours = {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11};
        assertArrayEquals(new long[] {2, 6}, apart.theirShape(2, 3, 1, 2));
        assertArrayEquals(ours, apart.toOurs(theirs, 2, 3, 1, 2));
        assertArrayEquals(theirs, apart.toTheirs(ours, 2, 3, 1, 2));
    }

    @Test
    void dropsAxesOfLengthOne() {
        Rearrangement dropped = Rearrangement.parse("o i 1 1 -> o i", Map.of());
        assertArrayEquals(new long[] {2, 3, 1, 1}, dropped.theirShape(2, 3));
        float[] values = {1, 2, 3, 4, 5, 6};
        assertArrayEquals(values, dropped.toOurs(values, 2, 3));
        Rearrangement added = Rearrangement.parse("n -> 1 n 1", Map.of());
        assertArrayEquals(new long[] {4}, added.theirShape(1, 4, 1));
        assertNull(added.theirShape(2, 4, 1), "an axis of 2 is none of 1");
        assertNull(added.theirShape(4), "the number of axes is another");
    }

    @Test
    void joinsAxes() {
        Rearrangement joined = Rearrangement.parse("n i h -> (n h) i", Map.of("h", 2L));
        float[] theirs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        float[] ours = {1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12};
        assertArrayEquals(new long[] {2, 3, 2}, joined.theirShape(4, 3));
        assertArrayEquals(ours, joined.toOurs(theirs, 4, 3));
        assertArrayEquals(theirs, joined.toTheirs(ours, 4, 3));
        assertNull(joined.theirShape(5, 3), "5 rows are not heads of 2");
    }

    @Test
    void sortsRowsThatAreInterleavedByHeads() {
        Rearrangement sorted = Rearrangement.parse("(n k h) -> (k n h)", Map.of("n", 2L, "k", 3L));
        float[] theirs = {10, 20, 30, 11, 21, 31};
        float[] ours = {10, 11, 20, 21, 30, 31};
        assertArrayEquals(new long[] {6}, sorted.theirShape(6));
        assertArrayEquals(ours, sorted.toOurs(theirs, 6));
        assertArrayEquals(theirs, sorted.toTheirs(ours, 6));
        assertNull(sorted.theirShape(8));
    }

    @ParameterizedTest
    @CsvSource({
        "i o, like",
        "i o -> o, each axis once",
        "i i -> i i, each axis once",
        "o c -> (o c), sizes of all but one",
        "(o c -> o c, close its parentheses",
        "o 2 -> o, names of axes",
        "((o)) -> o, names of axes",
    })
    void refusesWhatItCannotDo(String text, String message) {
        SpecException e =
                assertThrows(SpecException.class, () -> Rearrangement.parse(text, Map.of()));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }
}
