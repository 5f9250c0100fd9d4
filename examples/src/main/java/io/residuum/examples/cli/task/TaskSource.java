package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import java.util.List;
import java.util.Map;

/** What data can teach a network, whatever they are made of: the commands know no more of it. */
public interface TaskSource {

    /** What the user typed. */
    String text();

    /** Short enough for a folder's name: the part before the colon. */
    default String label() {
        return text().replaceFirst(":.*", "");
    }

    /** What does well on this data, where the user has no recipe. */
    Recipe defaultRecipe();

    /**
     * Opens the data to train a network on.
     *
     * @param model the network as the user named it
     * @param recipe how it will be trained
     * @param options what the user said about text
     * @param samples what the user said about samples of it
     */
    Plan plan(ModelSource model, Recipe recipe, TextOptions options, SampleOptions samples);

    /**
     * Opens the data to evaluate a network on.
     *
     * @param model the network as the user named it
     * @param options what the user said about text
     */
    Exam exam(ModelSource model, TextOptions options);

    /**
     * A training, ready to begin.
     *
     * @param task what is learned
     * @param spec the network that learns it: the user's, with what the data need changed
     * @param changes a line for each of these changes, for people
     * @param closing frees the data
     */
    record Plan(Task task, ModelSpec spec, List<String> changes, Runnable closing)
            implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }

    /** An evaluation, ready to begin. */
    interface Exam extends AutoCloseable {

        /** The data, for people. */
        String description();

        /** Evaluates a network, so many samples at once. */
        Finding take(Network network, int batch);

        @Override
        void close();
    }

    /**
     * What an evaluation found.
     *
     * @param line for people
     * @param numbers by name, in order
     */
    record Finding(String line, Map<String, Object> numbers) {}
}
