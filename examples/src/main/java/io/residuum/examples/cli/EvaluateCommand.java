package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how well a network does on data that it has not seen. */
@Command(
        name = "evaluate",
        description = {
            "Measure how well a network classifies a test set, or knows a text.",
            "",
            "Images are brought to the shape that the network reads, and normalized as its spec"
                    + " says. Text is encoded by the tokenizer that is saved with the model; of a"
                    + " text without a test part the last tenth is used, which training holds out.",
            ""
        })
final class EvaluateCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Mixin private TextOptions text;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "128",
            description = "How many samples to compute at once. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--batch", batch, 1);
        weights.check();
        compile.check();
        ModelSource chosen = weights.on(model.resolve());
        try (TaskSource.Exam exam = data.get().exam(chosen, text)) {
            output.note("data     " + exam.description());
            try (Backend engine = backend.open(output);
                    Network network = weights.open(chosen, engine, output)) {
                compile.apply(network, output::warn);
                report(chosen, exam.take(network, batch), output);
            }
        }
        return 0;
    }

    private void report(ModelSource chosen, TaskSource.Finding found, Output output) {
        if (!json) {
            output.result(found.line());
            return;
        }
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("model", chosen.label());
        numbers.put("data", data.get().text());
        numbers.putAll(found.numbers());
        output.json(numbers);
    }
}
