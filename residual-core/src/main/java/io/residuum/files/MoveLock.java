package io.residuum.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock between threads and processes for some moves of files. Unlike that of a {@link
 * FolderLock}, its file is removed after the moves, since users export into any folder. Windows
 * cannot remove an open file, so it stays there.
 */
final class MoveLock {
    private static final Logger LOG = LoggerFactory.getLogger(MoveLock.class);

    /** A file lock keeps out other processes only. */
    private static final ReentrantLock HERE = new ReentrantLock();

    /** The key of each file on Windows. */
    private static final Object WITHOUT_KEY = "";

    private MoveLock() {}

    /** Some moves of files. */
    interface Moves {
        void run() throws IOException;
    }

    /**
     * Moves files while no other thread or process that names the same lock does.
     *
     * @param file the file of the lock, in an existing folder
     * @throws IOException that of the moves, or one that names the file if it cannot be written
     */
    static void during(Path file, Moves moves) throws IOException {
        HERE.lock();
        try {
            while (!moved(file, moves)) {
                // The holder before has removed the file that was opened, or there was none.
            }
        } finally {
            HERE.unlock();
        }
    }

    private static boolean moved(Path file, Moves moves) throws IOException {
        Object before = key(file);
        try (FileChannel channel = open(file)) {
            lock(channel, file);
            if (before == null || !before.equals(key(file))) {
                return false;
            }
            try {
                moves.run();
            } finally {
                if (before != WITHOUT_KEY) {
                    Files.deleteIfExists(file);
                }
            }
            return true;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be written: " + FileErrors.reason(e), e);
        }
    }

    private static void lock(FileChannel channel, Path file) {
        try {
            channel.lock();
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn(
                    "{}: the file system has no locks ({}); make sure that no other process writes"
                            + " these files",
                    file,
                    e.getMessage());
        }
    }

    /** Returns what tells a file from a later one of its name; null if there is none. */
    private static @Nullable Object key(Path file) throws IOException {
        try {
            Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return key == null ? WITHOUT_KEY : key;
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
