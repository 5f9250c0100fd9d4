package io.residuum.train.plan;

import io.residuum.engine.Backend;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.Trainer;
import java.nio.file.Path;
import java.util.List;

/**
 * A model that is fitted to data, ready for training. Close it to free the data.
 *
 * @param model the model, whose weights are the initial ones
 * @param spec the spec of the model, fitted to the data
 * @param recipe the recipe
 * @param task the task on the data
 * @param changes the changes that fitted the model, a line for people each
 * @param closing frees the data
 */
public record TrainingPlan(
        ModelSource model,
        ModelSpec spec,
        Recipe recipe,
        Task task,
        List<String> changes,
        Runnable closing)
        implements AutoCloseable {

    public TrainingPlan {
        changes = List.copyOf(changes);
    }

    /**
     * Creates a plan for a model that fits the data, which need not be freed.
     *
     * @param task the task on the data
     */
    public TrainingPlan(ModelSource model, Recipe recipe, Task task) {
        this(model, model.spec(), recipe, task, List.of(), () -> {});
    }

    /** {@return this plan with another task} */
    public TrainingPlan withTask(Task other) {
        return new TrainingPlan(model, spec, recipe, other, changes, closing);
    }

    /**
     * Trains on the default engine without showing progress, and closes this plan.
     *
     * @param folder the run folder to write
     */
    public Trainer.Result run(Path folder) {
        try (this;
                Backend backend = Backend.open()) {
            return run(folder, backend, ProgressListener.NONE);
        }
    }

    /**
     * Trains.
     *
     * @param folder the run folder to write
     * @param backend the engine and device
     * @param listener receives the changes and the progress
     */
    public Trainer.Result run(Path folder, Backend backend, ProgressListener listener) {
        changes.forEach(listener::note);
        try (Network network = model.open(spec, backend, recipe.seed(), plan -> {})) {
            return new Trainer(network, recipe, task, folder, listener).start();
        }
    }

    @Override
    public void close() {
        closing.run();
    }
}
