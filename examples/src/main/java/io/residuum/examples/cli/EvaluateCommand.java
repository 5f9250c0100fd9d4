package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
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
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.predictions.PredictionFile;
import io.residuum.vision.train.NearestNeighbors;
import java.nio.file.Files;
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

/** Evaluates a network on a data set. */
@Command(
        name = "evaluate",
        description = {
            "Evaluate a network on a data set: loss, accuracy, F1, ROC AUC, RMSE, SSIM, mean IoU,"
                    + " perplexity, and the prediction for each sample.",
            "",
            "Images are converted to the network's input shape and normalized as its spec says."
                    + " Text is encoded by the tokenizer saved with the model. If the data have no"
                    + " test part, the validation part is used. If text has neither, it is the"
                    + " share that the model's training held out. One folder of class folders is"
                    + " evaluated completely, unless --validation is given.",
            ""
        },
        footer = {
            "  residuum evaluate runs/first --data digits",
            "  residuum evaluate runs/first --data ./photos --predictions photos.csv",
            "  residuum evaluate runs/first --data ./photos --knn 20"
        })
@HelpSection("Use")
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

    @Option(
            names = "--validation",
            paramLabel = "X",
            description =
                    "Evaluate this share of the training data, in (0, 1), which training with the"
                            + " same --validation holds out, if the data have no test or validation"
                            + " part. Default: for text, as the model was trained, else 0.1")
    private @Nullable Double validation;

    @Option(
            names = "--predictions",
            paramLabel = "FILE",
            description =
                    "Write the prediction for each sample to FILE, ending in .csv or .jsonl:"
                            + " label, prediction and probabilities, or true and predicted"
                            + " numbers, of every output")
    private @Nullable Path predictions;

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description =
                    "Recipe file with the losses and metrics of the outputs. Default: the recipe"
                            + " of the run folder, if MODEL is one; otherwise what suits the data")
    private @Nullable Path recipe;

    @Option(
            names = "--knn",
            paramLabel = "K",
            description =
                    "Classify images by the K training images with the nearest features, such as"
                            + " 20, instead of the head. Default: none")
    private @Nullable Integer neighbors;

    @Option(
            names = "--knn-temperature",
            paramLabel = "X",
            description = "Temperature of the votes of --knn. Default: 0.07")
    private @Nullable Double temperature;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--batch", batch, 1);
        HeldOut heldOut = HeldOut.of(spec, validation);
        weights.check();
        compile.check();
        PredictionFile file = predictions == null ? null : PredictionFile.of(predictions);
        EvaluationOptions options = options();
        ModelSource chosen = weights.on(model.resolve());
        try (TaskSource.EvaluationJob job = job(chosen, heldOut)) {
            output.note("data     " + job.description());
            job.warnings().forEach(output::warn);
            try (Backend engine = backend.open(output);
                    Network network = weights.open(chosen, engine, output)) {
                compile.apply(network, output);
                report(
                        chosen,
                        job.warnings(),
                        file == null
                                ? job.evaluation().apply(network, options)
                                : file.write(
                                        to ->
                                                job.evaluation()
                                                        .apply(
                                                                network,
                                                                options.with()
                                                                        .predictions(to)
                                                                        .build())),
                        output);
            }
        }
        return 0;
    }

    private TaskSource.EvaluationJob job(ModelSource chosen, HeldOut heldOut) {
        if (neighbors == null) {
            if (temperature != null) {
                throw Options.wrong(spec, "--knn-temperature needs --knn");
            }
            return data.get().evaluationJob(chosen, new DataOptions(text, pictures), heldOut);
        }
        if (predictions != null || recipe != null || !compile.isPlain()) {
            throw Options.wrong(
                    spec,
                    "--knn reads features in float32 and does not use the head; leave out"
                            + " --predictions, --recipe, --compute and --runtime");
        }
        text.refuse();
        NearestNeighbors knn =
                new NearestNeighbors(neighbors, temperature == null ? 0.07 : temperature);
        return data.get().neighborsJob(chosen, pictures, heldOut, knn);
    }

    private EvaluationOptions options() {
        EvaluationOptions options = EvaluationOptions.of(batch);
        Path file =
                recipe != null
                        ? recipe
                        : model.runFolder()
                                .map(folder -> new RunFolder(folder).recipe())
                                .filter(Files::exists)
                                .orElse(null);
        if (file == null) {
            return options;
        }
        Recipe read = SpecJson.standard().read(file, Recipe.class);
        return options.with().losses(read.losses()).metrics(read.metrics()).build();
    }

    private void report(
            ModelSource chosen, List<String> warnings, TaskSource.Report report, Output output) {
        if (!json) {
            output.result(report.line());
            return;
        }
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("model", chosen.label());
        numbers.put("data", data.get().text());
        if (!warnings.isEmpty()) {
            numbers.put("warnings", warnings);
        }
        numbers.putAll(report.numbers());
        output.json(numbers);
    }
}
