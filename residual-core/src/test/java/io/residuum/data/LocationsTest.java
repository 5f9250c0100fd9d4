package io.residuum.data;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LocationsTest {
    @Test
    void aTextThatCannotBeAPath() {
        DataException e = assertThrows(DataException.class, () -> Locations.parse("a\0b"));
        assertTrue(e.getMessage().endsWith("cannot be a path: Nul character not allowed"));
    }
}
