package io.residuum.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocationsTest {
    @Test
    void aTextThatCannotBeAPath() {
        DataException e = assertThrows(DataException.class, () -> Locations.parse("a\0b"));
        assertTrue(e.getMessage().endsWith("cannot be a path: Nul character not allowed"));
    }

    @Test
    void partsWithACommonFile(@TempDir Path folder) throws Exception {
        Path a = Files.createFile(folder.resolve("a"));
        Path b = Files.createFile(folder.resolve("b"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), a);
        assertEquals(List.of(), overlaps("train=" + a + ",val=" + b));
        assertEquals(
                List.of(
                        a
                                + " is trained and tested on: it does not show how the network does"
                                + " on other data",
                        b + " chooses the best epoch and tests it, which flatters it"),
                overlaps("train=" + a + ",val=" + b + ",test=" + b + "," + link));
    }

    private static List<String> overlaps(String text) {
        return Locations.parse(text).overlaps();
    }
}
