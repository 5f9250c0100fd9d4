package io.residuum.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Describes failures of the file system in words for users. */
public final class FileErrors {
    private FileErrors() {}

    /**
     * {@return the reason of a failure without the file's name, such as {@code no such file}}
     *
     * @param e the failure
     */
    public static String reason(IOException e) {
        // The message of a FileSystemException is often only the path.
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file with its name exists";
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
