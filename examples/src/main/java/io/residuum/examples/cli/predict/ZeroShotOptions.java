package io.residuum.examples.cli.predict;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.transformer.predict.ZeroShot;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.vision.train.ImageInputs;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options {@code --labels} and {@code --template}. */
@HelpSection(HelpSection.DATA)
final class ZeroShotOptions {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--labels",
            paramLabel = "LABEL",
            split = ",",
            description =
                    "With a model of images and texts such as CLIP: classify images by these"
                            + " labels, separated by commas.")
    private List<String> labels = List.of();

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            description =
                    "With --labels: text around a label, whose place is {}. Repeatable. Default: "
                            + ZeroShot.TEMPLATE)
    private List<String> templates = List.of();

    boolean isGiven() {
        return !labels.isEmpty() || !templates.isEmpty();
    }

    /** Fails unless a model reads images, and labels if they are given. */
    void check(ModelSource model) {
        if (!templates.isEmpty() && labels.isEmpty()) {
            throw Options.wrong(command, "--template is for --labels");
        }
        boolean supported = ZeroShot.supports(model.spec());
        if (supported && labels.isEmpty()) {
            throw Options.wrong(
                    command,
                    "%s classifies images by their texts: give --labels, for instance 'a cat,a"
                            + " dog'",
                    model.label());
        }
        if (!supported && isGiven()) {
            throw new SpecException(
                    "--labels need a model of images and texts such as CLIP, but %s has its own classes: leave them out"
                            .formatted(model.label()));
        }
        if (!supported) {
            ImageInputs.shape(model.spec());
        }
    }

    /** Opens a model, or the classifier of the labels that it gives. */
    Network open(
            ModelSource model,
            WeightsOption weights,
            TokenizerOption tokenizer,
            Backend engine,
            Output output) {
        if (!isGiven()) {
            return weights.open(model, engine, output);
        }
        try (Tokenizer encoder = TextSetup.required(model, tokenizer);
                Network network = weights.open(model, engine, output)) {
            List<String> around = templates.isEmpty() ? List.of(ZeroShot.TEMPLATE) : templates;
            List<String> classes = labels.stream().map(String::strip).toList();
            return ZeroShot.classifier(network, encoder, classes, around);
        }
    }
}
