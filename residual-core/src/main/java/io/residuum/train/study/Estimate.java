package io.residuum.train.study;

import com.google.common.math.IntMath;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingStep;
import java.math.RoundingMode;

/**
 * The cost of the runs of a variant.
 *
 * @param variant the variant
 * @param parameters the number of trained values
 * @param macs the multiply-accumulates for one sample
 * @param updates the updates of a run
 * @param seconds the time of a run: measured updates, and a third of their time for each sample of
 *     an evaluation, since a training step has a backward pass of twice the work of the forward
 *     pass
 */
public record Estimate(Variant variant, long parameters, long macs, long updates, double seconds) {
    private static final int WARMUP = 2;
    private static final int MEASURED = 3;
    private static final double FORWARD_SHARE = 1 / 3.0;
    private static final double NANOS = 1e9;

    /**
     * Measures a few updates of a network that is not kept.
     *
     * @param data opens the data
     * @param backend trains
     * @return the cost of a run with all of its epochs
     */
    public static Estimate of(Variant variant, StudyData data, Backend backend) {
        try (StudyData.Opened opened = data.open(variant.model(), variant.recipe());
                Network network = variant.model().open(opened.spec(), backend, 0, plan -> {})) {
            Task task = opened.task();
            task.requireFitting(network);
            Recipe recipe = task.completed(variant.recipe(network.spec(), task));
            if (recipe.compile()) {
                network.compile(CompileOptions.DEFAULT, note -> {});
            }
            recipe.freeze(network);
            try (BatchSource source = task.trainingBatches(network.spec(), recipe)) {
                int steps =
                        IntMath.divide(source.batches(), recipe.accumulate(), RoundingMode.CEILING);
                Recipe sized = recipe.withEpochsOfSteps(steps);
                long updates =
                        recipe.steps() == null ? (long) steps * sized.epochs() : recipe.steps();
                int parts = Math.min(recipe.accumulate(), source.batches());
                double update = secondsOfUpdate(network, recipe, source, parts);
                double sample = update / recipe.batch() / parts * FORWARD_SHARE;
                long evaluated =
                        task.validation().map(EvaluationSet::size).orElse(0L) * sized.epochs()
                                + task.test().map(EvaluationSet::size).orElse(0L);
                Cost cost = network.cost();
                return new Estimate(
                        variant,
                        cost.parameters(),
                        cost.macs(),
                        updates,
                        updates * update + evaluated * sample);
            }
        }
    }

    private static double secondsOfUpdate(
            Network network, Recipe recipe, BatchSource source, int parts) {
        int updates = Math.min(WARMUP + MEASURED, source.batches() / parts);
        int warmup = Math.min(WARMUP, updates - 1);
        long start = System.nanoTime();
        try (TrainingStep step = new TrainingStep(network, recipe);
                BatchSource.Epoch epoch = source.epoch(1)) {
            for (int i = 0; i < updates; i++) {
                if (i == warmup) {
                    start = System.nanoTime();
                }
                for (int p = 0; p < parts; p++) {
                    try (TrainingBatch batch = epoch.next()) {
                        step.backward(batch, parts);
                    }
                }
                step.update(recipe.learningRate());
                while (step.poll(0) != null) {
                    // waits for the engine
                }
            }
        }
        return (System.nanoTime() - start) / NANOS / Math.max(1, updates - warmup);
    }
}
