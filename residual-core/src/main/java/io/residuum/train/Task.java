package io.residuum.train;

import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import java.util.List;
import java.util.Map;

/**
 * What a network learns, and from which data: to classify images, to continue a text. {@link
 * Trainer} knows nothing else about either.
 */
public interface Task {

    /**
     * The data on one line, for people.
     *
     * @return {@code name: details}
     */
    String description();

    /**
     * What is counted.
     *
     * @return a plural noun: images, tokens, texts
     */
    String unit();

    /**
     * Requires a network that can learn this.
     *
     * @param network the network
     * @throws TrainingException if input or output do not fit
     */
    void requireFitting(Network network);

    /**
     * Fills in what a recipe leaves to the data.
     *
     * @param recipe as the user wrote it
     * @return the recipe that is used and saved
     * @throws TrainingException if it asks for something that this task has not
     */
    default Recipe completed(Recipe recipe) {
        return recipe;
    }

    /**
     * Opens the training batches.
     *
     * @param spec of the network that reads them
     * @param recipe decides batch size, steps, seed and augmentation
     * @return the batches; the caller closes them
     * @throws TrainingException if there are not enough data for a batch
     */
    BatchSource feed(ModelSpec spec, Recipe recipe);

    /**
     * How much there is to evaluate on.
     *
     * @return the number of {@link #unit units}
     */
    long evaluationSize();

    /**
     * Evaluates a network on unseen data.
     *
     * @param network a network that fits
     * @param batch samples a forward pass, positive
     * @return how well it does
     */
    EvaluationResult evaluate(Network network, int batch);

    /**
     * Lets the network show what it has learned, after an epoch.
     *
     * @param network the network, as it was evaluated
     * @return texts it wrote, each shown under the epoch in the report. Default: none
     */
    default List<String> samples(Network network) {
        return List.of();
    }

    /**
     * What a saved network needs beside its spec to be of use: names of classes, a tokenizer.
     *
     * @return metadata of the file
     */
    Map<String, String> metadata();
}
