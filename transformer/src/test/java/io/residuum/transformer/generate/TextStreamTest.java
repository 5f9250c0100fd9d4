package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Text is shown as soon as it is certain, and never more than that. */
class TextStreamTest {

    private static TextStream stream(String prompt, String... stops) {
        return new TextStream(Letters.BYTES, Letters.BYTES.encode(prompt), List.of(stops));
    }

    /** Returns the text that each byte makes visible, up to the one that stops. */
    private static List<String> pieces(TextStream stream, String text) {
        List<String> pieces = new ArrayList<>();
        for (int token : Letters.BYTES.encode(text)) {
            if (!stream.stopped()) {
                pieces.add(stream.add(token));
            }
        }
        return pieces;
    }

    @Test
    void charactersOfSeveralBytesComeWhole() {
        TextStream stream = stream("é");
        assertEquals(
                List.of("a", "", "é", "", "", "€", "", "", "", "\uD83D\uDE00"),
                pieces(stream, "aé€\uD83D\uDE00"));
        assertEquals("aé€\uD83D\uDE00", stream.text());
        assertEquals("", stream.rest());
    }

    @Test
    void aCharacterThatStaysIncompleteComesAtTheEnd() {
        TextStream stream = stream("");
        assertEquals("", stream.add(0xE2));
        assertEquals("\uFFFD", stream.rest());
        assertEquals("\uFFFD", stream.text());
    }

    @Test
    void aCharacterBegunByThePromptIsPartOfTheText() {
        TextStream stream = new TextStream(Letters.BYTES, new int[] {'a', 0xC3}, List.of());
        assertEquals("é", stream.add(0xA9));
    }

    @Test
    void bytesThatMakeNoCharacterAreShown() {
        TextStream stream = stream("a");
        assertEquals("", stream.add(0x80));
        assertEquals("\uFFFDb", stream.add('b'));
    }

    @Test
    void aStopTextIsFoundAcrossTokens() {
        TextStream stream = stream("", "END");
        assertEquals(List.of("a", "", "", "ENb", "", "", ""), pieces(stream, "aENbENDc"));
        assertTrue(stream.stopped());
        assertEquals("aENb", stream.text());
        assertEquals("", stream.rest());
    }

    @Test
    void theFirstOfSeveralStopsCounts() {
        TextStream stream = stream("", "xyz", "y");
        assertEquals(List.of("a", "", "x"), pieces(stream, "axyz"));
        assertEquals("ax", stream.text());
    }

    @Test
    void aStopThatOverlapsItsOwnBeginningIsFound() {
        TextStream stream = stream("", "aab");
        assertEquals(List.of("", "", "a", "a", ""), pieces(stream, "aaaab"));
        assertEquals("aa", stream.text());
    }

    @Test
    void whatWasHeldBackComesAtTheEnd() {
        TextStream stream = stream("", "\n\n");
        assertEquals(List.of("a", ""), pieces(stream, "a\n"));
        assertEquals("\n", stream.rest());
        assertFalse(stream.stopped());
        assertEquals("a\n", stream.text());
    }

    @Test
    void aStopInThePromptIsNone() {
        TextStream stream = stream("a.", ".");
        assertEquals(List.of("b"), pieces(stream, "b"));
        assertFalse(stream.stopped());
    }
}
