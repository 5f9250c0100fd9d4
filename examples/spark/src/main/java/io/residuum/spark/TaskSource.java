package io.residuum.spark;

import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import java.io.Serializable;

/**
 * Opens the task and its data on an executor, for instance a folder that all executors see. Every
 * executor must find the same data.
 */
@FunctionalInterface
public interface TaskSource extends Serializable {

    /**
     * Opens the task.
     *
     * @param spec the network
     */
    Task open(ModelSpec spec, Recipe recipe);
}
