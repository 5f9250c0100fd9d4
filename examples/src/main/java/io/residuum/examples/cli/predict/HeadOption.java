package io.residuum.examples.cli.predict;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Options;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.vision.predict.ImageClassifier;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option {@code --head}. */
@HelpSection(HelpSection.DATA)
final class HeadOption {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--head",
            paramLabel = "NAME",
            description =
                    "Classify by this output of a network with several, such as policy. Default:"
                            + " the only output")
    private @Nullable String name;

    boolean isGiven() {
        return name != null;
    }

    /** Fails as {@link #check}, or if one of several outputs must be chosen and is not. */
    void checkTexts(boolean classifies, ModelSource model) {
        check(classifies);
        if (!classifies) {
            return;
        }
        List<String> outputs = model.spec().newBlock().outputNames();
        if (name == null && outputs.size() > 1) {
            throw Options.wrong(
                    command,
                    "%s has the outputs %s: choose one with --head NAME",
                    model.label(),
                    String.join(", ", outputs));
        }
    }

    /** Fails if the option is given for another use than classes. */
    void check(boolean classifies) {
        if (name != null && !classifies) {
            throw Options.wrong(
                    command,
                    "--head is for the classes of images and of single texts: leave it out");
        }
    }

    ImageClassifier images(Network network) {
        return name == null ? ImageClassifier.of(network) : ImageClassifier.of(network, name);
    }

    TextClassifier texts(Network network, Tokenizer tokenizer) {
        return name == null
                ? TextClassifier.of(network, tokenizer)
                : TextClassifier.of(network, tokenizer, name);
    }
}
