package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.vision.train.NearestNeighbors;
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
     * @param options the options of the command for each kind of data
     */
    TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options);

    /**
     * Opens the data for evaluation.
     *
     * @param model the network
     * @param options the options of the command for each kind of data
     * @param heldOut what to evaluate if the data have no test part
     */
    EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut);

    /**
     * Opens labelled images for an evaluation by nearest neighbours.
     *
     * @param model the network
     * @param pictures the options of image data
     * @param heldOut what to evaluate if the data have no test part
     * @param knn the evaluation
     * @throws SpecException if the data are of another kind
     */
    default EvaluationJob neighborsJob(
            ModelSource model, PictureOptions pictures, HeldOut heldOut, NearestNeighbors knn) {
        throw new SpecException("--data must be labelled images for --knn, got " + text());
    }

    /** Prints a line per change of the model. */
    static void print(TrainingPlan plan, Output output) {
        plan.changes().forEach(change -> output.note("adapted  " + change));
    }

    /**
     * An evaluation that is ready to start.
     *
     * @param description a line for people about the data
     * @param warnings one line for people per thing that may be wrong
     * @param evaluation evaluates a network for people
     * @param data the data
     * @param closing frees the data
     */
    record EvaluationJob(
            String description,
            List<String> warnings,
            BiFunction<Network, EvaluationOptions, Report> evaluation,
            EvaluationSet data,
            Runnable closing)
            implements AutoCloseable {

        /** Creates a job without warnings. */
        EvaluationJob(
                String description,
                BiFunction<Network, EvaluationOptions, Report> evaluation,
                EvaluationSet data,
                Runnable closing) {
            this(description, List.of(), evaluation, data, closing);
        }

        @Override
        public void close() {
            closing.run();
        }
    }

    /**
     * The result of an evaluation.
     *
     * @param line the result for people, one line or more
     * @param numbers the values of the JSON form by name, in order
     */
    record Report(String line, Map<String, Object> numbers) {}
}
