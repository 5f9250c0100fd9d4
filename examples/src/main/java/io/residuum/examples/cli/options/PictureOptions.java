package io.residuum.examples.cli.options;

import io.residuum.train.Recipe;
import io.residuum.vision.data.LoadOptions;
import io.residuum.vision.image.PictureReader;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of image data in files. */
@HelpSection(HelpSection.DATA)
public final class PictureOptions {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--skip-damaged",
            description =
                    "For folders of pictures: leave out those that cannot be decoded, with their"
                            + " number. Default: a damaged picture is an error")
    private boolean skipDamaged;

    @Mixin private MaxPixelsOption maxPixels;

    /** {@return the settings of opening images} */
    public LoadOptions load(Recipe recipe) {
        return new LoadOptions(
                recipe.validation(),
                skipDamaged,
                maxPixels.reader(command),
                new LoadLines(Output.of(command)));
    }

    /** {@return the decoder of pictures if none may be left out} */
    public PictureReader reader() {
        if (skipDamaged) {
            throw Options.wrong(command, "--skip-damaged is for folders of labelled pictures");
        }
        return maxPixels.reader(command);
    }

    /** Fails if an option was given, for data that are not pictures. */
    public void refuse() {
        if (skipDamaged || maxPixels.isGiven()) {
            throw Options.wrong(command, "--skip-damaged and --max-pixels are for images");
        }
    }

    /** {@return the options as typed, each with a space before it} */
    public String typed() {
        return (skipDamaged ? " --skip-damaged" : "") + maxPixels.typed();
    }
}
