package io.residuum.examples.cli;

import io.residuum.data.ImageSet;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.train.Evaluation;
import io.residuum.train.Evaluator;
import io.residuum.train.ImageInputs;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how well a network classifies. */
@Command(
        name = "evaluate",
        description = {
            "Measure how well a network classifies a test set.",
            "",
            "Images are brought to the shape that the network reads, and normalized as its spec"
                    + " says.",
            ""
        })
final class EvaluateCommand implements Callable<Integer> {

    /** The measurements, as JSON shows them. */
    private record Result(
            String model,
            String data,
            int samples,
            double loss,
            double top1,
            double top5,
            int wrong) {}

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "128",
            description = "How many images to compute at once. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--batch", batch, 1);
        weights.check();
        Model chosen = model.resolve();
        DataOption.Named named = data.get();
        ImageSet set = named.source().forEvaluation(ImageInputs.shape(chosen.spec()));
        requireSameClasses(chosen, named, set);
        output.note(
                String.format(Locale.ROOT, "data     %s: %,d images", named.text(), set.size()));
        try (Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            report(chosen, named, Evaluator.evaluate(network, set, batch), output);
        }
        return 0;
    }

    private void requireSameClasses(Model chosen, DataOption.Named named, ImageSet set) {
        long outputs = chosen.spec().newBlock().outputShape().get(1);
        int classes = set.classNames().size();
        if (outputs != classes) {
            throw Options.wrong(
                    spec,
                    "the model must tell apart the classes of the data, but %s has %d outputs and"
                            + " %s has %d classes",
                    chosen.label(),
                    outputs,
                    named.text(),
                    classes);
        }
    }

    private void report(Model chosen, DataOption.Named named, Evaluation e, Output output) {
        if (json) {
            output.json(
                    new Result(
                            chosen.label(),
                            named.text(),
                            e.samples(),
                            e.loss(),
                            e.top1(),
                            e.top5(),
                            e.wrong()));
            return;
        }
        output.result(
                String.format(
                        Locale.ROOT,
                        "loss %.4f, top-1 %.2f%%, top-5 %.2f%%, %,d wrong of %,d",
                        e.loss(),
                        100 * e.top1(),
                        100 * e.top5(),
                        e.wrong(),
                        e.samples()));
    }
}
