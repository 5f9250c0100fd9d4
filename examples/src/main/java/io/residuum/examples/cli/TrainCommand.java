package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.engine.ExitGuard;
import io.residuum.engine.HostSettings;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.Bars;
import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.LowRankOptions;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.RecipeOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.ScoreLine;
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.metric.Measure;
import io.residuum.model.Cost;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Metrics;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Score;
import io.residuum.train.Task;
import io.residuum.train.Trainer;
import io.residuum.train.plan.TrainingPlan;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network and writes a run folder. */
@Command(
        name = "train",
        description = {
            "Train a network on images, text, tables, arrays or pairs of pictures.",
            "",
            "The run folder holds spec.json, recipe.json, metrics.jsonl, report.html, and the best"
                + " network as model.safetensors. Training a saved model starts from its weights"
                + " (fine-tuning) and replaces its head if the data have other classes. The"
                + " defaults below are for images; --print-recipe shows those of other data.",
            ""
        },
        footer = {
            "  residuum train resnet20 --data digits --out runs/first",
            "  residuum train runs/first --data ./photos --epochs 5 --lr 0.01",
            "  residuum train char-gpt --data text --optimizer adamw"
        })
@HelpSection("Training")
final class TrainCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Mixin private TextOptions text;

    @Mixin private SampleOptions samples;

    @Mixin private PictureOptions pictures;

    @Mixin private RecipeOptions options;

    @Mixin private LowRankOptions lowRank;

    @Option(
            names = "--print-recipe",
            description = "Print the recipe with all settings as JSON, and do not train.")
    private boolean printRecipe;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Run folder to write. Default: runs/MODEL-DATA-DATE-TIME")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            description =
                    "Resume the run in --out DIR, or in MODEL if that is a run folder, after its"
                            + " last epoch, with its recipe.")
    private boolean resume;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        weights.check();
        if (resume && weights.isGiven()) {
            throw Options.wrong(
                    spec,
                    "--weights, --adapter, --dialect and --ema-weights are for new runs; --resume"
                            + " continues from the checkpoint");
        }
        RunFolder existing = resume ? runToResume() : null;
        Recipe recipe = options.recipe(baseRecipe(existing));
        if (printRecipe) {
            output.result(SpecJson.standard().writeAll(recipe).stripTrailing());
            return 0;
        }
        if (existing != null) {
            existing.threads().ifPresent(HostSettings::useThreads);
        }
        ModelSource chosen = weights.on(model.resolve());
        RunFolder folder = existing == null ? newRun(chosen) : existing;
        try (TrainingPlan plan =
                data.get().plan(chosen, recipe, new DataOptions(text, samples, pictures))) {
            ModelSpec adapted = lowRank.on(chosen, plan.spec(), resume);
            Recipe whole = lowRank.on(recipe, chosen, adapted);
            Recipe complete =
                    options.fixesStepsAlone() && whole.warmupEpochs() > 0
                            ? whole.withWarmupInside(plan.task().stepsInEpoch(adapted, whole))
                            : whole;
            try (Backend engine = backend.open(output);
                    Network network =
                            weights.open(chosen, adapted, engine, recipe.seed(), output)) {
                describe(chosen, network, plan, complete, folder, output);
                return train(network, complete, plan.task(), folder, output);
            }
        }
    }

    private Recipe baseRecipe(@Nullable RunFolder existing) {
        if (existing != null) {
            return SpecJson.standard().read(existing.recipe(), Recipe.class);
        }
        return data.get().defaultRecipe();
    }

    private RunFolder runToResume() {
        Path path = out == null ? model.runFolder().orElse(null) : out;
        if (path == null) {
            throw Options.wrong(spec, "--resume needs --out DIR, the folder of the run to resume");
        }
        RunFolder folder = new RunFolder(path);
        if (!folder.holdsRun()) {
            throw Options.wrong(
                    spec,
                    "--resume needs a run folder, got %s, which has no %s",
                    path,
                    folder.checkpoint());
        }
        return folder;
    }

    private RunFolder newRun(ModelSource chosen) {
        if (out != null) {
            RunFolder folder = new RunFolder(out);
            if (folder.holdsRun()) {
                throw Options.wrong(
                        spec,
                        "--out: %s already holds a run; use another folder, or --resume to continue"
                                + " that run",
                        out);
            }
            return folder;
        }
        String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now());
        String name = chosen.label() + "-" + data.get().label() + "-" + time;
        return new RunFolder(Path.of("runs", name));
    }

    private static void describe(
            ModelSource chosen,
            Network network,
            TrainingPlan plan,
            Recipe recipe,
            RunFolder folder,
            Output output) {
        Cost cost = network.cost();
        output.note(
                "model    %s: %,d parameters, %.1f million MACs, input %s, weights %s",
                chosen.label(),
                cost.parameters(),
                cost.macs() / 1e6,
                Output.shape(network.spec().input().batchShape()),
                chosen.weights().map(file -> "from " + file).orElse("random"));
        output.note("data     " + plan.task().description());
        TaskSource.print(plan, output);
        output.note("recipe   " + RecipeLine.of(recipe));
        output.note("run      " + folder.path());
    }

    private int train(Network network, Recipe recipe, Task task, RunFolder folder, Output output) {
        boolean bars = Bars.onTerminal();
        try (TrainingProgress progress = new TrainingProgress(output, task.unit(), bars)) {
            Trainer trainer = new Trainer(network, recipe, task, folder.path(), progress);
            if (recipe.layerDecay() < 1 || !recipe.rates().isEmpty()) {
                output.note("rates    " + RecipeLine.rates(network, recipe));
            }
            try (ExitGuard guard = new ExitGuard(trainer::requestStop)) {
                Trainer.Result result = resume ? trainer.resume() : trainer.start();
                progress.close();
                if (result.outcome() == Trainer.Outcome.STOPPED) {
                    output.note(stopped(result, recipe, folder));
                    return Residuum.EXIT_INTERRUPTED;
                }
                finish(folder, result, task.validation().map(EvaluationSet::size), output);
                return 0;
            }
        }
    }

    private String stopped(Trainer.Result result, Recipe recipe, RunFolder folder) {
        return String.format(
                Locale.ROOT,
                "stopped  after %d of %d %s; resume with: residuum train %s --data %s%s%s%s%s"
                        + " --out %s --resume",
                result.epochs(),
                recipe.epochs(),
                recipe.epochs() == 1 ? "epoch" : "epochs",
                Options.quoted(model.text()),
                Options.quoted(data.get().text()),
                text.typed(),
                samples.typed(),
                pictures.typed(),
                lowRank.typed(),
                Options.quoted(folder.path()));
    }

    private static void finish(
            RunFolder folder, Trainer.Result result, Optional<Long> validation, Output output) {
        Metrics.Test test = result.test();
        if (test != null) {
            output.result(
                    "test %s, after epoch %d of %d",
                    ScoreLine.sentence(
                            new Score(test.loss(), test.accuracy()),
                            test.measures(),
                            test.samples()),
                    result.bestEpoch(),
                    result.epochs());
        }
        Score best = result.best();
        if (best == null || validation.isEmpty()) {
            output.result("the last epoch's network, as no data chose another (validation 0)");
        } else {
            output.result(
                    "validation %s, the best of %d %s: epoch %d",
                    ScoreLine.sentence(best, measures(folder, result), validation.get()),
                    result.epochs(),
                    result.epochs() == 1 ? "epoch" : "epochs",
                    result.bestEpoch());
        }
        output.result("model  " + folder.model());
        output.result("report " + folder.report());
    }

    private static List<Measure> measures(RunFolder folder, Trainer.Result result) {
        return folder.readMetrics().stream()
                .filter(line -> line.epoch() == result.bestEpoch())
                .filter(Metrics.Epoch.class::isInstance)
                .flatMap(line -> ((Metrics.Epoch) line).measures().stream())
                .toList();
    }
}
