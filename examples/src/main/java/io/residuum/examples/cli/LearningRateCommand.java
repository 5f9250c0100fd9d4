package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
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
import io.residuum.files.AtomicFiles;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.study.LearningRateCurve;
import io.residuum.train.study.LearningRateFinder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds a learning rate. */
@Command(
        name = "lr",
        description = {
            "Find a learning rate for a network on data (learning-rate finder).",
            "",
            "Trains a few steps while the learning rate rises, until the loss grows (range test,"
                    + " Smith 2017), and suggests the rate at which the loss falls fastest. Nothing"
                    + " is saved but the plot. Use the options of the training to come, such as"
                    + " --optimizer and --batch; those of its length and learning rate do not"
                    + " matter here.",
            ""
        },
        footer = {
            "  residuum lr resnet20 --data digits",
            "  residuum lr resnet20 --data ./photos --optimizer adamw -o lr.svg"
        })
@HelpSection("Training")
final class LearningRateCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the plot of the loss to FILE.svg. Default: none")
    private @Nullable Path plot;

    @Option(names = "--from", paramLabel = "X", description = "First learning rate. Default: 1e-6")
    private double from = LearningRateFinder.DEFAULT.from();

    @Option(names = "--to", paramLabel = "X", description = "Last learning rate. Default: 10")
    private double to = LearningRateFinder.DEFAULT.to();

    @Option(
            names = "--updates",
            paramLabel = "N",
            description = "Number of updates from the first rate to the last. Default: 100")
    private int updates = LearningRateFinder.DEFAULT.updates();

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private TextOptions text;

    @Mixin private PictureOptions pictures;

    @Mixin private RecipeOptions options;

    @Mixin private WeightsOption weights;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        LearningRateFinder finder = new LearningRateFinder(from, to, updates);
        if (plot != null) {
            Options.requireSuffix(spec, "--output", plot, ".svg");
        }
        weights.check();
        Recipe recipe = options.recipe(data.get().defaultRecipe());
        ModelSource chosen = weights.on(model.resolve());
        try (TrainingPlan plan = data.get().plan(chosen, recipe, new DataOptions(text, pictures));
                Backend engine = backend.open(output);
                Network network =
                        weights.open(chosen, plan.spec(), engine, recipe.seed(), output)) {
            output.note("data     " + plan.task().description());
            TaskSource.print(plan, output);
            plan.task().notes().forEach(output::warn);
            LearningRateCurve curve = finder.find(network, recipe, plan.task());
            if (plot != null) {
                AtomicFiles.writeString(plot, curve.svg());
            }
            print(curve, output);
        }
        return 0;
    }

    private void print(LearningRateCurve curve, Output output) {
        OptionalDouble found = curve.suggestion();
        List<LearningRateCurve.Point> points = curve.points();
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("model", model.text());
            result.put("data", data.get().text());
            result.put("learningRate", found.isPresent() ? found.getAsDouble() : null);
            result.put(
                    "learningRates",
                    points.stream().map(LearningRateCurve.Point::learningRate).toList());
            result.put("losses", points.stream().map(LearningRateCurve.Point::loss).toList());
            output.json(result);
            return;
        }
        if (found.isPresent()) {
            output.result("learning rate %.2g", found.getAsDouble());
        } else {
            output.result(
                    "no learning rate: the loss never fell in %d steps; use more --updates or"
                            + " another range (--from, --to)",
                    points.size());
        }
        if (plot != null) {
            output.result("plot   " + plot);
        }
    }
}
