package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
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

/** Evaluates a network on a data set. */
@Command(
        name = "evaluate",
        description = {
            "Evaluate a network on a data set: loss, accuracy, perplexity.",
            "",
            "Images are converted to the network's input shape and normalized as its spec says."
                    + " Text is encoded by the tokenizer saved with the model. If the data have no"
                    + " test part, the validation part is used. For text that is the last tenth,"
                    + " which training holds out by default.",
            ""
        })
final class EvaluateCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Mixin private TextOptions text;

    @Mixin private PictureOptions pictures;

    @Mixin private WeightsOption weights;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            defaultValue = "128",
            description = "Batch size. Default: ${DEFAULT-VALUE}")
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
        try (TaskSource.EvaluationJob job = data.get().evaluationJob(chosen, text, pictures)) {
            output.note("data     " + job.description());
            try (Backend engine = backend.open(output);
                    Network network = weights.open(chosen, engine, output)) {
                compile.apply(network, output::warn);
                report(chosen, job.evaluation().apply(network, batch), output);
            }
        }
        return 0;
    }

    private void report(ModelSource chosen, TaskSource.Report report, Output output) {
        if (!json) {
            output.result(report.line());
            return;
        }
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("model", chosen.label());
        numbers.put("data", data.get().text());
        numbers.putAll(report.numbers());
        output.json(numbers);
    }
}
