package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneDnnTest {
    @Test
    void amdWithoutCachesNeedsTheVariable(@TempDir Path folder) throws IOException {
        Path amd = Files.writeString(folder.resolve("amd"), "vendor_id\t: AuthenticAMD\n");
        Path intel = Files.writeString(folder.resolve("intel"), "vendor_id\t: GenuineIntel\n");
        Path none = folder.resolve("none");
        assertTrue(OneDnn.hidesCaches(amd, none));
        assertFalse(OneDnn.hidesCaches(amd, folder));
        assertFalse(OneDnn.hidesCaches(intel, none));
        assertFalse(OneDnn.hidesCaches(none, none));
    }
}
