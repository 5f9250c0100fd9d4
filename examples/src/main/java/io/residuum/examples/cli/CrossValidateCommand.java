package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.engine.ExitGuard;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.Bars;
import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.RecipeOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.train.Metrics;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingException;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.study.CrossValidation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Cross-validates a network. */
@Command(
        name = "crossvalidate",
        description = {
            "Train and test a network on each of K folds of the data (k-fold cross-validation).",
            "",
            "Divides the training data (labelled images or texts, or samples such as rows) into K"
                + " parts; those of images and texts have equal shares of each class. Each part is"
                + " the test set of one run on all others. Prints the result of each run, the mean"
                + " and the standard deviation. The data's own test part stays unused.",
            ""
        },
        footer = {"  residuum crossvalidate resnet20 --data ./photos --folds 5 --out runs/folds"})
@HelpSection("Training")
final class CrossValidateCommand implements Callable<Integer> {
    private static final int FOLDS = 5;

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Option(
            names = {"--folds", "-k"},
            paramLabel = "K",
            description = "Number of folds, 2 or more. Default: " + FOLDS)
    private int folds = FOLDS;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder to write, with one run folder for each fold.")
    private Path out;

    @Option(
            names = "--resume",
            description = "Continue in --out DIR with the fold that was stopped.")
    private boolean resume;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private TextOptions text;

    @Mixin private PictureOptions pictures;

    @Mixin private RecipeOptions options;

    @Mixin private WeightsOption weights;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--folds", folds, 2);
        weights.check();
        if (CrossValidation.holdsRun(out) != resume) {
            throw Options.wrong(
                    spec,
                    resume
                            ? "--resume needs the folder of a cross-validation, got %s"
                            : "--out: %s already holds folds; use another folder, or --resume",
                    out);
        }
        Recipe recipe = options.recipe(data.get().defaultRecipe());
        ModelSource chosen = weights.on(model.resolve());
        try (TrainingPlan plan =
                        data.get()
                                .plan(
                                        chosen,
                                        recipe.withValidation(0),
                                        new DataOptions(text, pictures));
                Backend engine = backend.open(output);
                TrainingProgress progress =
                        new TrainingProgress(output, plan.task().unit(), Bars.onTerminal())) {
            output.note("data     " + plan.task().description());
            TaskSource.print(plan, output);
            output.note("recipe   " + RecipeLine.of(recipe));
            // The guard keeps the process until the last line is printed; each fold stops itself.
            try (ExitGuard guard = new ExitGuard(() -> {})) {
                return run(
                        plan.task(),
                        () -> weights.open(chosen, plan.spec(), engine, recipe.seed(), output),
                        recipe,
                        progress,
                        output);
            }
        }
    }

    private int run(
            Task task,
            Supplier<Network> networks,
            Recipe recipe,
            TrainingProgress progress,
            Output output) {
        try {
            CrossValidation result =
                    CrossValidation.run(
                            task.folds(folds, recipe.validation()),
                            networks,
                            recipe,
                            out,
                            progress);
            progress.close();
            print(result, task.unit(), output);
            return 0;
        } catch (TrainingException.Stopped e) {
            progress.close();
            output.note(Options.resumeLine(spec, resume));
            return Residuum.EXIT_INTERRUPTED;
        }
    }

    private void print(CrossValidation result, String unit, Output output) {
        if (json) {
            output.result(result.json().stripTrailing());
            return;
        }
        Map<String, CrossValidation.Spread> spreads = result.spreads();
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("fold", unit, "best epoch"));
        head.addAll(spreads.keySet());
        rows.add(head);
        for (Metrics.Test fold : result.folds()) {
            List<String> row = new ArrayList<>();
            row.add(Integer.toString(rows.size()));
            row.add(Output.grouped(fold.samples()));
            row.add(Integer.toString(fold.bestEpoch()));
            Map<String, Double> measures = CrossValidation.measures(fold);
            spreads.keySet()
                    .forEach(name -> row.add(number(measures.getOrDefault(name, Double.NaN))));
            rows.add(row);
        }
        List<String> mean = new ArrayList<>(List.of("mean", "", ""));
        List<String> deviation = new ArrayList<>(List.of("deviation", "", ""));
        for (CrossValidation.Spread spread : spreads.values()) {
            mean.add(number(spread.mean()));
            deviation.add(number(spread.deviation()));
        }
        rows.add(mean);
        rows.add(deviation);
        Output.table(rows, IntStream.range(1, head.size()).boxed().toList())
                .forEach(output::result);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
