package io.residuum.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Describes failures of the file system in words for users. */
public final class FileErrors {
    private FileErrors() {}

    /**
     * Returns the reason of a failure without the file's name.
     *
     * @param e the failure
     * @return a few words, such as {@code no such file}
     */
    public static String reason(IOException e) {
        // A FileSystemException's own message is often no more than the path.
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    }
}
