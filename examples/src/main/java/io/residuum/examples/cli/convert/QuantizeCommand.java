package io.residuum.examples.cli.convert;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.math.IntMath;
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
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.quantize.Calibration;
import io.residuum.model.quantize.QuantizationReport;
import io.residuum.model.quantize.QuantizeOptions;
import io.residuum.model.quantize.Quantizer;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingBatch;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.weights.quantized.QuantizedFormat;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Quantizes a trained network to 8 or 4 bits. */
@Command(
        name = "quantize",
        description = {
            "Quantize a trained network to 8 bits, or the weights of its linear layers to 8 or 4"
                    + " bits.",
            "",
            "With --data, convolutions and linear layers get int8 weights and 8-bit activations,"
                    + " whose ranges are measured on training samples. The first and the last layer"
                    + " stay in float, and those that lose most. The table shows the error of the"
                    + " output if only that layer is quantized. With --weights-only, activations"
                    + " stay in float. With --dynamic, linear layers get int8 weights and round"
                    + " their inputs by the range of each prediction, which onnxruntime computes.",
            ""
        },
        footer = {"  residuum quantize runs/first --data digits -o small.safetensors"})
@HelpSection("Weights and export")
public final class QuantizeCommand implements Callable<Integer> {
    /** Small, because all activations of a batch are in memory together. */
    private static final int BATCH = 8;

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @ArgGroup private @Nullable DataOption data;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description =
                    "Number of training samples that measure ranges. Default: 256, or all if there"
                            + " are fewer")
    private @Nullable Integer samples;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            description =
                    "Range of activations: minmax, percentile, or entropy (Kullback-Leibler"
                            + " divergence). Default: percentile")
    private @Nullable Calibration method;

    @Option(
            names = "--percentile",
            paramLabel = "X",
            description =
                    "Share of the values to keep at each end of a range, in percent. Default:"
                            + " 99.99")
    private @Nullable Double percentile;

    @Option(
            names = "--float-layers",
            paramLabel = "PATTERN",
            split = ",",
            description = "Weights to keep in float, for instance stage1.*. Repeatable.")
    private List<String> floatLayers = List.of();

    @Option(
            names = "--weights-only",
            paramLabel = "TYPE",
            description = "Quantize only the weights of linear layers: int8 or int4.")
    private @Nullable String weightsOnly;

    @Option(
            names = "--dynamic",
            description =
                    "Quantize linear layers to int8, and their inputs by their range in each"
                            + " prediction. Needs no data; runs on onnxruntime.")
    private boolean dynamic;

    @Option(
            names = "--group",
            paramLabel = "N",
            description =
                    "With --weights-only: number of weights that share a scale; 0 for one scale"
                            + " per output. Default: 32")
    private @Nullable Integer group;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The saved model to write (*.safetensors).")
    private Path out;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private TextOptions text;

    @Mixin private PictureOptions pictures;

    @Mixin private WeightsOption weights;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.requireSuffix(spec, "--output", out, ".safetensors");
        weights.check();
        Map<String, Object> result =
                weightsOnly == null && !dynamic ? activations(output) : withoutData(output);
        result.put("model", out.toString());
        if (json) {
            output.json(result);
        } else {
            output.result("model  " + out);
        }
        return 0;
    }

    private Map<String, Object> withoutData(Output output) {
        if (dynamic && (weightsOnly != null || group != null)) {
            throw Options.wrong(
                    spec,
                    "--dynamic quantizes to int8 with a scale per output; leave out --weights-only"
                            + " and --group");
        }
        String type = weightsOnly == null ? "int8" : weightsOnly;
        if (!type.equals("int8") && !type.equals("int4")) {
            throw Options.wrong(spec, "--weights-only must be int8 or int4, got %s", type);
        }
        if (data != null || samples != null || method != null || percentile != null) {
            throw Options.wrong(
                    spec,
                    "--%s needs no data; leave out --data, --samples, --method and --percentile",
                    dynamic ? "dynamic" : "weights-only");
        }
        text.refuse();
        pictures.refuse();
        int size = group == null ? 32 : group;
        Options.atLeast(spec, "--group", size, 0);
        QuantizedFormat format = new QuantizedFormat(type.equals("int8") ? 8 : 4, size);
        try (Backend engine = backend.open(output);
                Network network = weights.open(weights.on(model.resolve()), engine, output)) {
            List<String> changed =
                    dynamic
                            ? Quantizer.quantizeDynamically(network, floatLayers)
                            : Quantizer.quantizeWeights(network, format, floatLayers);
            network.save(out);
            if (!json) {
                changed.forEach(path -> output.result("%-44s %s", path, type));
            }
            return new LinkedHashMap<>(Map.of("quantized", changed));
        }
    }

    private Map<String, Object> activations(Output output) {
        if (data == null) {
            throw Options.wrong(
                    spec,
                    "quantize needs --data DATA to measure ranges, --dynamic, or --weights-only"
                            + " TYPE");
        }
        if (group != null) {
            throw Options.wrong(spec, "--group is for --weights-only; leave it out");
        }
        if (percentile != null && method != null && method != Calibration.PERCENTILE) {
            throw Options.wrong(spec, "--percentile is for --method percentile; leave it out");
        }
        int count = samples == null ? 256 : samples;
        Options.atLeast(spec, "--samples", count, 1);
        QuantizeOptions d = QuantizeOptions.DEFAULT;
        QuantizeOptions options =
                new QuantizeOptions(
                        method == null ? d.calibration() : method,
                        percentile == null ? d.percentile() : percentile,
                        floatLayers,
                        d.sensitivity());
        ModelSource source = weights.on(model.resolve());
        Recipe recipe =
                data.get()
                        .defaultRecipe()
                        .with()
                        .batch(1)
                        .accumulate(1)
                        .augmentation(List.of())
                        .build();
        try (TrainingPlan plan = data.get().plan(source, recipe, new DataOptions(text, pictures));
                Backend engine = backend.open(output);
                Network network = weights.open(source, engine, output);
                NDManager manager = engine.newManager()) {
            output.note("data     " + plan.task().description());
            Measured measured = measured(plan.task(), network, recipe, count, manager);
            output.note("ranges   of %,d training samples", measured.samples());
            if (samples != null && measured.samples() < samples) {
                output.warn(
                        "--samples asks for %,d training samples, but the data has %,d: give more data"
                                .formatted(samples, measured.samples()));
            }
            QuantizationReport report = Quantizer.quantize(network, measured.batches(), options);
            network.save(out);
            if (!json) {
                print(report, output);
            }
            Map<String, Object> numbers = numbers(report);
            numbers.put("samples", measured.samples());
            return numbers;
        }
    }

    /** The inputs that measure ranges. */
    private record Measured(List<NDList> batches, int samples) {}

    /**
     * Returns a recipe of batch 1 with the largest small batch that divides the samples, because
     * training leaves out the last batch if it is smaller.
     */
    private static Recipe dividing(int samples, Task task, Network network, Recipe recipe) {
        // With stepsPerEpoch, batches are drawn from the data and may be as large as they like.
        int read =
                recipe.stepsPerEpoch() != null
                        ? samples
                        : Math.min(samples, task.stepsInEpoch(network.spec(), recipe));
        int batch = Math.max(1, Math.min(read, BATCH));
        while (read % batch != 0) {
            batch--;
        }
        return recipe.withBatch(batch);
    }

    /** Reads the first training samples without augmentation. */
    private static Measured measured(
            Task task, Network network, Recipe whole, int samples, NDManager manager) {
        task.requireFitting(network);
        Recipe recipe = dividing(samples, task, network, whole);
        List<NDList> found = new ArrayList<>();
        int read = 0;
        try (BatchSource source = task.trainingBatches(network.spec(), task.completed(recipe));
                BatchSource.Epoch epoch = source.epoch(1)) {
            int wanted = IntMath.divide(samples, recipe.batch(), RoundingMode.CEILING);
            for (int i = 0; i < Math.min(source.batches(), wanted); i++) {
                try (TrainingBatch batch = epoch.next()) {
                    found.add(batch.inputs(manager, DataType.FLOAT32));
                    read += batch.samples();
                }
            }
        }
        return new Measured(found, read);
    }

    private static Map<String, Object> numbers(QuantizationReport report) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (QuantizationReport.Layer layer : report.layers()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("path", layer.path());
            row.put("error", Double.isNaN(layer.error()) ? null : layer.error());
            row.put("float", layer.inFloat());
            rows.add(row);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("error", report.error());
        result.put("layers", rows);
        return result;
    }

    private static void print(QuantizationReport report, Output output) {
        for (QuantizationReport.Layer layer : report.layers()) {
            String error =
                    Double.isNaN(layer.error()) ? "" : "%.2f%%".formatted(100 * layer.error());
            output.result("%-44s %8s  %s", layer.path(), error, layer.inFloat() ? "float" : "int8");
        }
        output.result("error of the output with all of them %.2f%%", 100 * report.error());
    }
}
