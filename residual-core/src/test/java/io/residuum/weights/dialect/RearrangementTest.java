package io.residuum.weights.dialect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.SpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RearrangementTest {

    @Test
    void transposes() {
        Rearrangement transposed = Rearrangement.parse("i o -> o i");
        float[] theirs = {1, 2, 3, 4, 5, 6};
        float[] ours = {1, 3, 5, 2, 4, 6};
        assertArrayEquals(new long[] {3, 2}, transposed.theirShape(2, 3));
        assertArrayEquals(ours, transposed.toOurs(theirs, 2, 3));
        assertArrayEquals(theirs, transposed.toTheirs(ours, 2, 3));
    }

    @Test
    void takesAnAxisApart() {
        // Two filters over patches of 1 by 2 pixels by 3 colors, of which the color runs fastest.
        Rearrangement apart = Rearrangement.parse("o (h w c) -> o c h w");
        float[] theirs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        float[] ours = {0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11};
        assertArrayEquals(new long[] {2, 6}, apart.theirShape(2, 3, 1, 2));
        assertArrayEquals(ours, apart.toOurs(theirs, 2, 3, 1, 2));
        assertArrayEquals(theirs, apart.toTheirs(ours, 2, 3, 1, 2));
    }

    @Test
    void dropsAxesOfLengthOne() {
        Rearrangement dropped = Rearrangement.parse("o i 1 1 -> o i");
        assertArrayEquals(new long[] {2, 3, 1, 1}, dropped.theirShape(2, 3));
        float[] values = {1, 2, 3, 4, 5, 6};
        assertArrayEquals(values, dropped.toOurs(values, 2, 3));
        Rearrangement added = Rearrangement.parse("n -> 1 n 1");
        assertArrayEquals(new long[] {4}, added.theirShape(1, 4, 1));
        assertNull(added.theirShape(2, 4, 1), "an axis of 2 is none of 1");
        assertNull(added.theirShape(4), "the number of axes is another");
    }

    @ParameterizedTest
    @CsvSource({
        "i o, like",
        "i o -> o, each axis once",
        "i i -> i i, each axis once",
        "o c -> (o c), must not join",
        "(o c -> o c, close its parentheses",
        "o 2 -> o, names of axes",
        "((o)) -> o, names of axes",
    })
    void refusesWhatItCannotDo(String text, String message) {
        SpecException e = assertThrows(SpecException.class, () -> Rearrangement.parse(text));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }
}
