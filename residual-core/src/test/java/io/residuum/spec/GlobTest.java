package io.residuum.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "stem.*, stem.weight, true",
        "stem.*, stem., true",
        "stem.*, stemXweight, false",
        "*norm*, a.norm.b, true",
        "*, '', true",
        "a(b|c)+[d], a(b|c)+[d], true",
        "a\\E*, a\\Eb, true",
        "fc, fc.weight, false",
        "*.bias, head.bias, true",
        "*.bias, bias, true",
        "*.bias, nobias, false",
        "*.lora.*, lora.A.weight, true",
    })
    void matchesTheCompleteName(String pattern, String name, boolean matches) {
        assertEquals(matches, new Glob(pattern).test(name));
    }

    @Test
    @Timeout(60)
    void takesLinearTime() {
        assertFalse(new Glob("*a".repeat(100) + "b").test("a".repeat(2000)));
    }

    @Test
    void refusesLongPatterns() {
        assertThrows(SpecException.class, () -> new Glob("a".repeat(1001)));
    }
}
