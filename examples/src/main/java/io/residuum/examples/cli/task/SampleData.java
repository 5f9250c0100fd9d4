package io.residuum.examples.cli.task;

import io.residuum.optim.OptimizerSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.samples.SampleTask;

/** The parts that all data of named inputs and targets share. */
final class SampleData {
    private SampleData() {}

    /** {@return AdamW with its usual rate; small data need more epochs than images} */
    static Recipe defaultRecipe() {
        return Recipe.builder()
                .epochs(30)
                .batch(32)
                .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0.01))
                .learningRate(1e-3)
                .warmupEpochs(1)
                .build();
    }

    static TaskSource.EvaluationJob job(SampleTask task) {
        return job(task, task.data()::close);
    }

    static TaskSource.EvaluationJob job(Task task, Runnable closing) {
        return new TaskSource.EvaluationJob(
                task.description(),
                (network, options) -> ScoreLine.report(task, network, options),
                task.evaluation(),
                closing);
    }
}
