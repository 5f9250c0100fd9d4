package io.residuum.train;

import io.residuum.compile.ComputeType;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Recipe}, whose components say what the settings mean. Values are checked by
 * {@link #build}.
 */
public final class RecipeBuilder {
    private int epochs;
    private @Nullable Integer stepsPerEpoch;
    private int batch;
    private int accumulate;
    private OptimizerSpec optimizer;
    private double learningRate;
    private ScheduleSpec schedule;
    private double warmupEpochs;
    private boolean decayNormsAndBiases;
    private double labelSmoothing;
    private @Nullable Double clipNorm;
    private @Nullable EmaSpec ema;
    private @Nullable List<Transform> augmentation;
    private List<BatchTransform> mixing;
    private List<String> freeze;
    private double layerDecay;
    private List<LearningRateFactor> rates;
    private boolean compile;
    private ComputeType compute;
    private boolean checkpoint;
    private long seed;

    RecipeBuilder(Recipe r) {
        epochs = r.epochs();
        stepsPerEpoch = r.stepsPerEpoch();
        batch = r.batch();
        accumulate = r.accumulate();
        optimizer = r.optimizer();
        learningRate = r.learningRate();
        schedule = r.schedule();
        warmupEpochs = r.warmupEpochs();
        decayNormsAndBiases = r.decayNormsAndBiases();
        labelSmoothing = r.labelSmoothing();
        clipNorm = r.clipNorm();
        ema = r.ema();
        augmentation = r.augmentation();
        mixing = r.mixing();
        freeze = r.freeze();
        layerDecay = r.layerDecay();
        rates = r.rates();
        compile = r.compile();
        compute = r.compute();
        checkpoint = r.checkpoint();
        seed = r.seed();
    }

    /**
     * Sets {@link Recipe#epochs}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder epochs(int value) {
        epochs = value;
        return this;
    }

    /**
     * Sets {@link Recipe#stepsPerEpoch}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder stepsPerEpoch(@Nullable Integer value) {
        stepsPerEpoch = value;
        return this;
    }

    /**
     * Sets {@link Recipe#batch}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder batch(int value) {
        batch = value;
        return this;
    }

    /**
     * Sets {@link Recipe#accumulate}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder accumulate(int value) {
        accumulate = value;
        return this;
    }

    /**
     * Sets {@link Recipe#optimizer}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder optimizer(OptimizerSpec value) {
        optimizer = value;
        return this;
    }

    /**
     * Sets {@link Recipe#learningRate}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder learningRate(double value) {
        learningRate = value;
        return this;
    }

    /**
     * Sets {@link Recipe#schedule}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder schedule(ScheduleSpec value) {
        schedule = value;
        return this;
    }

    /**
     * Sets {@link Recipe#warmupEpochs}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder warmupEpochs(double value) {
        warmupEpochs = value;
        return this;
    }

    /**
     * Sets {@link Recipe#decayNormsAndBiases}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder decayNormsAndBiases(boolean value) {
        decayNormsAndBiases = value;
        return this;
    }

    /**
     * Sets {@link Recipe#labelSmoothing}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder labelSmoothing(double value) {
        labelSmoothing = value;
        return this;
    }

    /**
     * Sets {@link Recipe#clipNorm}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder clipNorm(@Nullable Double value) {
        clipNorm = value;
        return this;
    }

    /**
     * Sets {@link Recipe#ema}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder ema(@Nullable EmaSpec value) {
        ema = value;
        return this;
    }

    /**
     * Sets {@link Recipe#augmentation}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder augmentation(@Nullable List<Transform> value) {
        augmentation = value;
        return this;
    }

    /**
     * Sets {@link Recipe#mixing}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder mixing(List<BatchTransform> value) {
        mixing = value;
        return this;
    }

    /**
     * Sets {@link Recipe#freeze}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder freeze(List<String> value) {
        freeze = value;
        return this;
    }

    /**
     * Sets {@link Recipe#layerDecay}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder layerDecay(double value) {
        layerDecay = value;
        return this;
    }

    /**
     * Sets {@link Recipe#rates}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder rates(List<LearningRateFactor> value) {
        rates = value;
        return this;
    }

    /**
     * Sets {@link Recipe#compile}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder compile(boolean value) {
        compile = value;
        return this;
    }

    /**
     * Sets {@link Recipe#compute}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder compute(ComputeType value) {
        compute = value;
        return this;
    }

    /**
     * Sets {@link Recipe#checkpoint}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder checkpoint(boolean value) {
        checkpoint = value;
        return this;
    }

    /**
     * Sets {@link Recipe#seed}.
     *
     * @param value the new value
     * @return this
     */
    public RecipeBuilder seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Builds the recipe.
     *
     * @return a new recipe
     * @throws io.residuum.spec.SpecException if a value is out of its range
     */
    public Recipe build() {
        return new Recipe(
                epochs,
                stepsPerEpoch,
                batch,
                accumulate,
                optimizer,
                learningRate,
                schedule,
                warmupEpochs,
                decayNormsAndBiases,
                labelSmoothing,
                clipNorm,
                ema,
                augmentation,
                mixing,
                freeze,
                layerDecay,
                rates,
                compile,
                compute,
                checkpoint,
                seed);
    }
}
