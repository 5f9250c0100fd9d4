package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.residuum.compile.ComputeType;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import io.residuum.model.quantize.WeightRounding;
import io.residuum.optim.AdaptiveClip;
import io.residuum.optim.Constraints;
import io.residuum.optim.Ema;
import io.residuum.optim.Optimizer;
import io.residuum.optim.ParameterGroups;
import io.residuum.optim.ParameterGroups.Trained;
import io.residuum.optim.Sam;
import io.residuum.spec.json.SpecJson;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Applies gradients: accumulates them over passes, clips their norms, updates the parameters, moves
 * them to their constraints and updates their moving average. In float16, gradients that are not
 * finite change nothing but the scale of the next loss.
 */
final class OptimizerStep implements AutoCloseable {
    private final ParameterGroups trained;
    private final Optimizer optimizer;
    private final Constraints constraints;
    private final @Nullable Double clipNorm;
    private final @Nullable AdaptiveClip adaptiveClip;
    private final List<Trained> adaptivelyClipped;
    private final @Nullable Ema ema;
    private final @Nullable Sam sam;
    private final WeightRounding rounding;
    private final Map<String, NDArray> gradients = new LinkedHashMap<>();
    private final Network network;
    private final NDManager manager;

    /** The weights of training by path, while those to evaluate are in their place. */
    private final Map<String, NDArray> replaced = new LinkedHashMap<>();

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
                        recipe.decayNormsAndBiases(),
                        recipe.noDecay());
        optimizer = recipe.optimizer().newOptimizer(trained, manager);
        constraints = new Constraints(network, trained, recipe.constraints());
        try (NDManager scratch = manager.newSubManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            constraints.start(scratch);
            if (recipe.ema() != null && !optimizer.averages(scratch).isEmpty()) {
                throw new TrainingException(
                        "ema must be left out with an optimizer that averages weights itself, got %s"
                                .formatted(SpecJson.standard().compact(recipe.optimizer())));
            }
        }
        clipNorm = recipe.clipNorm();
        adaptiveClip = recipe.adaptiveClip();
        adaptivelyClipped =
                adaptiveClip == null ? List.of() : trained.without(adaptiveClip.exclude());
        this.network = network;
        this.manager = manager;
        sam = recipe.sam();
        rounding = new WeightRounding(network);
        trained.all().forEach(t -> gradients.put(t.path(), t.gradient()));
        ema = recipe.ema() == null ? null : new Ema(recipe.ema(), network, manager);
        scale = recipe.compute() == ComputeType.FLOAT16 ? new LossScale(manager) : null;
    }

    /** Returns the factor of the loss before its gradients are taken; 1 except in float16. */
    double lossScale() {
        return scale == null ? 1 : scale.factor();
    }

    /**
     * Moves the parameters uphill for a second pass on the same samples.
     *
     * @return restores them after that pass; null if one pass is enough
     */
    @Nullable Runnable climb(NDManager scratch) {
        return sam == null ? null : sam.climb(network, trained, scratch);
    }

    /**
     * Rounds the weights of quantized layers for a pass.
     *
     * @return restores them after that pass
     */
    Runnable round(NDManager scratch) {
        WeightRounding.Restore restore = rounding.round(scratch);
        return () -> restore.restore(gradients);
    }

    /** Prepares a backward pass, before a program is compiled for it. */
    void beginPass() {
        trained.beginPass();
    }

    /**
     * Updates the parameters by the gradients since the last call.
     *
     * @param factor multiplies the sum of the passes' gradients
     * @param exchange replaces the gradients by those of all processes
     */
    void apply(
            double learningRate,
            double factor,
            Consumer<List<NDArray>> exchange,
            NDManager scratch) {
        trained.sumPasses(factor);
        exchange.accept(trained.all().stream().map(Trained::gradient).toList());
        if (scale != null && !scale.unscale(trained, scratch)) {
            trained.discard();
            return;
        }
        count++;
        if (clipNorm != null) {
            trained.clip(clipNorm, scratch);
        }
        if (adaptiveClip != null) {
            trained.clip(adaptiveClip, adaptivelyClipped, scratch);
        }
        optimizer.update(learningRate, count, scratch);
        constraints.apply(scratch);
        trained.clear();
        if (ema != null) {
            ema.update(count, scratch);
        }
    }

    /** Counts an update that this process has no batch for. */
    void skip() {
        count++;
    }

    /** Returns the number of updates that changed the parameters. */
    long count() {
        return count;
    }

    /**
     * Exchanges the weights for those to evaluate and save, and back: their average, moved to the
     * constraints, and rounded in quantized layers. Returns false if they are the same.
     */
    boolean swapWeights(NDManager scratch) {
        Map<String, Parameter> state = network.state();
        if (!replaced.isEmpty()) {
            replaced.forEach(
                    (path, weight) -> {
                        weight.copyTo(array(state, path));
                        weight.close();
                    });
            replaced.clear();
            return true;
        }
        Map<String, NDArray> averages = ema == null ? optimizer.averages(scratch) : ema.state();
        Set<String> changed = new LinkedHashSet<>(averages.keySet());
        changed.addAll(rounding.paths());
        changed.forEach(
                path ->
                        replaced.put(
                                path, ParameterGroups.in(manager, array(state, path).duplicate())));
        averages.forEach((path, average) -> average.copyTo(array(state, path)));
        if (!averages.isEmpty()) {
            constraints.applyFar(scratch);
        }
        rounding.round(scratch);
        return !changed.isEmpty();
    }

    private static NDArray array(Map<String, Parameter> state, String path) {
        return Objects.requireNonNull(state.get(path), path).getArray();
    }

    /** Returns the live arrays by name that a checkpoint needs. */
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

    /** Continues an earlier run after its {@link #state} was restored. */
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
