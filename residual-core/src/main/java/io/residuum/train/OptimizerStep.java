package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.residuum.compile.ComputeType;
import io.residuum.model.Network;
import io.residuum.optim.Ema;
import io.residuum.optim.Optimizer;
import io.residuum.optim.ParameterGroups;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of gradients: they are summed over passes, clipped, and change parameters and their
 * average. In float16, gradients that are not finite change nothing, and the next loss is scaled
 * less.
 */
final class OptimizerStep implements AutoCloseable {
    private final ParameterGroups trained;
    private final Optimizer optimizer;
    private final @Nullable Double clipNorm;
    private final @Nullable Ema ema;
    private final @Nullable LossScale scale;
    private long count;

    OptimizerStep(Network network, Recipe recipe, NDManager manager) {
        if (network.parameters().values().stream().noneMatch(Parameter::requiresGradient)) {
            throw new TrainingException(
                    "training needs a parameter that is not frozen, but all "
                            + network.parameters().size()
                            + " are: freeze fewer");
        }
        trained =
                new ParameterGroups(
                        network,
                        recipe.learningRates(network),
                        recipe.accumulate() > 1,
                        recipe.decayNormsAndBiases());
        optimizer = recipe.optimizer().newOptimizer(trained, manager);
        clipNorm = recipe.clipNorm();
        ema = recipe.ema() == null ? null : new Ema(recipe.ema(), network, manager);
        scale = recipe.compute() == ComputeType.FLOAT16 ? new LossScale(manager) : null;
    }

    /** What the loss is to be multiplied by before its gradients are taken. */
    double lossScale() {
        return scale == null ? 1 : scale.factor();
    }

    /** Takes the gradients of a backward pass into account. */
    void collect() {
        trained.collect();
    }

    /** Changes the parameters by the gradients since the last call. */
    void apply(double learningRate, NDManager scratch) {
        if (scale != null && !scale.unscale(trained, scratch)) {
            trained.discard();
            return;
        }
        count++;
        if (clipNorm != null) {
            trained.clip(clipNorm, scratch);
        }
        optimizer.update(learningRate, count, scratch);
        trained.clear();
        if (ema != null) {
            ema.update(count, scratch);
        }
    }

    /** How many updates have changed the parameters. */
    long count() {
        return count;
    }

    /** Whether there is an average of the weights. */
    boolean averages() {
        return ema != null;
    }

    /** Exchanges the weights for their average and back. */
    void swapAverage(NDManager scratch) {
        if (ema != null) {
            ema.swap(scratch);
        }
    }

    /** What a later run needs to go on: live arrays by name. */
    Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        optimizer.state().forEach((name, a) -> state.put("optimizer." + name, a));
        if (ema != null) {
            ema.state().forEach((path, a) -> state.put("ema." + path, a));
        }
        if (scale != null) {
            state.put("lossScale", scale.state());
        }
        return state;
    }

    /** Goes on where an earlier run was, after its {@link #state} has been put back. */
    void resumeAt(long countBefore) {
        count = countBefore;
        if (scale != null) {
            scale.resume();
        }
    }

    @Override
    public void close() {
        trained.close();
    }
}
