package io.residuum.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reserves a folder for one writer. The operating system holds the lock, so it ends with the
 * process, even if the process is killed. The file {@code .residuum.lock} stays in the folder:
 * removing it could let two processes lock two files of that name.
 */
public final class FolderLock implements AutoCloseable {
    private static final String NAME = ".residuum.lock";
    private static final int LONGEST_PID = 20;
    private static final int POLL_MILLIS = 100;

    /** Outside the text of the file: on Windows, nobody else could read a locked region. */
    private static final long POSITION = Long.MAX_VALUE - 1;

    /**
     * The folders locked by this process. Asking the system would not do: on Linux and macOS,
     * closing any channel of a file ends the locks of the whole process on it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Locks a folder.
     *
     * @param folder an existing folder
     * @param note receives a line if the file system has no locks, so that only this process is
     *     kept out
     * @return the lock, to be closed by the caller
     * @throws IOException if another writer has the folder, or the lock file cannot be written,
     *     with a one-line message that names the folder
     */
    public static FolderLock acquire(Path folder, Consumer<String> note) throws IOException {
        Path real = folder.toRealPath();
        if (!HELD.add(real)) {
            throw new InUseException(folder, "this process");
        }
        FileChannel channel = null;
        try {
            channel = open(real.resolve(NAME));
            if (lock(channel, folder, note)) {
                byte[] pid = pid().getBytes(StandardCharsets.US_ASCII);
                channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
                FolderLock lock = new FolderLock(real, channel);
                channel = null;
                return lock;
            }
            throw new InUseException(folder, "process " + owner(channel));
        } catch (IOException e) {
            HELD.remove(real);
            throw e;
        } finally {
            close(channel);
        }
    }

    /**
     * Creates a folder if it is absent, with its parents, and locks it.
     *
     * @param note as in {@link #acquire}
     * @return the lock, to be closed by the caller
     * @throws IOException as {@link #acquire}, or if the folder cannot be created
     */
    public static FolderLock create(Path folder, Consumer<String> note) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException(
                    folder + ": the folder cannot be created: " + FileErrors.reason(e), e);
        }
        return acquire(folder, note);
    }

    /**
     * Locks a folder, after waiting for the end of another writer.
     *
     * @param folder an existing folder
     * @param note receives a line if the file system has no locks, or this method waits
     * @return the lock, to be closed by the caller
     * @throws IOException if the lock file cannot be written, or the thread is interrupted, with a
     *     one-line message that names the folder
     */
    public static FolderLock await(Path folder, Consumer<String> note) throws IOException {
        boolean noted = false;
        while (true) {
            try {
                return acquire(folder, note);
            } catch (InUseException e) {
                if (!noted) {
                    note.accept(folder + ": waiting for " + e.owner + ", which writes there");
                    noted = true;
                }
                pause(folder);
            }
        }
    }

    private static void pause(Path folder) throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(folder + ": interrupted while another process writes there", e);
        }
    }

    private static FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be written: " + FileErrors.reason(e), e);
        }
    }

    private static boolean lock(FileChannel channel, Path folder, Consumer<String> note) {
        try {
            return channel.tryLock(POSITION, 1, false) != null;
        } catch (IOException | UnsupportedOperationException e) {
            note.accept(
                    folder
                            + ": the file system has no locks ("
                            + e.getMessage()
                            + "); make sure that no other process writes to this folder");
            return true;
        }
    }

    /** Another writer has the folder. */
    private static final class InUseException extends IOException {
        private final String owner;

        InUseException(Path folder, String owner) {
            super(
                    "%s: must have one writer at a time, but %s writes there; wait for its end, or choose another folder"
                            .formatted(folder, owner));
            this.owner = owner;
        }
    }

    private static String pid() {
        return Long.toString(ProcessHandle.current().pid());
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(LONGEST_PID);
        channel.read(text, 0);
        return StandardCharsets.US_ASCII.decode(text.flip()).toString();
    }

    private static void close(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // The operating system has closed it and ended the lock.
            }
        }
    }

    /** Unlocks the folder. */
    @Override
    public void close() {
        if (channel.isOpen()) {
            close(channel);
            HELD.remove(folder);
        }
    }
}
