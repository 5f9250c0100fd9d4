package io.residuum.train;

import io.residuum.compile.ComputeType;
import io.residuum.model.Network;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.LearningRates;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides how a network is trained, besides the network and the data. {@code {}} is
 * a valid recipe.
 *
 * @param epochs after each of which the network is evaluated and saved, positive. Default: 10
 * @param stepsPerEpoch updates an epoch, positive, where an epoch should not be a pass over the
 *     training data. Text is drawn at random, so that there may be any number; of other data no
 *     more than there are. Default: none, a pass over the data
 * @param batch images, texts or windows of text a forward pass, positive. Default: 128
 * @param accumulate forward passes an update, positive: an update sees {@code batch * accumulate}
 *     samples. Default: 1
 * @param optimizer which, with its settings. Default: sgd
 * @param learningRate the highest rate, positive; not scaled by the batch. Default: 0.1
 * @param schedule how the rate falls. Default: cosine
 * @param warmupEpochs epochs in which the rate rises from 0 in equal steps, with fractions, fewer
 *     than all. Default: 0
 * @param decayNormsAndBiases whether weight decay also holds for parameters of rank 0 and 1.
 *     Default: false, the field's rule
 * @param labelSmoothing the part of each target that is spread over all classes, in [0, 1).
 *     Default: 0
 * @param clipNorm the largest global norm of the gradients, positive. Default: none
 * @param ema averages the weights. Default: none
 * @param augmentation transforms of each training sample, first to last; null: the usual ones for
 *     this data set (random crop and flip for CIFAR, random resized crop for photographs). Default:
 *     null
 * @param mixing how the samples of a batch are mixed; of several one is drawn for each batch.
 *     Default: none
 * @param freeze patterns of parameters that are not trained, as in {@link
 *     io.residuum.model.Network#freeze}. Default: none
 * @param layerDecay what the learning rate is multiplied by for each unit that lies between a
 *     parameter and the output, in (0, 1], as {@link LearningRates} counts them. Default: 1, one
 *     rate for all
 * @param rates learning rates of their own for some parameters, times that of their depth; of
 *     several that match, the last one counts. Default: none
 * @param compile whether training runs as whole programs of the engine, see {@link
 *     io.residuum.model.Network#compiler}. Default: false
 * @param compute what convolutions and matrix products compute in; other than float32 needs {@code
 *     compile} and the PyTorch engine. Weights, norms and losses stay float32; in float16 the loss
 *     is scaled so that small gradients survive. Default: float32
 * @param recomputeActivations whether a forward pass keeps few activations and the backward pass
 *     computes the others again (Chen et al. 2016, arXiv:1604.06174): less memory for more time.
 *     Needs {@code compile} and the PyTorch engine. Default: false
 * @param seed of weights, order, augmentation and dropout: the same seed, engine and machine give
 *     the same training. Default: 0
 */
@WithBuilder
@Doc("How a network is trained. Everything has a default.")
public record Recipe(
        @Default("10") int epochs,
        @Nullable Integer stepsPerEpoch,
        @Default("128") int batch,
        @Default("1") int accumulate,
        @Default("{\"type\": \"sgd\"}") OptimizerSpec optimizer,
        @Default("0.1") double learningRate,
        @Default("{\"type\": \"cosine\"}") ScheduleSpec schedule,
        @Default("0.0") double warmupEpochs,
        @Default("false") boolean decayNormsAndBiases,
        @Default("0.0") double labelSmoothing,
        @Nullable Double clipNorm,
        @Nullable EmaSpec ema,
        @Nullable List<Transform> augmentation,
        @Default("[]") List<BatchTransform> mixing,
        @Default("[]") List<String> freeze,
        @Default("1.0") double layerDecay,
        @Default("[]") List<LearningRateFactor> rates,
        @Default("false") boolean compile,
        @Default("\"float32\"") ComputeType compute,
        @Default("false") boolean recomputeActivations,
        @Default("0") long seed)
        implements RecipeBuilder.With {

    public Recipe {
        Check.positive("epochs", epochs);
        Check.that(
                stepsPerEpoch == null || stepsPerEpoch > 0,
                "stepsPerEpoch must be positive, got %s",
                String.valueOf(stepsPerEpoch));
        Check.positive("batch", batch);
        Check.positive("accumulate", accumulate);
        Check.that(
                learningRate > 0 && Double.isFinite(learningRate),
                "learningRate must be positive, got %s",
                learningRate);
        Check.that(
                warmupEpochs >= 0 && warmupEpochs < epochs,
                "warmupEpochs must be in [0, %s), the epochs, got %s",
                epochs,
                warmupEpochs);
        Check.rate("labelSmoothing", labelSmoothing);
        Check.that(
                clipNorm == null || (clipNorm > 0 && Double.isFinite(clipNorm)),
                "clipNorm must be positive, got %s",
                String.valueOf(clipNorm));
        augmentation = augmentation == null ? null : List.copyOf(augmentation);
        mixing = List.copyOf(mixing);
        freeze = List.copyOf(freeze);
        Check.that(
                layerDecay > 0 && layerDecay <= 1,
                "layerDecay must be in (0, 1], got %s",
                layerDecay);
        rates = List.copyOf(rates);
        Check.that(
                compile || compute == ComputeType.FLOAT32,
                "compute must be float32 where compile is false, got %s: set compile to true",
                compute);
        Check.that(
                compile || !recomputeActivations,
                "recomputeActivations must be false where compile is, got true: set compile to"
                        + " true");
    }

    /**
     * Returns the recipe that JSON writes as {@code {}}.
     *
     * @return all defaults
     */
    public static Recipe defaults() {
        return Defaults.of(Recipe.class);
    }

    /**
     * Begins a recipe in Java.
     *
     * @return a builder with all defaults
     */
    public static RecipeBuilder builder() {
        return defaults().with();
    }

    /**
     * Returns the number of batches per epoch of data that is read in order.
     *
     * @param available how many there are
     * @return all, or those of {@link #stepsPerEpoch}
     * @throws TrainingException if that is more than there are
     */
    public int batchesPerEpoch(int available) {
        if (stepsPerEpoch == null) {
            return available;
        }
        long wanted = (long) stepsPerEpoch * accumulate;
        if (wanted > available) {
            throw new TrainingException(
                    "stepsPerEpoch must be at most the %d updates that the data has, got %d"
                            .formatted(available / accumulate, stepsPerEpoch));
        }
        return (int) wanted;
    }

    /**
     * Computes the factors of the learning rate that this recipe gives to a network's parameters.
     *
     * @param network the network
     * @return factors of all parameters, frozen or not
     * @throws io.residuum.spec.SpecException if a pattern matches no parameter, or a layer decay
     *     below 1 is asked for of a network without residual units
     */
    public LearningRates learningRates(Network network) {
        return LearningRates.of(network, layerDecay, rates);
    }

    /**
     * Returns the learning rate at a point of the training.
     *
     * @param at epochs done, with fractions
     * @param update how much one update adds to {@code at}
     * @return the rate of the update that begins there
     */
    public double learningRateAt(double at, double update) {
        // The first update has a rate above 0, the first after the warmup the full one.
        return at < warmupEpochs
                ? learningRate * Math.min(1, (at + update) / warmupEpochs)
                : learningRate * schedule.factor(at, warmupEpochs, epochs);
    }
}
