package io.residuum.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.residuum.testing.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir Path folder;

    @Test
    void replacesAFileAndLeavesNothingBeside() throws IOException {
        Path file = folder.resolve("a.json");
        AtomicFiles.writeString(file, "first, and longer");
        AtomicFiles.writeString(file, "größer");
        assertEquals("größer", Files.readString(file));
        assertEquals(List.of(file), listing());
    }

    /** Writes two files that belong together, until it is killed. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) throws Exception {
            System.out.println("writes");
            while (true) {
                writePair(Path.of(args[0]), args[1]);
            }
        }
    }

    private static void writePair(Path folder, String text) throws IOException {
        AtomicFiles.Content content = out -> out.write(text.getBytes());
        AtomicFiles.writeTogether(
                List.of(
                        new AtomicFiles.Part(folder.resolve("a"), content),
                        new AtomicFiles.Part(folder.resolve("b"), content)));
    }

    @Test
    void filesOfTwoWritersDoNotMix() throws Exception {
        Process other =
                Programs.of(Writer.class, folder.toString(), "other")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        Path a = folder.resolve("a");
        Path lock = null;
        try (var out = other.inputReader()) {
            assertEquals("writes", out.readLine());
            for (int i = 0; i < 50; i++) {
                String own = "own " + i;
                Thread second = new Thread(() -> write(folder, "second of " + own));
                second.start();
                writePair(folder, own);
                second.join();
                // Under the lock of these files, no move can come between two reads.
                lock = folder.resolve(".residuum-%08x-lock".formatted("a".hashCode()));
                MoveLock.during(
                        lock,
                        () ->
                                assertEquals(
                                        Files.readString(a),
                                        Files.readString(folder.resolve("b"))));
            }
        } finally {
            other.destroyForcibly().waitFor();
        }
        writePair(folder, "last");
        assertEquals("last", Files.readString(a));
        assertFalse(Files.exists(lock), "the lock is removed");
    }

    private static void write(Path folder, String text) {
        try {
            writePair(folder, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFailureBeforeTheMovesChangesNoFile() throws IOException {
        writePair(folder, "old");
        List<AtomicFiles.Part> parts =
                List.of(
                        new AtomicFiles.Part(folder.resolve("a"), out -> out.write(1)),
                        new AtomicFiles.Part(
                                folder.resolve("b"),
                                out -> {
                                    throw new FileSystemException("b", null, "disk full");
                                }));
        IOException e = assertThrows(IOException.class, () -> AtomicFiles.writeTogether(parts));
        assertTrue(e.getMessage().contains("b: cannot be written: disk full"), e.getMessage());
        assertEquals("old", Files.readString(folder.resolve("a")));
        assertEquals(2, listing().size());
    }

    @Test
    void theOldFileIsThereUntilTheNewOneIsComplete() throws IOException {
        Path file = folder.resolve("a.json");
        AtomicFiles.writeString(file, "old");
        AtomicFiles.write(
                file,
                out -> {
                    out.write("new".getBytes());
                    out.flush();
                    assertEquals("old", Files.readString(file));
                });
        assertEquals("new", Files.readString(file));
    }

    @Test
    void aWriteWithinAWriteOfTheSameFileIsReplacedByTheOuterOne() throws IOException {
        Path file = folder.resolve("a.json");
        AtomicFiles.write(
                file,
                out -> {
                    out.write("outer".getBytes());
                    AtomicFiles.writeString(file, "inner");
                    assertEquals("inner", Files.readString(file));
                });
        assertEquals("outer", Files.readString(file));
        assertEquals(List.of(file), listing());
    }

    @Test
    void aFullDiskLeavesTheOldFileAndNoOther() throws IOException {
        Path file = folder.resolve("a.json");
        AtomicFiles.writeString(file, "old");
        IOException e =
                assertThrows(
                        IOException.class,
                        () ->
                                AtomicFiles.write(
                                        file,
                                        out -> {
                                            out.write(new byte[1 << 17]);
                                            throw new FileSystemException(
                                                    "x", null, "No space left on device");
                                        }));
        assertEquals(
                file
                        + ": cannot be written: No space left on device; the file is as it was"
                        + " before",
                e.getMessage());
        assertEquals("old", Files.readString(file));
        assertEquals(List.of(file), listing());
    }

    @Test
    void passesOnWhatTheContentThrowsAndLeavesNoFile() throws IOException {
        Path file = folder.resolve("a.json");
        RuntimeException thrown = new IllegalStateException("mine");
        RuntimeException caught =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                AtomicFiles.write(
                                        file,
                                        out -> {
                                            throw thrown;
                                        }));
        assertSame(thrown, caught);
        assertEquals(List.of(), listing());
    }

    @Test
    void namesAFolderThatIsMissing() {
        Path file = folder.resolve("nowhere").resolve("a.json");
        IOException e = assertThrows(IOException.class, () -> AtomicFiles.writeString(file, "x"));
        assertTrue(e.getMessage().startsWith(file + ": the folder "), e.getMessage());
        assertFalse(Files.exists(file.getParent()));
    }

    @Test
    void refusesToReplaceAFolder() {
        IOException e = assertThrows(IOException.class, () -> AtomicFiles.writeString(folder, "x"));
        assertTrue(e.getMessage().contains("must be a regular file"), e.getMessage());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void followsASymbolicLink() throws IOException {
        Path file = Files.writeString(folder.resolve("real"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        AtomicFiles.writeString(link, "new");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(file));

        Path loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        IOException e = assertThrows(IOException.class, () -> AtomicFiles.writeString(loop, "x"));
        assertTrue(e.getMessage().contains("or to itself; remove the link"), e.getMessage());
        assertTrue(Files.isSymbolicLink(loop));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void keepsThePermissionsOfAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), "old");
        Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rw-------");
        Files.setPosixFilePermissions(file, owner);
        AtomicFiles.write(
                file,
                out -> {
                    out.write("new".getBytes());
                    for (Path each : listing()) {
                        assertEquals(owner, Files.getPosixFilePermissions(each), each.toString());
                    }
                });
        assertEquals(owner, Files.getPosixFilePermissions(file));

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assumeFalse(Files.isWritable(file), "root may write any file");
        IOException e =
                assertThrows(IOException.class, () -> AtomicFiles.writeString(file, "newer"));
        assertTrue(e.getMessage().endsWith("it is read-only"), e.getMessage());
        assertEquals("new", Files.readString(file));
    }

    @Test
    void keepsTheFileBefore() throws IOException {
        Path file = folder.resolve("a");
        Path before = folder.resolve("b");
        AtomicFiles.writeKeeping(file, before, out -> out.write('1'));
        assertEquals(List.of(file), listing());
        AtomicFiles.writeKeeping(file, before, out -> out.write('2'));
        AtomicFiles.writeKeeping(file, before, out -> out.write('3'));
        assertEquals("3", Files.readString(file));
        assertEquals("2", Files.readString(before));
    }

    /** A program that is ended while it writes: file. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) throws IOException {
            AtomicFiles.write(
                    Path.of(args[0]),
                    out -> {
                        out.write(new byte[1 << 20]);
                        System.out.println("writing");
                        try {
                            Thread.sleep(60_000);
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    });
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aSignalLeavesNoTemporaryFile() throws Exception {
        Process process =
                Programs.of(Program.class, folder.resolve("a").toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            assertEquals("writing", process.inputReader().readLine());
            assertEquals(1, listing().size());
            process.destroy();
            assertEquals(143, process.waitFor());
            assertEquals(List.of(), listing());
        } finally {
            process.destroyForcibly();
        }
    }

    private List<Path> listing() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }
}
