package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.dialect.ImportPlan;
import java.util.List;
import picocli.CommandLine.Option;

/** The options for the tensors of a file: which are read, under which names. */
@HelpSection(HelpSection.WEIGHTS)
public final class TensorOptions {

    @Option(
            names = "--ema-weights",
            description = "Use the EMA weights of a checkpoint that has both.")
    private boolean ema;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            description =
                    "Read only the tensors whose names begin with this, such as model., and remove"
                            + " it. Default: a prefix of all names is found")
    private String prefix = "";

    @Option(
            names = "--strip-prefix",
            paramLabel = "PREFIX",
            description =
                    "Remove this from the names that begin with it; other names stay as they are.")
    private String strippedPrefix = "";

    @Option(
            names = "--allow-missing",
            paramLabel = "PATTERN",
            description =
                    "Parameters (Residuum's names) that may be missing in the file; * stands for"
                            + " any text. They get random values. Repeatable.")
    private List<String> allowMissing = List.of();

    @Option(
            names = "--allow-unexpected",
            paramLabel = "PATTERN",
            description =
                    "Tensors of the file (its names) to leave out; * stands for any text."
                            + " Repeatable.")
    private List<String> allowUnexpected = List.of();

    /** {@return settings for loading weights with these options} */
    ImportOptions on(ImportOptions before) {
        return before.with()
                .variant(ema ? StateDict.Variant.EMA : StateDict.Variant.PLAIN)
                .prefix(prefix)
                .strippedPrefix(strippedPrefix)
                .allowMissing(allowMissing)
                .allowUnexpected(allowUnexpected)
                .build();
    }

    boolean areGiven() {
        return ema
                || !(prefix.isEmpty()
                        && strippedPrefix.isEmpty()
                        && allowMissing.isEmpty()
                        && allowUnexpected.isEmpty());
    }

    /** {@return a model that has weights, with the options applied} */
    public ModelSource on(ModelSource model) {
        return areGiven() ? model.withOptions(this::on) : model;
    }

    /** Prints what was done to names, and which tensors are left out, resized or random. */
    public static void report(ImportPlan plan, Output output) {
        if (!plan.file().removedPrefixes().isEmpty()) {
            output.note(
                    "prefix   %s removed from the names",
                    String.join(" and ", plan.file().removedPrefixes()));
        }
        if (!plan.leftOut().isEmpty()) {
            output.note(
                    "left out %d tensors of heads that the network does not have: %s",
                    plan.leftOut().size(), String.join(", ", plan.leftOut()));
        }
        if (!plan.unexpected().isEmpty()) {
            output.note(
                    "left out %d tensors that the network does not have: %s",
                    plan.unexpected().size(), String.join(", ", plan.unexpected()));
        }
        if (!plan.missing().isEmpty() || !plan.wrongShapes().isEmpty()) {
            List<String> random = plan.unmatched();
            output.warn(
                    "%d parameters are random, as --allow-missing says: %s"
                            .formatted(random.size(), String.join(", ", random)));
        }
        plan.resized().forEach((path, how) -> output.note("         " + path + ": " + how));
    }
}
