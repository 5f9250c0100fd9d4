package io.residuum.examples.cli;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.HeldOut;
import io.residuum.files.AtomicFiles;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.study.Calibration;
import io.residuum.train.study.TemperatureScaling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Calibrates a classifier. */
@Command(
        name = "calibrate",
        description = {
            "Calibrate the probabilities of a classifier (temperature scaling).",
            "",
            "Finds the temperature that fits the validation data best (Guo et al. 2017): the"
                    + " data's own, or those that training holds out. Divides the last layer's"
                    + " weights by it, so that predictions and exports are calibrated too. No"
                    + " prediction changes its class.",
            ""
        },
        footer = {"  residuum calibrate runs/first --data digits -o calibrated.safetensors"})
@HelpSection("Use")
final class CalibrateCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private DataOption data;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Saved model to write, FILE.safetensors. Default: the file of MODEL, replaced")
    private @Nullable Path out;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "Write the reliability diagram to FILE.svg. Default: none")
    private @Nullable Path plot;

    @Option(
            names = "--validation",
            paramLabel = "X",
            description =
                    "Share of the training data that training held out, if the data have no"
                            + " validation part. Default: that of the model's training, else 0.1")
    private @Nullable Double validation;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            defaultValue = "128",
            description = "Batch size. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private TextOptions text;

    @Mixin private PictureOptions pictures;

    @Mixin private WeightsOption weights;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--batch", batch, 1);
        if (plot != null) {
            Options.requireSuffix(spec, "--plot", plot, ".svg");
        }
        weights.check();
        ModelSource chosen = weights.on(model.resolve());
        requireClasses(chosen);
        Path file = file(chosen);
        HeldOut heldOut = HeldOut.of(spec, validation);
        Recipe recipe =
                data.get().defaultRecipe().withValidation(heldOut.share(chosen)).withBatch(1);
        try (TrainingPlan plan = data.get().plan(chosen, recipe, new DataOptions(text, pictures));
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            EvaluationSet samples = samples(plan, chosen, heldOut);
            plan.task().notes().forEach(output::warn);
            plan.task().requireFitting(network);
            Calibration found = Calibration.of(network, samples, batch);
            TemperatureScaling.apply(network, found.temperature());
            network.save(file);
            if (plot != null) {
                AtomicFiles.writeString(plot, found.svg());
            }
            print(found, samples.size(), plan.task().unit(), file, output);
        }
        return 0;
    }

    private void requireClasses(ModelSource chosen) {
        List<Shape> outputs = chosen.spec().newBlock().outputShapes();
        if (outputs.size() != 1 || outputs.get(0).dimension() != 2) {
            throw Options.wrong(
                    spec,
                    "calibrate needs a network with one output of classes, (N, classes), got %s",
                    outputs);
        }
    }

    /** {@return the file to write} */
    private Path file(ModelSource chosen) {
        if (out != null) {
            Options.requireSuffix(spec, "--output", out, ".safetensors");
            return out;
        }
        return chosen.weights()
                .filter(saved -> !weights.isGiven() && saved.toString().endsWith(".safetensors"))
                .orElseThrow(
                        () ->
                                Options.wrong(
                                        spec,
                                        "--output FILE.safetensors is needed unless MODEL is a"
                                                + " saved model or a run folder, got %s",
                                        chosen.label()));
    }

    private EvaluationSet samples(TrainingPlan plan, ModelSource chosen, HeldOut heldOut) {
        if (!plan.spec().equals(chosen.spec())) {
            throw Options.wrong(
                    spec,
                    "calibrate needs a network for the data, but %s would need %s",
                    chosen.label(),
                    String.join("; ", plan.changes()));
        }
        Task task = plan.task();
        if (task.heldOut().isEmpty() && heldOut.asked().isPresent()) {
            throw Options.wrong(
                    spec,
                    "--validation is for data without a validation part, but %s has one: leave the"
                            + " option out",
                    data.get().text());
        }
        return task.validation()
                .orElseThrow(
                        () ->
                                Options.wrong(
                                        spec,
                                        "calibrate needs data that training held out, but the"
                                                + " training of %s held out none: give data with a"
                                                + " validation part",
                                        chosen.label()));
    }

    private void print(Calibration found, long samples, String unit, Path file, Output output) {
        Calibration.Quality before = found.before();
        Calibration.Quality after = found.after();
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("temperature", found.temperature());
            result.put(unit, samples);
            result.put("lossBefore", before.loss());
            result.put("lossAfter", after.loss());
            result.put("calibrationErrorBefore", before.error());
            result.put("calibrationErrorAfter", after.error());
            result.put("model", file.toString());
            output.json(result);
            return;
        }
        output.result("temperature %.4f on %,d validation %s", found.temperature(), samples, unit);
        output.result("loss %.4f, before %.4f", after.loss(), before.loss());
        output.result(
                "expected calibration error %.2f%%, before %.2f%%",
                100 * after.error(), 100 * before.error());
        output.result("model  " + file);
        if (plot != null) {
            output.result("plot   " + plot);
        }
    }
}
