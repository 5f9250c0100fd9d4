package io.residuum.data;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Identifies data in a checkpoint, so that a run does not resume on other data. */
public final class Fingerprint {

    private Fingerprint() {}

    /**
     * Identifies a part of the data.
     *
     * @param size the number of samples
     * @param unit the name of samples, such as images
     * @param hash a hash of the samples, which does not depend on names of folders
     * @return size, unit and the first 16 characters of the hash
     */
    public static String part(long size, String unit, String hash) {
        return String.format(Locale.ROOT, "%,d %s (%.16s)", size, unit, hash);
    }

    /**
     * Joins the parts of a task's data.
     *
     * @param train the training part
     * @param validation the validation part
     * @param test the test part
     * @return one line
     */
    public static String of(String train, Optional<String> validation, Optional<String> test) {
        return Stream.of(
                        Optional.of("training " + train),
                        validation.map(part -> "validation " + part),
                        test.map(part -> "test " + part))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", "));
    }
}
