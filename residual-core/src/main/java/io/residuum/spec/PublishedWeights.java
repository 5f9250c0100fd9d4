package io.residuum.spec;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Published weights of a preset.
 *
 * @param preset the name of the preset
 * @param location where they are: {@code hf:org/model}, or an address, which may end in {@code
 *     #sha256=} and the beginning of the file's checksum
 * @param licence their licence as an SPDX identifier, or as the hub names it
 * @param accuracy the published top-1 accuracy in percent, on the data that the preset's paper
 *     uses; null if none is published
 * @param source who published the accuracy; empty if none is published
 */
public record PublishedWeights(
        String preset, String location, String licence, @Nullable Double accuracy, String source) {
    private static final Pattern CHECKSUM = Pattern.compile(".*#sha256=([0-9a-f]+)");

    /** {@return the beginning of the file's SHA-256; empty if only the hub knows it} */
    public Optional<String> sha256() {
        return Optional.of(CHECKSUM.matcher(location))
                .filter(m -> m.matches())
                .map(m -> m.group(1));
    }
}
