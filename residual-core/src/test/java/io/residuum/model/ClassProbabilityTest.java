package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassProbabilityTest {
    private static final List<String> NAMES = List.of("stars", "price");

    private static String text(ClassActivation activation) {
        return Classification.ofLogits(new float[] {0.5f, 12.25f}, 0, NAMES, activation).toString();
    }

    @Test
    void onlyProbabilitiesAreWrittenInPercent() {
        assertEquals("price (12.25), stars (0.5000)", text(ClassActivation.IDENTITY));
        assertEquals("price (100.0%), stars (0.0%)", text(ClassActivation.SOFTMAX));
        assertEquals("price (100.0%), stars (62.2%)", text(ClassActivation.SIGMOID));
    }
}
