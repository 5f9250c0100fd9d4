package io.residuum.examples.cli;

import io.residuum.data.DataSplits;
import io.residuum.engine.Backend;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Evaluation;
import io.residuum.train.Evaluator;
import io.residuum.train.ImageInputs;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network into a run folder. */
@Command(
        name = "train",
        description = {
            "Train a network on labelled images.",
            "",
            "The folder of the run holds spec.json, recipe.json, metrics.jsonl, the best network as"
                    + " model.safetensors, and report.html. A saved model goes on from its weights;"
                    + " its head is replaced where the data has other classes.",
            ""
        })
final class TrainCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Mixin private RecipeOptions options;

    @Option(
            names = "--print-recipe",
            description = "Print the recipe with all its settings, and do not train.")
    private boolean printRecipe;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The folder of the run. Default: runs/MODEL-DATA-DATE-TIME")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            description =
                    "Go on with the run in --out DIR, or in MODEL if that is the folder of a run,"
                            + " from its last epoch, with its recipe.")
    private boolean resume;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        weights.check();
        RunFolder existing = resume ? runToResume() : null;
        Recipe recipe = options.recipe(baseRecipe(existing));
        if (printRecipe) {
            output.result(SpecJson.standard().writeAll(recipe).stripTrailing());
            return 0;
        }
        Model chosen = model.resolve();
        RunFolder folder = existing == null ? newRun(chosen) : existing;
        DataSplits splits = data.get().source().forTraining(ImageInputs.shape(chosen.spec()));
        requireFullBatch(splits, recipe);
        Adaptation adapted = Adaptation.of(chosen.spec(), splits);
        try (Backend engine = backend.open(output);
                Network network = network(chosen, adapted, recipe, engine, output)) {
            describe(chosen, network, splits, adapted, recipe, folder, output);
            return train(network, recipe, splits, folder, output);
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
            throw Options.wrong(
                    spec, "--resume needs --out DIR, the folder of the run to go on with");
        }
        RunFolder folder = new RunFolder(path);
        if (!folder.holdsRun()) {
            throw Options.wrong(
                    spec, "--resume: there is no run in %s (no %s)", path, folder.checkpoint());
        }
        return folder;
    }

    private RunFolder newRun(Model chosen) {
        if (out != null) {
            RunFolder folder = new RunFolder(out);
            if (folder.holdsRun()) {
                throw Options.wrong(
                        spec,
                        "--out: %s holds a run already: give another folder, or --resume to go on"
                                + " with it",
                        out);
            }
            return folder;
        }
        String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now());
        String name = chosen.label() + "-" + data.get().label() + "-" + time;
        return new RunFolder(Path.of("runs", name));
    }

    private void requireFullBatch(DataSplits splits, Recipe recipe) {
        if (splits.train().size() < recipe.batch()) {
            throw Options.wrong(
                    spec,
                    "--batch must be at most the number of training images, %d, got %d",
                    splits.train().size(),
                    recipe.batch());
        }
    }

    private Network network(
            Model chosen, Adaptation adapted, Recipe recipe, Backend engine, Output output) {
        Network network =
                weights.open(adapted.spec(), weights.find(chosen), engine, recipe.seed(), output);
        if (adapted.newHead()) {
            network.resetHead(adapted.classes(), recipe.seed());
        }
        return network;
    }

    private void describe(
            Model chosen,
            Network network,
            DataSplits splits,
            Adaptation adapted,
            Recipe recipe,
            RunFolder folder,
            Output output) {
        Cost cost = network.cost();
        Path from = weights.find(chosen);
        output.note(
                String.format(
                        Locale.ROOT,
                        "model    %s: %,d parameters, %.1f million MACs, images of %s, weights %s",
                        chosen.label(),
                        cost.parameters(),
                        cost.macs() / 1e6,
                        ImageInputs.shape(network.spec()),
                        from == null ? "random" : "from " + from));
        output.note("data     " + splits.description());
        adapted.changes().forEach(change -> output.note("adapted  " + change));
        output.note("recipe   " + RecipeLine.of(recipe));
        output.note("run      " + folder.path());
    }

    private int train(
            Network network, Recipe recipe, DataSplits splits, RunFolder folder, Output output) {
        boolean bars = TrainingProgress.onTerminal();
        try (TrainingProgress progress = new TrainingProgress(output, bars)) {
            Trainer trainer = new Trainer(network, recipe, splits, folder.path(), progress);
            try (StopSignal signal = new StopSignal(trainer::requestStop)) {
                Trainer.Result result = resume ? trainer.resume() : trainer.start();
                progress.close();
                if (result.outcome() == Trainer.Outcome.STOPPED) {
                    output.note(stopped(result, recipe, folder));
                    return Residuum.EXIT_INTERRUPTED;
                }
                finish(network, splits, recipe, folder, result, output);
                return 0;
            }
        }
    }

    private String stopped(Trainer.Result result, Recipe recipe, RunFolder folder) {
        return String.format(
                Locale.ROOT,
                "stopped  with %d of %d epochs done; go on with: residuum train %s --data %s --out"
                        + " %s --resume",
                result.epochs(),
                recipe.epochs(),
                model.text(),
                data.get().text(),
                folder.path());
    }

    private void finish(
            Network network,
            DataSplits splits,
            Recipe recipe,
            RunFolder folder,
            Trainer.Result result,
            Output output) {
        network.loadWeights(folder.model());
        Evaluation best = Evaluator.evaluate(network, splits.evaluation(), recipe.batch());
        output.result(
                String.format(
                        Locale.ROOT,
                        "test accuracy %.2f%% (%,d wrong of %,d), loss %.4f, after epoch %d of %d",
                        100 * best.top1(),
                        best.wrong(),
                        best.samples(),
                        best.loss(),
                        result.bestEpoch(),
                        result.epochs()));
        output.result("model  " + folder.model());
        output.result("report " + folder.report());
    }
}
