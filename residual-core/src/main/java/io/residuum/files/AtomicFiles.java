package io.residuum.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Writes files atomically: a file is complete or unchanged.
 *
 * <p>The contents go to a temporary file in the same folder, are forced to the disk, and are moved
 * into place in one step. If anything fails, or Ctrl-C, SIGTERM or {@code System.exit} ends the
 * process, the temporary file is removed and an existing file stays as it was. The new file has the
 * permissions of the existing one.
 */
public final class AtomicFiles {
    private static final long PROCESS = ThreadLocalRandom.current().nextLong();

    private AtomicFiles() {}

    /** The contents of a file. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes the contents.
         *
         * @param out a buffered stream, which the caller closes
         * @throws IOException if writing fails
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @param file the file, in an existing folder; a symbolic link is followed
     * @param content the contents; its exception ends the attempt
     * @throws IOException if the file cannot be written, with a one-line message that names it
     */
    public static void write(Path file, Content content) throws IOException {
        write(file, content, null);
    }

    /**
     * Writes a file and keeps the existing one under another name. If the process ends between the
     * two moves, only the other name is there.
     *
     * @param file the file, in an existing folder; a symbolic link is followed
     * @param previous the other name, in the same folder; a file of this name is replaced
     * @param content the contents; its exception ends the attempt
     * @throws IOException if the file cannot be written, with a one-line message that names it
     */
    public static void writeKeeping(Path file, Path previous, Content content) throws IOException {
        write(file, content, previous);
    }

    private static void write(Path file, Content content, @Nullable Path previous)
            throws IOException {
        Staged staged = new Staged(file);
        try {
            staged.fill(content);
            staged.place(previous);
        } finally {
            Files.deleteIfExists(staged.temporary);
        }
    }

    /**
     * A file and its contents.
     *
     * @param file the file, in an existing folder; a symbolic link is followed
     * @param content the contents; its exception ends the attempt
     */
    public record Part(Path file, Content content) {}

    /**
     * Writes files that belong together, such as weights and the network that names them. They are
     * moved into place after all contents are written. Another call with the same first file, also
     * in another process, moves its files before or after, so that files of the two never mix. If
     * the process ends between two moves, only the first files are new.
     *
     * @param parts the files, in the order of the moves
     * @throws IOException if a file cannot be written, with a one-line message that names it
     */
    public static void writeTogether(List<Part> parts) throws IOException {
        List<Staged> all = new ArrayList<>();
        try {
            for (Part part : parts) {
                Staged staged = new Staged(part.file);
                all.add(staged);
                staged.fill(part.content);
            }
            Path first = all.get(0).target;
            MoveLock.during(
                    first.resolveSibling(temporaryPrefix(first) + "lock"),
                    () -> {
                        for (Staged staged : all) {
                            staged.place(null);
                        }
                    });
        } finally {
            for (Staged staged : all) {
                Files.deleteIfExists(staged.temporary);
            }
        }
    }

    /** A file whose contents go to a temporary file first. */
    private static final class Staged {
        private final Path file;
        private final Path target;
        private final Path temporary;

        Staged(Path file) throws IOException {
            this.file = file;
            this.target = target(file);
            if (Files.exists(target) && !Files.isWritable(target)) {
                // Moving another file into its place would need no permission.
                throw new IOException(file + ": cannot be written: it is read-only");
            }
            this.temporary = unusedTemporary(target);
            temporary.toFile().deleteOnExit();
        }

        void fill(Content content) throws IOException {
            try {
                writeAndForce(temporary, target, content);
            } catch (IOException e) {
                throw failed(e);
            }
        }

        /** Moves the contents into place, and an existing file to another name if there is one. */
        void place(@Nullable Path previous) throws IOException {
            try {
                if (previous != null && Files.exists(target)) {
                    Files.move(target, previous, StandardCopyOption.ATOMIC_MOVE);
                }
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw failed(e);
            }
            forceFolder(Objects.requireNonNull(target.toAbsolutePath().getParent()));
        }

        private IOException failed(IOException e) {
            return new IOException(
                    file
                            + ": cannot be written: "
                            + FileErrors.reason(e)
                            + (Files.exists(target) ? "; the file is as it was before" : ""),
                    e);
        }
    }

    /**
     * Writes a text file in UTF-8.
     *
     * @param file the file, in an existing folder
     * @throws IOException if the file cannot be written, with a one-line message that names it
     */
    public static void writeString(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Writes a text file in UTF-8, for callers that cannot continue without it.
     *
     * @param file the file, in an existing folder
     * @throws UncheckedIOException if the file cannot be written, with a one-line message that
     *     names it
     */
    public static void writeText(Path file, String text) {
        try {
            writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /**
     * Moves a finished file into place, for contents that arrive over several attempts. They are
     * forced to the disk first.
     *
     * @param finished the contents, in the folder of the file
     * @param file the file; an existing one is replaced
     * @throws IOException if the file cannot be moved, with a one-line message that names it
     */
    public static void move(Path finished, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(finished, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        try {
            Files.move(finished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be written: " + FileErrors.reason(e), e);
        }
        forceFolder(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    }

    /**
     * Removes what killed processes left while they wrote a file. Make sure that no other process
     * writes the file now.
     *
     * @param file the file, which may be absent
     * @throws IOException if the folder cannot be listed or a temporary file cannot be removed
     */
    public static void removeStale(Path file) throws IOException {
        Path target = target(file);
        String names = temporaryPrefix(target) + "[0-9a-f]*.tmp";
        Path folder = Objects.requireNonNull(target.getParent());
        try (DirectoryStream<Path> stale = Files.newDirectoryStream(folder, names)) {
            for (Path temporary : stale) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /**
     * Returns a temporary name that no write uses. Writes of a thread that follow each other use
     * one name, because Java remembers each name that it deletes at exit. A write within the
     * content of another one takes the next name.
     */
    private static Path unusedTemporary(Path target) {
        long unique = PROCESS + Thread.currentThread().getId();
        for (int nested = 0; ; nested++) {
            Path temporary =
                    target.resolveSibling(
                            temporaryPrefix(target) + "%016x%x.tmp".formatted(unique, nested));
            if (!Files.exists(temporary)) {
                return temporary;
            }
        }
    }

    /** Returns the beginning of temporary names, which tells the files of a folder apart. */
    private static String temporaryPrefix(Path target) {
        // The hash of a text is the same in every process. The name itself could become too long.
        return ".residuum-%08x-"
                .formatted(Objects.requireNonNull(target.getFileName()).toString().hashCode());
    }

    private static Path target(Path file) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        if (Files.isSymbolicLink(target)) {
            throw new IOException(
                    file
                            + ": must not be a link to a file that does not exist, or to itself;"
                            + " remove the link");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException(file + ": must be a regular file, found a folder or a device");
        }
        Path folder = target.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(file + ": the folder " + folder + " must exist; create it first");
        }
        return target;
    }

    /** Copies the permissions of a file, if it exists. Windows has none. */
    private static void copyPermissions(Path from, Path to) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
        if (view != null && Files.exists(from)) {
            view.setPermissions(Files.getPosixFilePermissions(from));
        }
    }

    // Files.createTempFile would leave the file readable by its owner alone.
    private static void writeAndForce(Path temporary, Path target, Content content)
            throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            // First, so that nobody else can read a secret while it is written.
            copyPermissions(target, temporary);
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    // Makes the move survive a power failure. Windows cannot open folders, and needs no such step.
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // The file is in place; only the file system decides whether that survives.
        }
    }
}
