package io.residuum.weights.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.SpecException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {

    @ParameterizedTest
    @CsvSource({
        "fc.weight, linear.weight, fc.weight, linear.weight",
        "stage{s}.{u}.*, layer{s}.{u}.*, stage2.10.conv.weight, layer2.10.conv.weight",
        "layer{s+1}.*, stage{s}.*, layer1.bias, stage0.bias",
        "h{b-1}.w, g{b}.w, h0.w, g1.w",
        "a{i}.b{i}, {i}, a7.b7, 7",
    })
    void whatGapsStandForIsPutInOnTheOtherSide(
            String from, String to, String name, String expected) {
        Map<String, String> gaps = new NamePattern(from).match(name).orElseThrow();
        assertEquals(expected, new NamePattern(to).fill(gaps));
        assertEquals(name, new NamePattern(from).fill(gaps));
    }

    @ParameterizedTest
    @CsvSource({
        "fc.weight, fc_weight",
        "a{i}.b{i}, a1.b2",
        "a{i}, a",
        "a{i}, a01",
        "a{i}, a1234567890",
        "a{i+1}, a0",
        "*.bias, .bias",
        "fc, fc.weight",
        "ab{i}ba, aba",
    })
    void otherNamesDoNotMatch(String pattern, String name) {
        assertTrue(new NamePattern(pattern).match(name).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a{", "a}", "a{B}", "a{b+}", "*.*"})
    void refusesWhatIsNoPattern(String text) {
        assertThrows(SpecException.class, () -> new NamePattern(text));
    }

    @Test
    @Timeout(60)
    void manyGapsTakeLinearTime() {
        String gaps = "{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}{n}{o}{p}{q}{r}{s}{t}{u}{v}{w}{x}";
        assertTrue(new NamePattern(gaps).match("1".repeat(200) + "x").isEmpty());
        assertTrue(new NamePattern(gaps).match("1".repeat(30)).isPresent());
    }

    @Test
    void refusesLongPatternsAndGapsWithoutValue() {
        assertThrows(SpecException.class, () -> new NamePattern("a".repeat(1001)));
        NamePattern next = new NamePattern("a{b+1}");
        assertThrows(SpecException.class, () -> next.fill(Map.of("c", "1")));
    }

    @Test
    void namesItsGaps() {
        assertEquals(Set.of("s", "u", "*"), new NamePattern("x{s}.{u+1}.{s}.*").placeholders());
    }
}
