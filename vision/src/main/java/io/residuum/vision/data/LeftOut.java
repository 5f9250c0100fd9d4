package io.residuum.vision.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Files of a data set that are not used.
 *
 * @param folder the folder that holds them, directly or in folders below it
 * @param reason the reason, such as {@code damaged}
 * @param files the number of files
 * @param details a description of each kind, or of the first few files
 */
public record LeftOut(Path folder, String reason, int files, List<String> details) {
    public LeftOut {
        details = List.copyOf(details);
    }

    /** {@return one line for people} */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %,d %s left out, %s: %s",
                folder,
                files,
                files == 1 ? "file" : "files",
                reason,
                String.join(", ", details));
    }
}
