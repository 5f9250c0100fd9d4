package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class NativeCacheTest {
    @TempDir private Path temp;

    @Test
    void onlyTheUserCanUseTheFolder() throws IOException {
        Path folder = NativeCache.privateFolder(temp);
        assertEquals("rwx------", permissions(folder));
        assertEquals(folder, NativeCache.privateFolder(temp));
    }

    @Test
    void refusesAFolderThatOthersCanWrite() throws IOException {
        Path folder = NativeCache.privateFolder(temp);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused("permissions rwxrwxrwx");
    }

    @Test
    void refusesALink() throws IOException {
        Path folder = NativeCache.privateFolder(temp);
        Files.delete(folder);
        Path target = Files.createDirectory(temp.resolve("elsewhere"));
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(folder, target);
        assertRefused("a file or a link");
    }

    private void assertRefused(String found) {
        BackendException e =
                assertThrows(BackendException.class, () -> NativeCache.privateFolder(temp));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(found) && message.contains("set the environment"), message);
    }

    private static String permissions(Path folder) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
    }
}
