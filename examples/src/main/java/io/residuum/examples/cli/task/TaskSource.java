package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** The value of {@code --data}: builds training tasks and evaluations for any kind of data. */
public interface TaskSource {

    /** {@return the value as typed} */
    String text();

    /** {@return the kind of data, or the last name of a path, for the name of a folder} */
    default String label() {
        return text().matches("[\\w-]+(:.*)?")
                ? text().replaceFirst(":.*", "")
                : text().replaceFirst("[/\\\\]+$", "").replaceFirst(".*[/\\\\]", "");
    }

    /** {@return the recipe for this kind of data if the user gives none} */
    Recipe defaultRecipe();

    /**
     * Opens the data for training.
     *
     * @param model the network
     * @param recipe the training settings
     * @param options the options of text data
     * @param samples the options of sample text
     * @param pictures the options of image data
     */
    Plan plan(
            ModelSource model,
            Recipe recipe,
            TextOptions options,
            SampleOptions samples,
            PictureOptions pictures);

    /**
     * Opens the data for evaluation.
     *
     * @param model the network
     * @param options the options of text data
     * @param pictures the options of image data
     */
    EvaluationJob evaluationJob(ModelSource model, TextOptions options, PictureOptions pictures);

    /**
     * A training run that is ready to start.
     *
     * @param task the training task
     * @param spec the network, adapted to the data
     * @param changes one line for people per adaptation
     * @param closing frees the data
     */
    record Plan(Task task, ModelSpec spec, List<String> changes, Runnable closing)
            implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }

    /**
     * An evaluation that is ready to start.
     *
     * @param description a line for people about the data
     * @param evaluation evaluates a network in batches of the given size
     * @param closing frees the data
     */
    record EvaluationJob(
            String description, BiFunction<Network, Integer, Report> evaluation, Runnable closing)
            implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }

    /**
     * The result of an evaluation.
     *
     * @param line the result for people
     * @param numbers the values of the JSON form by name, in order
     */
    record Report(String line, Map<String, Object> numbers) {}
}
