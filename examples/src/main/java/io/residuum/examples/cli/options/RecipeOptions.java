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

/** How to train: a recipe from a file or the default one, changed by flags. */
public final class RecipeOptions {

    /** The optimizers by name. */
    enum OptimizerName {
        /** Stochastic gradient descent. */
        SGD,
        /** Adam with decoupled weight decay. */
        ADAMW
    }

    /** The schedules by name, with their default settings. */
    enum ScheduleName {
        /** One rate. */
        CONSTANT,
        /** Tenths, at a half and at three quarters. */
        STEP,
        /** Half a cosine. */
        COSINE
    }

    private static final double ADAMW_RATE = 1e-3;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description =
                    "A recipe as JSON (see --print-recipe); the options below change it. Default:"
                            + " every default below")
    private @Nullable Path file;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description =
                    "After how many epochs to end. Default: 10; 2 for digits, 8 for text, 3 for"
                            + " labelled texts")
    private @Nullable Integer epochs;

    @Option(
            names = "--steps-per-epoch",
            paramLabel = "N",
            description =
                    "How many updates an epoch has. Default: a pass over the data; 250 for text")
    private @Nullable Integer stepsPerEpoch;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "How many images, texts or windows of text a step takes. Default: 128; 12 for"
                            + " text, 32 for labelled texts")
    private @Nullable Integer batch;

    @Option(
            names = "--accumulate",
            paramLabel = "N",
            description = "How many batches to add up for an update. Default: 1")
    private @Nullable Integer accumulate;

    @Option(names = "--optimizer", paramLabel = "NAME", description = "sgd or adamw. Default: sgd")
    private @Nullable OptimizerName optimizer;

    @Option(
            names = "--lr",
            paramLabel = "X",
            description = "The highest learning rate. Default: 0.1; 0.001 after --optimizer adamw")
    private @Nullable Double learningRate;

    @Option(
            names = "--momentum",
            paramLabel = "X",
            description = "The momentum of sgd. Default: 0.9")
    private @Nullable Double momentum;

    @Option(
            names = "--nesterov",
            negatable = true,
            description = "Whether sgd looks ahead. Default: no")
    private @Nullable Boolean nesterov;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            description =
                    "The weight decay; norms and biases have none. Default: 0.0001; 0.05 for adamw")
    private @Nullable Double weightDecay;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description =
                    "How the rate falls: constant, step (a tenth at a half and at three quarters)"
                            + " or cosine. Default: cosine")
    private @Nullable ScheduleName schedule;

    @Option(
            names = "--warmup",
            paramLabel = "EPOCHS",
            description = "For how many epochs the rate rises first, such as 0.5. Default: 0")
    private @Nullable Double warmup;

    @Option(
            names = "--label-smoothing",
            paramLabel = "X",
            description = "The part of each target that all classes share. Default: 0")
    private @Nullable Double labelSmoothing;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            description = "The largest global norm of the gradients. Default: no limit")
    private @Nullable Double clip;

    @Option(
            names = "--ema",
            paramLabel = "DECAY",
            description = "Average the weights, such as with 0.999. Default: do not")
    private @Nullable Double ema;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description =
                    "Do not train the parameters of this path, where * stands for anything:"
                            + " 'stem.*'. May be repeated. Default: train all")
    private @Nullable List<String> freeze;

    @Option(
            names = "--layer-decay",
            paramLabel = "X",
            description =
                    "Multiply the learning rate by this for each residual unit between a parameter"
                            + " and the output, such as 0.75. Default: 1, one rate for all")
    private @Nullable Double layerDecay;

    @Option(
            names = "--rate",
            paramLabel = "PATTERN=FACTOR",
            description =
                    "Multiply the learning rate of the parameters of this path by a factor:"
                            + " 'head.*=10'. May be repeated; the last that matches counts."
                            + " Default: none")
    private @Nullable Map<String, Double> rates;

    @Option(
            names = "--compile",
            negatable = true,
            description =
                    "Whether to train by whole programs of the engine. Default: no; yes with"
                            + " --compute and --recompute-activations")
    private @Nullable Boolean compile;

    @Option(
            names = "--compute",
            paramLabel = "TYPE",
            description =
                    "What convolutions and matrix products compute in: float32, or, on PyTorch,"
                            + " bfloat16 or float16; weights stay float32. Default: float32")
    private @Nullable ComputeType compute;

    @Option(
            names = "--recompute-activations",
            negatable = true,
            description =
                    "Keep few activations and compute the others again: less memory,"
                            + " more time. Needs --engine pytorch. Default: no")
    private @Nullable Boolean recomputeActivations;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same seed, engine and machine give the same training. Default: 0")
    private @Nullable Long seed;

    /**
     * The recipe.
     *
     * @param base what to change where no file is given
     * @throws io.residuum.spec.SpecException if it is none
     */
    public Recipe recipe(Recipe base) {
        if ((momentum != null || nesterov != null) && optimizer == OptimizerName.ADAMW) {
            throw Options.wrong(command, "--momentum and --nesterov are for --optimizer sgd");
        }
        Recipe start = file == null ? base : SpecJson.standard().read(file, Recipe.class);
        RecipeBuilder recipe = start.with();
        set(epochs, recipe::epochs);
        set(stepsPerEpoch, recipe::stepsPerEpoch);
        set(batch, recipe::batch);
        set(accumulate, recipe::accumulate);
        recipe.optimizer(optimizer(start.optimizer()));
        if (optimizer == OptimizerName.ADAMW
                && !(start.optimizer() instanceof OptimizerSpec.AdamW)) {
            recipe.learningRate(ADAMW_RATE);
        }
        set(learningRate, recipe::learningRate);
        if (schedule != null) {
            recipe.schedule(schedule(schedule));
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
        boolean needed =
                Boolean.TRUE.equals(recomputeActivations)
                        || (compute != null && compute != ComputeType.FLOAT32);
        recipe.compile(start.compile() || needed);
        set(compile, recipe::compile);
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
        OptimizerSpec base = optimizer == null ? start : defaults(optimizer, start);
        if (base instanceof OptimizerSpec.Sgd sgd) {
            return new OptimizerSpec.Sgd(
                    or(momentum, sgd.momentum()),
                    or(nesterov, sgd.nesterov()),
                    or(weightDecay, sgd.weightDecay()));
        }
        OptimizerSpec.AdamW adamw = (OptimizerSpec.AdamW) base;
        return new OptimizerSpec.AdamW(
                adamw.beta1(), adamw.beta2(), adamw.eps(), or(weightDecay, adamw.weightDecay()));
    }

    /** What a name stands for: the recipe's own settings where it has that optimizer already. */
    private static OptimizerSpec defaults(OptimizerName name, OptimizerSpec start) {
        return switch (name) {
            case SGD ->
                    start instanceof OptimizerSpec.Sgd
                            ? start
                            : Defaults.of(OptimizerSpec.Sgd.class);
            case ADAMW ->
                    start instanceof OptimizerSpec.AdamW
                            ? start
                            : Defaults.of(OptimizerSpec.AdamW.class);
        };
    }

    private static ScheduleSpec schedule(ScheduleName name) {
        return switch (name) {
            case CONSTANT -> new ScheduleSpec.Constant();
            case STEP -> Defaults.of(ScheduleSpec.Step.class);
            case COSINE -> Defaults.of(ScheduleSpec.Cosine.class);
        };
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
