package io.residuum.train;

import io.residuum.compile.ComputeType;
import io.residuum.loss.LossSpec;
import io.residuum.metric.MetricSpec;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.model.quantize.Quantizer;
import io.residuum.optim.AdaptiveClip;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.LearningRates;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.Sam;
import io.residuum.optim.ScheduleSpec;
import io.residuum.optim.WeightConstraint;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.train.callback.CallbackSpec;
import io.residuum.train.distill.Distillation;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The settings of training, without the network and the data. {@code {}} is a valid recipe.
 *
 * @param epochs the number of epochs, positive; the network is evaluated and saved after each.
 *     Default: 10
 * @param steps the number of updates of the complete run, positive; {@code epochs} then follows
 *     from the data, and the last epoch may be shorter. Default: none, {@code epochs} decides
 * @param stepsPerEpoch the number of updates in an epoch, positive. Text is sampled at random, so
 *     any number is possible; other data must have enough batches. Default: none, one pass over the
 *     data
 * @param batch the number of samples in a forward pass (images, texts or windows of text),
 *     positive. Default: 128
 * @param accumulate gradient accumulation: the number of forward passes per update, positive. An
 *     update sees {@code batch * accumulate} samples. Default: 1
 * @param optimizer the optimizer with its settings. Default: sgd
 * @param learningRate the peak learning rate, positive; not scaled by the batch size. Default: 0.1
 * @param schedule the learning-rate schedule. Default: cosine
 * @param warmupEpochs the epochs, with fractions, in which the learning rate rises from 0 in equal
 *     steps; less than {@code epochs}. Default: 0
 * @param decayNormsAndBiases true to apply weight decay to parameters of rank 0 and 1, too.
 *     Default: false, as usual
 * @param noDecay patterns of the parameters without weight decay, as in {@link
 *     io.residuum.model.Network#freeze}. Default: none
 * @param labelSmoothing the share of each target that is spread over all classes, in [0, 1), where
 *     {@code losses} names none. Default: 0
 * @param losses the loss of each output by its name, {@code output} for a network that has one. An
 *     output without a loss learns by its targets: classes by cross-entropy, numbers by the mean
 *     squared error. Default: none
 * @param distillation a trained network that this one imitates. Default: none
 * @param quantization quantization-aware training (Jacob et al. 2018, arXiv:1712.05877): a
 *     quantized model, as {@code residuum quantize} writes it. Each pass rounds the weights of its
 *     layers to its bits, and activations to its ranges, which needs {@code compile}. The network
 *     is evaluated and saved with rounded weights. Default: none
 * @param metrics the metrics of each output by its name, {@code output} for a network that has one.
 *     Default: none, and each output is measured by what suits its targets
 * @param best the measure that chooses the best epoch. Default: none, and the accuracy chooses for
 *     one output of classes, else the loss
 * @param clipNorm the largest global norm of the gradients, positive. Default: none
 * @param adaptiveClip the largest norm of each row of a gradient as a share of the parameter's
 *     norm, after {@code clipNorm}. Default: none
 * @param sam sharpness-aware minimization, around any optimizer. Default: none
 * @param ema the moving average of the weights. Default: none
 * @param augmentation the transforms of each training sample, in order; null: the usual ones for
 *     this data set (random crop and flip for CIFAR, random resized crop for photographs). Default:
 *     null
 * @param mixing ways to mix the samples of a batch; one is drawn for each batch. Default: none
 * @param freeze patterns of the parameters that are not trained, as in {@link
 *     io.residuum.model.Network#freeze}. Default: none
 * @param trainOnly patterns of the only parameters that are trained, as in {@link
 *     io.residuum.model.Network#trainOnly}; those that match {@code freeze} are not. Default: none,
 *     and all are trained
 * @param layerDecay the layer-wise learning-rate decay, in (0, 1]: a factor for each unit between a
 *     parameter and the output, counted as in {@link LearningRates}. Default: 1, one rate for all
 * @param rates learning-rate factors for some parameters, on top of {@code layerDecay}. The last
 *     match counts. Default: none
 * @param constraints constraints that training keeps some parameters in, such as unit norm.
 *     Default: none
 * @param compile true to train with whole programs of the engine, see {@link
 *     io.residuum.model.Network#compiler}. Default: false
 * @param compute the type of convolutions and matrix products. Types other than float32 need {@code
 *     compile} and the PyTorch engine. Weights, norms and losses stay float32; in float16 the loss
 *     is scaled so that small gradients survive. Default: float32
 * @param recomputeActivations true to keep few activations and recompute the others in the backward
 *     pass (activation checkpointing, Chen et al. 2016, arXiv:1604.06174): less memory, more time.
 *     With {@code compile} it divides the graph for the lowest peak, which needs the PyTorch
 *     engine. Without {@code compile} it keeps the inputs of residual units. It computes those of
 *     invertible units, such as RevNet's, from their outputs. Default: false
 * @param callbacks code that is called at each step and epoch, such as early stopping. Default:
 *     none
 * @param validation the share of the training data, in [0, 1), that is held out to choose the best
 *     epoch; data with a validation part holds out nothing. With 0 and no validation part, the last
 *     epoch's network is kept, as in papers that report a data set's official test set. Default:
 *     0.1
 * @param seed the seed of initial weights, sample order, augmentation and dropout. The same seed,
 *     engine and machine give the same training. Default: 0
 */
@WithBuilder
public record Recipe(
        @Default("10") int epochs,
        @Nullable Integer steps,
        @Nullable Integer stepsPerEpoch,
        @Default("128") int batch,
        @Default("1") int accumulate,
        @Default("{\"type\": \"sgd\"}") OptimizerSpec optimizer,
        @Default("0.1") double learningRate,
        @Default("{\"type\": \"cosine\"}") ScheduleSpec schedule,
        @Default("0.0") double warmupEpochs,
        @Default("false") boolean decayNormsAndBiases,
        @Default("[]") List<String> noDecay,
        @Default("0.0") double labelSmoothing,
        @Default("{}") Map<String, LossSpec> losses,
        @Nullable Distillation distillation,
        @Nullable String quantization,
        @Default("{}") Map<String, List<MetricSpec>> metrics,
        Score.@Nullable Choice best,
        @Nullable Double clipNorm,
        @Nullable AdaptiveClip adaptiveClip,
        @Nullable Sam sam,
        @Nullable EmaSpec ema,
        @Nullable List<Transform> augmentation,
        @Default("[]") List<BatchTransform> mixing,
        @Default("[]") List<String> freeze,
        @Default("[]") List<String> trainOnly,
        @Default("1.0") double layerDecay,
        @Default("[]") List<LearningRateFactor> rates,
        @Default("[]") List<WeightConstraint> constraints,
        @Default("false") boolean compile,
        @Default("\"float32\"") ComputeType compute,
        @Default("false") boolean recomputeActivations,
        @Default("[]") List<CallbackSpec> callbacks,
        @Default("0.1") double validation,
        @Default("0") long seed)
        implements RecipeBuilder.With {

    public Recipe {
        Check.positive("epochs", epochs);
        Check.that(
                steps == null || steps > 0,
                "steps must be positive, got %s",
                String.valueOf(steps));
        Check.that(
                stepsPerEpoch == null || stepsPerEpoch > 0,
                "stepsPerEpoch must be positive, got %s",
                String.valueOf(stepsPerEpoch));
        Check.positive("batch", batch);
        Check.positive("accumulate", accumulate);
        requireNotNull("optimizer", optimizer);
        requireNotNull("schedule", schedule);
        requireNotNull("compute", compute);
        Check.that(
                stepsPerEpoch == null || (long) stepsPerEpoch * accumulate <= Integer.MAX_VALUE,
                "stepsPerEpoch must be at most %s with accumulate %s, got %s",
                Integer.MAX_VALUE / accumulate,
                accumulate,
                String.valueOf(stepsPerEpoch));
        Check.positive("learningRate", learningRate);
        Check.that(
                warmupEpochs >= 0
                        && Double.isFinite(warmupEpochs)
                        && (warmupEpochs < epochs || steps != null),
                "warmupEpochs must be in [0, %s), the epochs, got %s: shorten it",
                epochs,
                warmupEpochs);
        Check.rate("labelSmoothing", labelSmoothing);
        if (clipNorm != null) {
            Check.positive("clipNorm", clipNorm);
        }
        augmentation = augmentation == null ? null : List.copyOf(augmentation);
        mixing = List.copyOf(mixing);
        Check.that(
                mixing.isEmpty() || batch > 1,
                "mixing needs a batch of 2 or more, got batch %s: use a larger one, or remove"
                        + " mixing",
                batch);
        losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        freeze = List.copyOf(freeze);
        trainOnly = List.copyOf(trainOnly);
        noDecay = List.copyOf(noDecay);
        Check.that(
                layerDecay > 0 && layerDecay <= 1,
                "layerDecay must be in (0, 1], got %s",
                layerDecay);
        rates = List.copyOf(rates);
        constraints = List.copyOf(constraints);
        Check.that(
                compile || compute == ComputeType.FLOAT32,
                "compute must be float32 while compile is false, got %s: set compile to true",
                compute);
        callbacks = List.copyOf(callbacks);
        Check.rate("validation", validation);
    }

    private static void requireNotNull(String name, @Nullable Object value) {
        Check.that(value != null, "%s must not be null: leave it out for the default", name);
    }

    /** {@return a recipe with all defaults, which JSON writes as {@code {}}} */
    public static Recipe defaults() {
        return Defaults.of(Recipe.class);
    }

    /** {@return a builder with all defaults} */
    public static RecipeBuilder builder() {
        return defaults().with();
    }

    /**
     * Requires that the data holds out the share that the recipe says, and has validation data if
     * the recipe names a metric of it.
     */
    void requireValidation(Task task) {
        OptionalDouble share = task.heldOut();
        if (share.isPresent() && share.getAsDouble() != validation) {
            throw new TrainingException(
                    ("the data must hold out the share that the recipe says for validation, %s, but"
                                    + " holds out %s: open the data with recipe.validation()")
                            .formatted(validation, share.getAsDouble()));
        }
        if (best != null && task.validation().isEmpty()) {
            throw new TrainingException(
                    "best of the recipe needs validation data, but the data has none: hold out a"
                            + " share (validation), or remove best");
        }
    }

    /** {@return the recipe as JSON can hold it: functions of Java become their names} */
    Recipe written() {
        Map<String, LossSpec> named = new LinkedHashMap<>();
        losses.forEach((output, loss) -> named.put(output, loss.written()));
        return with().losses(named).build();
    }

    /**
     * {@return the number of batches in an epoch of data that is read in order}
     *
     * @param available the number of batches in the data
     * @throws TrainingException if {@link #stepsPerEpoch} needs more batches
     */
    public int batchesPerEpoch(int available) {
        if (stepsPerEpoch == null) {
            return available;
        }
        int wanted = stepsPerEpoch * accumulate;
        if (wanted > available) {
            throw new TrainingException(
                    "stepsPerEpoch must be at most the %d updates that the data has, got %d"
                            .formatted(available / accumulate, stepsPerEpoch));
        }
        return wanted;
    }

    /**
     * {@return this recipe with the number of epochs that its {@link #steps} take; itself without
     * them}
     *
     * @param stepsInEpoch the updates of a complete epoch
     * @throws io.residuum.spec.SpecException if the warmup takes all steps
     */
    public Recipe withEpochsOfSteps(int stepsInEpoch) {
        if (steps == null) {
            return this;
        }
        Check.that(
                warmupEpochs * stepsInEpoch < steps,
                "warmupEpochs must be in [0, %s), the epochs that %s steps take, got %s: shorten"
                        + " it",
                (double) steps / stepsInEpoch,
                steps,
                warmupEpochs);
        return with().epochs((steps - 1) / stepsInEpoch + 1).build();
    }

    /**
     * {@return this recipe with a warmup of at most half of its {@link #steps}; itself without
     * them}
     *
     * @param stepsInEpoch the updates of a complete epoch
     */
    public Recipe withWarmupInside(int stepsInEpoch) {
        return steps == null
                ? this
                : with().warmupEpochs(Math.min(warmupEpochs, steps / 2.0 / stepsInEpoch)).build();
    }

    /**
     * {@return this recipe with other epochs, and a warmup of half of them instead of one that
     * takes them all}
     *
     * @param epochs the number of epochs, positive
     */
    public Recipe withWarmupInsideEpochs(int epochs) {
        double warmup = warmupEpochs < epochs ? warmupEpochs : epochs / 2.0;
        return with().epochs(epochs).warmupEpochs(warmup).build();
    }

    /**
     * {@return the updates of an epoch, which is shorter if it reaches {@link #steps}}
     *
     * @param epoch the epoch, counted from 1
     * @param complete the updates of a complete epoch
     */
    public int stepsInEpoch(int epoch, int complete) {
        return steps == null ? complete : Math.min(complete, steps - (epoch - 1) * complete);
    }

    /**
     * Freezes the parameters that this recipe does not train.
     *
     * @throws io.residuum.spec.SpecException if a pattern matches no parameter
     */
    public void freeze(Network network) {
        if (!trainOnly.isEmpty()) {
            network.trainOnly(trainOnly);
        }
        freeze.forEach(network::freeze);
    }

    /**
     * Gives a network the quantization to train with, or none: training changes weights, so that
     * the ranges of an earlier one no longer fit.
     *
     * @throws io.residuum.spec.SpecException if there is no such model, or its layers are others
     * @throws TrainingException if training cannot round activations
     */
    void quantize(Network network) {
        network.setMetadata(network.metadata().withQuantization(ModelMetadata.EMPTY));
        if (quantization == null) {
            return;
        }
        Quantizer.copyQuantization(quantization, network);
        if (network.metadata().quantizesActivations()
                && (!compile || compute != ComputeType.FLOAT32)) {
            throw new TrainingException(
                    "the activations of %s are rounded by compiled programs in float32, got compile %s and compute %s: set compile to true, or quantize only the weights (--weights-only)"
                            .formatted(quantization, compile, compute));
        }
    }

    /**
     * {@return the learning-rate factors of all parameters of a network, frozen or not}
     *
     * @throws io.residuum.spec.SpecException if a pattern matches no parameter, or {@code
     *     layerDecay} is below 1 and the network has no residual units
     */
    public LearningRates learningRates(Network network) {
        return LearningRates.of(network, layerDecay, rates);
    }

    /**
     * {@return the learning rate of the update that begins at a point of the training}
     *
     * @param at the epochs done, with fractions
     * @param update the part of an epoch that one update takes
     */
    public double learningRateAt(double at, double update) {
        // The first update has a rate above 0. The first update after the warmup has the full rate.
        return at < warmupEpochs
                ? learningRate * Math.min(1, (at + update) / warmupEpochs)
                : learningRate
                        * schedule.factor(
                                at, warmupEpochs, steps == null ? epochs : steps * update);
    }
}
