package io.residuum.train;

import io.residuum.data.Splits;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A learning task with its data: classifying images, continuing text. {@link Trainer} knows nothing
 * else about either.
 */
public interface Task {

    /** {@return one line about the data, {@code name: details}} */
    String description();

    /**
     * Identifies the data, so that a run is resumed on the data of its beginning only. The text
     * stays the same if the data move to another folder or machine.
     *
     * @return amounts, and a hash of names and contents. Default: empty, and a resumed run may have
     *     other data
     */
    default Optional<String> fingerprint() {
        return Optional.empty();
    }

    /** {@return the plural noun of what is counted: images, tokens, texts} */
    String unit();

    /**
     * {@return lines about what training does with the data and the user may not expect, such as
     * texts that are cut. Default: none}
     */
    default List<String> notes() {
        return List.of();
    }

    /**
     * Checks that a network can learn this task.
     *
     * @throws TrainingException if its input or output does not fit
     */
    void requireFitting(Network network);

    /**
     * Fills in the settings that depend on the data.
     *
     * @param recipe the recipe as the user wrote it
     * @return the recipe to use and save
     * @throws TrainingException if it asks for something that this task does not have
     */
    default Recipe completed(Recipe recipe) {
        return recipe;
    }

    /**
     * Opens the training batches.
     *
     * @param spec the spec of the network that reads them
     * @param recipe the batch size, steps, seed and augmentation
     * @return the batches, to be closed by the caller
     * @throws TrainingException if there is not enough data for a batch
     */
    BatchSource trainingBatches(ModelSpec spec, Recipe recipe);

    /**
     * {@return the number of updates in a complete epoch}
     *
     * @param spec as for {@link #trainingBatches}
     * @param recipe as for {@link #trainingBatches}
     */
    default int stepsInEpoch(ModelSpec spec, Recipe recipe) {
        try (BatchSource source = trainingBatches(spec, recipe)) {
            return EpochLoop.steps(source.batches(), recipe);
        }
    }

    /**
     * {@return the data that chooses the best epoch; empty if there is none, so that the last epoch
     * counts}
     */
    Optional<EvaluationSet> validation();

    /**
     * {@return the data that measures the chosen network once, after the last epoch; it chooses
     * nothing. Empty if there is none}
     */
    Optional<EvaluationSet> test();

    /**
     * {@return the share of the training data that the validation data took; empty if it took none
     * because the data has its own}
     */
    OptionalDouble heldOut();

    /**
     * Evaluates a network on unseen data: the test data, or the validation data if there is no
     * other.
     *
     * @param network a network that fits
     * @param batch the number of samples in a forward pass, positive
     * @return the scores
     * @throws TrainingException if there is neither
     */
    default EvaluationResult evaluate(Network network, int batch) {
        return evaluate(network, EvaluationOptions.of(batch));
    }

    /**
     * Evaluates a network on unseen data, as {@link #evaluate(Network, int)}.
     *
     * @param network a network that fits
     * @param options the batch size, losses, metrics and the receiver of predictions
     * @return the scores
     * @throws TrainingException if there is no such data, or it cannot be evaluated with these
     *     options
     */
    default EvaluationResult evaluate(Network network, EvaluationOptions options) {
        return evaluation().evaluate(network, options);
    }

    /**
     * {@return the test data, or the validation data if there is no other}
     *
     * @throws TrainingException if there is neither
     */
    default EvaluationSet evaluation() {
        return test().or(this::validation)
                .orElseThrow(
                        () ->
                                new TrainingException(
                                        "an evaluation needs test or validation data, but the data"
                                                + " has neither: "
                                                + description()));
    }

    /**
     * Divides the training data for cross-validation. Each part is the test data of one task, whose
     * other data are split for training and validation. Test data of this task are left out.
     *
     * @param count the number of parts, 2 or more
     * @param share the share of each task's training data to hold out for choosing the best epoch,
     *     in [0, 1)
     * @throws TrainingException if the data cannot be divided. Default: always
     */
    default List<Task> folds(int count, double share) {
        throw new TrainingException(
                "cross-validation needs labelled images, labelled texts, or samples with an index"
                        + " such as rows, got "
                        + description());
    }

    /**
     * Generates texts after an epoch, to show what the network has learned.
     *
     * @param network the network as it was evaluated
     * @return texts, which the report shows with the epoch. Default: none
     */
    default List<String> samples(Network network) {
        return List.of();
    }

    /**
     * {@return the metadata that a saved network needs in addition to its spec: class names, a
     * tokenizer}
     */
    Map<String, String> metadata();

    /**
     * {@return the metadata of a network that was trained by a recipe. Default: {@link
     * #metadata()}}
     *
     * @param recipe the recipe with what this task completes
     */
    default Map<String, String> metadata(Recipe recipe) {
        return metadata();
    }

    /**
     * A task on data in parts.
     *
     * @param <P> the type of a part that is evaluated
     */
    interface OnSplits<P> extends Task {

        /** {@return the data} */
        Splits<P> data();

        /**
         * {@return the evaluation of a network on a part}
         *
         * @param part a part of {@link #data}
         */
        EvaluationSet evaluationOn(P part);

        @Override
        default String description() {
            return data().description();
        }

        @Override
        default Optional<EvaluationSet> validation() {
            return data().validation().map(this::evaluationOn);
        }

        @Override
        default Optional<EvaluationSet> test() {
            return data().test().map(this::evaluationOn);
        }

        @Override
        default OptionalDouble heldOut() {
            return data().heldOut();
        }
    }
}
