package io.residuum.train.study;

import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;

/** Opens the data of a study for each of its runs. */
@FunctionalInterface
public interface StudyData {

    /**
     * Opens the data.
     *
     * @param model the network
     * @return the task, and the network adapted to it
     */
    Opened open(ModelSource model, Recipe recipe);

    /**
     * Data that is open.
     *
     * @param task the task
     * @param spec the network, adapted to the data
     * @param closing frees the data
     */
    record Opened(Task task, ModelSpec spec, Runnable closing) implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }
}
