package io.residuum.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.testing.Programs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    @TempDir private Path folder;

    /** Locks a folder until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            FolderLock.acquire(Path.of(args[0]), System.err::println);
            System.out.println("locked");
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void keepsOutThisProcess() throws IOException {
        try (FolderLock first = lock()) {
            IOException e = assertThrows(IOException.class, this::lock);
            assertTrue(e.getMessage().contains(folder + ": must have one writer"), e.getMessage());
            assertTrue(e.getMessage().contains("this process"), e.getMessage());
            assertThrows(IOException.class, this::lock, "the first attempt ended no lock");
        }
        lock().close();
    }

    @Test
    void keepsOutOtherProcessesAndEndsWithAKilledOne() throws Exception {
        Process holder =
                Programs.of(Holder.class, folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var out = holder.inputReader()) {
            assertEquals("locked", out.readLine());
            for (int i = 0; i < 2; i++) {
                IOException e = assertThrows(IOException.class, this::lock);
                assertTrue(
                        e.getMessage().contains("process " + holder.pid() + " writes"),
                        e.getMessage());
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
        lock().close();
    }

    private FolderLock lock() throws IOException {
        return FolderLock.acquire(folder, Assertions::fail);
    }
}
