package io.residuum.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GeneratedSizesTest {
    @Test
    void aShareIsAtLeastOneSample() {
        GeneratedSizes four = new GeneratedSizes(4, 1, 0);
        assertEquals(1, four.validation(0.1));
        assertEquals(2, four.validation(0.5));
        assertEquals(0, four.validation(0));
    }
}
