package io.residuum.examples.cli.options;

import io.residuum.vision.image.PictureReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option {@code --max-pixels}. */
@HelpSection(HelpSection.DATA)
public final class MaxPixelsOption {

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            description =
                    "For picture files: largest number of pixels, checked before memory is used."
                            + " Default: 67108864 (8192 x 8192)")
    private @Nullable Long maxPixels;

    /** {@return true if the option was given} */
    public boolean isGiven() {
        return maxPixels != null;
    }

    /**
     * {@return the decoder of picture files}
     *
     * @param command the command, for errors; a mixin of a mixin does not know it
     */
    public PictureReader reader(CommandSpec command) {
        if (maxPixels == null) {
            return PictureReader.DEFAULT;
        }
        Options.atLeast(command, "--max-pixels", maxPixels, 1);
        return new PictureReader(maxPixels);
    }

    String typed() {
        return maxPixels == null ? "" : " --max-pixels " + maxPixels;
    }
}
