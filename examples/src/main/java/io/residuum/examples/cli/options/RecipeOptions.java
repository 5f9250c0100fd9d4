package io.residuum.examples.cli.options;

import io.residuum.compile.ComputeType;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.optim.AdaptiveClip;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.RecipeBuilder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of a recipe. They override a recipe file or the default recipe. */
@HelpSection(HelpSection.TRAINING)
public final class RecipeOptions {
    private static final double ADAM_RATE = 1e-3;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description =
                    "Recipe file (JSON, see --print-recipe). The options below override it."
                            + " Default: the defaults below")
    private @Nullable Path file;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description =
                    "Number of epochs. Default: 10; 2 for digits, 8 for text, 3 for labelled texts,"
                            + " 30 for rows, arrays and pairs")
    private @Nullable Integer epochs;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Updates of the complete run, instead of --epochs. Default: none")
    private @Nullable Integer steps;

    @Option(
            names = "--steps-per-epoch",
            paramLabel = "N",
            description =
                    "Updates per epoch. Default: as many as one pass over the data has; 250 for"
                            + " text")
    private @Nullable Integer stepsPerEpoch;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            description =
                    "Batch size: images, texts or windows of text per forward pass. Default: 128;"
                            + " 12 for text, 32 for labelled texts")
    private @Nullable Integer batch;

    @Option(
            names = "--accumulate",
            paramLabel = "N",
            description = "Gradient accumulation: batches per update. Default: 1")
    private @Nullable Integer accumulate;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description =
                    "Optimizer: sgd, adam, adamw, nadam, lamb, lion, muon, rmsprop,"
                            + " scheduleFreeAdamW or one of your own jar. Default: sgd")
    private @Nullable String optimizer;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = {"--lr", "--learning-rate"},
            paramLabel = "X",
            description = "Peak learning rate. Default: 0.1; 0.001 with other optimizers than sgd")
    private @Nullable Double learningRate;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--momentum",
            paramLabel = "X",
            description =
                    "Momentum of sgd, rmsprop or muon, in [0, 1). Default: 0.9 with sgd, 0 with"
                            + " rmsprop, 0.95 with muon")
    private @Nullable Double momentum;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--nesterov",
            negatable = true,
            description =
                    "Use Nesterov momentum with sgd or muon. Default: no with sgd, yes with muon")
    private @Nullable Boolean nesterov;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            description =
                    "Weight decay, without norms and biases. Default: 0.0001 with sgd, 0.05 with"
                            + " adamw, 0.01 with lamb, 0.1 with muon, else 0")
    private @Nullable Double weightDecay;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description =
                    "Learning rate schedule: constant, step (times 0.1 after 50%% and after 75%% of"
                        + " the epochs), cosine, polynomial, warmupStableDecay, oneCycle or one of"
                        + " your own jar. Default: cosine")
    private @Nullable String schedule;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--warmup",
            paramLabel = "EPOCHS",
            description = "Learning rate warmup in epochs, such as 0.5. Default: 0")
    private @Nullable Double warmup;

    @HelpSection("Regularization")
    @Option(
            names = "--label-smoothing",
            paramLabel = "X",
            description = "Label smoothing, in [0, 1). Default: 0")
    private @Nullable Double labelSmoothing;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--clip",
            paramLabel = "NORM",
            description = "Gradient clipping: maximum global norm. Default: none")
    private @Nullable Double clip;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--adaptive-clip",
            paramLabel = "FACTOR",
            description =
                    "Adaptive gradient clipping: bound the norm of each row of a gradient by this"
                            + " share of the parameter's row, such as 0.01. Default: none")
    private @Nullable Double adaptiveClip;

    @HelpSection("Regularization")
    @Option(
            names = "--ema",
            paramLabel = "DECAY",
            description = "Exponential moving average of the weights, such as 0.999. Default: none")
    private @Nullable Double ema;

    @Mixin private AugmentationOptions augmentation;

    @HelpSection(HelpSection.FINE_TUNING)
    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description =
                    "Freeze the parameters with this path, where * stands for any text: 'stem.*'."
                            + " Repeatable. Default: train all")
    private @Nullable List<String> freeze;

    @HelpSection(HelpSection.FINE_TUNING)
    @Option(
            names = "--train-only",
            paramLabel = "PATTERN",
            description =
                    "Train only the parameters with this path, such as 'head.*'. Repeatable."
                            + " Default: train all")
    private @Nullable List<String> trainOnly;

    @HelpSection(HelpSection.FINE_TUNING)
    @Option(
            names = "--layer-decay",
            paramLabel = "X",
            description =
                    "Layer-wise learning rate decay: multiplies the learning rate once for each"
                            + " residual unit between a parameter and the output, such as 0.75."
                            + " Default: 1, none")
    private @Nullable Double layerDecay;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--no-decay",
            paramLabel = "PATTERN",
            description =
                    "Apply no weight decay to the parameters with this path, such as 'head.*'."
                            + " Repeatable. Default: norms and biases have none")
    private @Nullable List<String> noDecay;

    @HelpSection(HelpSection.OPTIMIZER)
    @Option(
            names = "--rate",
            paramLabel = "PATTERN=FACTOR",
            description =
                    "Multiply the learning rate of the parameters with this path: 'head.*=10'."
                            + " Repeatable; the last match counts. Default: none")
    private @Nullable Map<String, Double> rates;

    @HelpSection(HelpSection.FINE_TUNING)
    @Option(
            names = "--quantization",
            paramLabel = "MODEL",
            description =
                    "Quantization-aware training: round as this model does, which residuum quantize"
                            + " wrote. Saves a quantized network. Default: none")
    private @Nullable String quantization;

    @HelpSection(HelpSection.ENGINE)
    @Option(
            names = "--compile",
            negatable = true,
            description =
                    "Compile the training step into programs of the engine. Default: no; yes with"
                            + " --compute, --recompute-activations and --quantization")
    private @Nullable Boolean compile;

    @HelpSection(HelpSection.ENGINE)
    @Option(
            names = "--compute",
            paramLabel = "TYPE",
            description =
                    "Mixed precision: convolutions and matrix products in float32, or on PyTorch"
                            + " bfloat16 or float16; weights stay float32. Default: float32")
    private @Nullable ComputeType compute;

    @HelpSection(HelpSection.ENGINE)
    @Option(
            names = "--recompute-activations",
            negatable = true,
            description =
                    "Activation checkpointing: recompute activations in the backward pass. Less"
                            + " memory, more time. Compiles, which needs --engine pytorch; with"
                            + " --no-compile unit by unit, and invertible units keep nothing."
                            + " Default: no")
    private @Nullable Boolean recomputeActivations;

    @Mixin private CallbackOptions callbacks;

    @Option(
            names = "--validation",
            paramLabel = "X",
            description =
                    "Share of the training data to hold out for choosing the best epoch, in [0,"
                            + " 1), if the data have no validation part. With 0 the last epoch"
                            + " counts. Default: 0.1")
    private @Nullable Double validation;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Random seed. The same seed, engine and machine give the same training."
                            + " Default: 0")
    private @Nullable Long seed;

    /**
     * {@return the recipe}
     *
     * @param base the recipe to change if no file is given
     * @throws io.residuum.spec.SpecException if a setting is invalid
     */
    public Recipe recipe(Recipe base) {
        Recipe start = file == null ? base : SpecJson.standard().read(file, Recipe.class);
        RecipeBuilder recipe = start.with();
        length(start, recipe);
        set(stepsPerEpoch, recipe::stepsPerEpoch);
        set(batch, recipe::batch);
        set(accumulate, recipe::accumulate);
        OptimizerSpec chosen = optimizer(start.optimizer());
        recipe.optimizer(chosen);
        if (start.optimizer() instanceof OptimizerSpec.Sgd
                && !(chosen instanceof OptimizerSpec.Sgd)) {
            recipe.learningRate(ADAM_RATE);
        }
        set(learningRate, recipe::learningRate);
        if (schedule != null) {
            recipe.schedule(
                    Options.named(
                            command, schedule, "--schedule", start.schedule(), ScheduleSpec.class));
        }
        set(warmup, recipe::warmupEpochs);
        set(labelSmoothing, recipe::labelSmoothing);
        augmentation.apply(recipe);
        set(clip, recipe::clipNorm);
        set(
                adaptiveClip,
                factor ->
                        recipe.adaptiveClip(
                                start.adaptiveClip() == null
                                        ? AdaptiveClip.of(factor)
                                        : start.adaptiveClip().withFactor(factor)));
        set(ema, decay -> recipe.ema(EmaSpec.of(decay)));
        set(freeze, recipe::freeze);
        set(trainOnly, recipe::trainOnly);
        set(layerDecay, recipe::layerDecay);
        set(noDecay, recipe::noDecay);
        set(
                rates,
                map ->
                        recipe.rates(
                                map.entrySet().stream()
                                        .map(e -> new LearningRateFactor(e.getKey(), e.getValue()))
                                        .toList()));
        set(quantization, recipe::quantization);
        set(compute, recipe::compute);
        set(recomputeActivations, recipe::recomputeActivations);
        boolean required =
                Boolean.TRUE.equals(recomputeActivations)
                        || quantization != null
                        || (compute != null && compute != ComputeType.FLOAT32);
        recipe.compile(start.compile() || required);
        set(compile, recipe::compile);
        callbacks.apply(start.callbacks(), recipe);
        set(validation, recipe::validation);
        set(seed, recipe::seed);
        return recipe.build();
    }

    /** {@return true if {@code --steps} is given, and the warmup is that of the default recipe} */
    public boolean fixesStepsAlone() {
        return steps != null && warmup == null && file == null;
    }

    private interface Setter<T> {
        RecipeBuilder set(T value);
    }

    private static <T> void set(@Nullable T value, Setter<T> setter) {
        if (value != null) {
            setter.set(value);
        }
    }

    /** Sets the length of the run, in epochs or in steps. */
    private void length(Recipe start, RecipeBuilder recipe) {
        if (epochs != null && (steps != null || start.steps() != null)) {
            throw Options.wrong(
                    command,
                    steps != null
                            ? "--epochs and --steps exclude each other; use one"
                            : "--epochs must not be given with a recipe that fixes steps; use"
                                    + " --steps");
        }
        set(epochs, recipe::epochs);
        set(steps, recipe::steps);
        // The warmup of a default recipe may be longer than the run that the user wants.
        if (epochs != null && file == null) {
            recipe.warmupEpochs(start.withWarmupInsideEpochs(epochs).warmupEpochs());
        }
    }

    /** Changes the settings of an optimizer that have an option, if the optimizer has them. */
    private OptimizerSpec optimizer(OptimizerSpec start) {
        OptimizerSpec base =
                optimizer == null
                        ? start
                        : Options.named(
                                command, optimizer, "--optimizer", start, OptimizerSpec.class);
        Map<String, Object> changes = new LinkedHashMap<>();
        changes.put("momentum", momentum);
        changes.put("nesterov", nesterov);
        changes.put("weightDecay", weightDecay);
        changes.values().removeIf(Objects::isNull);
        return changes.isEmpty() ? base : changed(base, changes);
    }

    private OptimizerSpec changed(OptimizerSpec base, Map<String, Object> changes) {
        SpecJson json = SpecJson.standard();
        Json.Obj settings = (Json.Obj) JsonReader.parse(json.writeAll(base), "--optimizer");
        Map<String, Json> members = new LinkedHashMap<>(settings.members());
        changes.forEach(
                (key, value) -> {
                    if (members.replace(key, Json.of(value)) == null) {
                        throw Options.wrong(
                                command,
                                "--%s is no setting of --optimizer %s, which has %s",
                                key.equals("weightDecay") ? "weight-decay" : key,
                                Options.typeName(base),
                                members.keySet());
                    }
                });
        return json.parse(Json.of(members).compact(), "--optimizer", OptimizerSpec.class);
    }
}
