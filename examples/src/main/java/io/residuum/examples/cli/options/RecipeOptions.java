package io.residuum.examples.cli.options;

import io.residuum.compile.ComputeType;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.RecipeBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of a recipe. They override a recipe file or the default recipe. */
public final class RecipeOptions {

    enum OptimizerName {
        SGD(Defaults.of(OptimizerSpec.Sgd.class)),
        ADAM(Defaults.of(OptimizerSpec.Adam.class)),
        ADAMW(Defaults.of(OptimizerSpec.AdamW.class));

        private final OptimizerSpec defaults;

        OptimizerName(OptimizerSpec defaults) {
            this.defaults = defaults;
        }

        /** {@return the recipe's optimizer if it has this name, else the defaults of this name} */
        OptimizerSpec or(OptimizerSpec start) {
            return defaults.getClass().isInstance(start) ? start : defaults;
        }
    }

    enum ScheduleName {
        CONSTANT(new ScheduleSpec.Constant()),
        STEP(Defaults.of(ScheduleSpec.Step.class)),
        COSINE(Defaults.of(ScheduleSpec.Cosine.class));

        private final ScheduleSpec defaults;

        ScheduleName(ScheduleSpec defaults) {
            this.defaults = defaults;
        }

        /** {@return the recipe's schedule if it has this name, else the defaults of this name} */
        ScheduleSpec or(ScheduleSpec start) {
            return defaults.getClass().isInstance(start) ? start : defaults;
        }
    }

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
                    "Number of epochs. Default: 10; 2 for digits, 8 for text, 3 for labelled texts")
    private @Nullable Integer epochs;

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

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description = "Optimizer: sgd, adam or adamw. Default: sgd")
    private @Nullable OptimizerName optimizer;

    @Option(
            names = {"--lr", "--learning-rate"},
            paramLabel = "X",
            description = "Peak learning rate. Default: 0.1; 0.001 with --optimizer adam or adamw")
    private @Nullable Double learningRate;

    @Option(
            names = "--momentum",
            paramLabel = "X",
            description = "Momentum of SGD, in [0, 1). Default: 0.9")
    private @Nullable Double momentum;

    @Option(
            names = "--nesterov",
            negatable = true,
            description = "Use Nesterov momentum with SGD. Default: no")
    private @Nullable Boolean nesterov;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            description =
                    "Weight decay, without norms and biases. Default: 0.0001; 0 with adam, 0.05"
                            + " with adamw")
    private @Nullable Double weightDecay;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description =
                    "Learning rate schedule: constant, step (times 0.1 after 50%% and after 75%% of"
                            + " the epochs) or cosine. Default: cosine")
    private @Nullable ScheduleName schedule;

    @Option(
            names = "--warmup",
            paramLabel = "EPOCHS",
            description = "Learning rate warmup in epochs, such as 0.5. Default: 0")
    private @Nullable Double warmup;

    @Option(
            names = "--label-smoothing",
            paramLabel = "X",
            description = "Label smoothing, in [0, 1). Default: 0")
    private @Nullable Double labelSmoothing;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            description = "Gradient clipping: maximum global norm. Default: none")
    private @Nullable Double clip;

    @Option(
            names = "--ema",
            paramLabel = "DECAY",
            description = "Exponential moving average of the weights, such as 0.999. Default: none")
    private @Nullable Double ema;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description =
                    "Freeze the parameters with this path, where * stands for any text: 'stem.*'."
                            + " Repeatable. Default: train all")
    private @Nullable List<String> freeze;

    @Option(
            names = "--layer-decay",
            paramLabel = "X",
            description =
                    "Layer-wise learning rate decay: multiplies the learning rate once for each"
                            + " residual unit between a parameter and the output, such as 0.75."
                            + " Default: 1, none")
    private @Nullable Double layerDecay;

    @Option(
            names = "--rate",
            paramLabel = "PATTERN=FACTOR",
            description =
                    "Multiply the learning rate of the parameters with this path: 'head.*=10'."
                            + " Repeatable; the last match counts. Default: none")
    private @Nullable Map<String, Double> rates;

    @Option(
            names = "--compile",
            negatable = true,
            description =
                    "Compile the training step into programs of the engine. Default: no; yes with"
                            + " --compute and --recompute-activations")
    private @Nullable Boolean compile;

    @Option(
            names = "--compute",
            paramLabel = "TYPE",
            description =
                    "Mixed precision: convolutions and matrix products in float32, or on PyTorch"
                            + " bfloat16 or float16; weights stay float32. Default: float32")
    private @Nullable ComputeType compute;

    @Option(
            names = "--recompute-activations",
            negatable = true,
            description =
                    "Activation checkpointing: recompute activations in the backward pass. Less"
                            + " memory, more time. Needs --engine pytorch. Default: no")
    private @Nullable Boolean recomputeActivations;

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
        set(epochs, recipe::epochs);
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
            recipe.schedule(schedule.or(start.schedule()));
        }
        set(warmup, recipe::warmupEpochs);
        set(labelSmoothing, recipe::labelSmoothing);
        set(clip, recipe::clipNorm);
        if (ema != null) {
            recipe.ema(EmaSpec.of(ema));
        }
        set(freeze, recipe::freeze);
        set(layerDecay, recipe::layerDecay);
        if (rates != null) {
            List<LearningRateFactor> factors = new ArrayList<>();
            rates.forEach(
                    (pattern, factor) -> factors.add(new LearningRateFactor(pattern, factor)));
            recipe.rates(factors);
        }
        if (compute != null) {
            recipe.compute(compute);
        }
        set(recomputeActivations, recipe::recomputeActivations);
        boolean required =
                Boolean.TRUE.equals(recomputeActivations)
                        || (compute != null && compute != ComputeType.FLOAT32);
        recipe.compile(start.compile() || required);
        set(compile, recipe::compile);
        set(validation, recipe::validation);
        set(seed, recipe::seed);
        return recipe.build();
    }

    private interface Setter<T> {
        RecipeBuilder set(T value);
    }

    private static <T> void set(@Nullable T value, Setter<T> setter) {
        if (value != null) {
            setter.set(value);
        }
    }

    private OptimizerSpec optimizer(OptimizerSpec start) {
        OptimizerSpec base = optimizer == null ? start : optimizer.or(start);
        if (base instanceof OptimizerSpec.Sgd sgd) {
            return new OptimizerSpec.Sgd(
                    or(momentum, sgd.momentum()),
                    or(nesterov, sgd.nesterov()),
                    or(weightDecay, sgd.weightDecay()));
        }
        if (momentum != null || nesterov != null) {
            throw Options.wrong(
                    command,
                    "--momentum and --nesterov are for --optimizer sgd, got %s",
                    base instanceof OptimizerSpec.Adam ? "adam" : "adamw");
        }
        if (base instanceof OptimizerSpec.Adam adam) {
            return new OptimizerSpec.Adam(
                    adam.beta1(), adam.beta2(), adam.eps(), or(weightDecay, adam.weightDecay()));
        }
        OptimizerSpec.AdamW adamw = (OptimizerSpec.AdamW) base;
        return new OptimizerSpec.AdamW(
                adamw.beta1(), adamw.beta2(), adamw.eps(), or(weightDecay, adamw.weightDecay()));
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
