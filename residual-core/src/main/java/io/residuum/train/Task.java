package io.residuum.train;

import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import java.util.List;
import java.util.Map;

/**
 * A learning task with its data: classifying images, continuing text. {@link Trainer} knows nothing
 * else about either.
 */
public interface Task {

    /** {@return one line about the data, {@code name: details}} */
    String description();

    /** {@return the plural noun of what is counted: images, tokens, texts} */
    String unit();

    /**
     * Checks that a network can learn this task.
     *
     * @param network the network
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
    BatchSource feed(ModelSpec spec, Recipe recipe);

    /** {@return the number of {@link #unit units} in the evaluation data} */
    long evaluationSize();

    /**
     * Evaluates a network on unseen data.
     *
     * @param network a network that fits
     * @param batch the number of samples in a forward pass, positive
     * @return the scores
     */
    EvaluationResult evaluate(Network network, int batch);

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
     * {@return the metadata that a saved network needs besides its spec: class names, a tokenizer}
     */
    Map<String, String> metadata();
}
