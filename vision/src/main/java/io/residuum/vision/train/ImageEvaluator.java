package io.residuum.vision.train;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.Prefetcher;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.OutputEvaluator;
import io.residuum.train.TrainingException;
import io.residuum.vision.data.Batch;
import io.residuum.vision.data.BatchLoader;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.ImageShape;
import java.util.Map;
import java.util.function.Consumer;

/** Evaluates classifiers on sets of images. Each image is used once. */
public final class ImageEvaluator {
    private ImageEvaluator() {}

    /**
     * Evaluates a network. Images are normalized according to its spec and loaded in the
     * background.
     *
     * @param set images in the input shape of the network
     * @param batch the number of images per forward pass, positive
     * @return loss and predictions
     * @throws TrainingException if the shape or the number of classes does not match
     */
    public static Evaluation evaluate(Network network, ImageSet set, int batch) {
        return evaluate(network, set, EvaluationOptions.of(batch)).classes().orElseThrow();
    }

    /**
     * Evaluates a network, as {@link #evaluate(Network, ImageSet, int)}.
     *
     * @param set images in the input shape of the network
     * @param options the batch size, the loss, metrics and the receiver of predictions
     * @return the evaluation of all images
     * @throws TrainingException if the shape or the number of classes does not match
     */
    public static OutputEvaluator evaluate(
            Network network, ImageSet set, EvaluationOptions options) {
        requireFitting(network, set);
        OutputEvaluator evaluator =
                new OutputEvaluator(network, options, Map.of(Layer.OUTPUT, set.classNames()))
                        .naming(set::name);
        forEachBatch(network, set, options.batch(), evaluator::add);
        return evaluator;
    }

    /** Loads the images of a set in order, normalized as a network reads them. */
    static void forEachBatch(Network network, ImageSet set, int batch, Consumer<Batch> use) {
        try (BatchLoader loader =
                        BatchLoader.over(set)
                                .batchSize(batch)
                                .normalize(ImageInputs.normalization(network.spec()))
                                .open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(0)) {
            while (epoch.hasNext()) {
                try (Batch next = epoch.next()) {
                    use.accept(next);
                }
            }
        }
    }

    /** Requires that the images and their classes fit the network. */
    static void requireFitting(Network network, ImageSet set) {
        network.requireOutputOfOneTarget("classification of images");
        ImageShape wanted = ImageInputs.shape(network.spec());
        if (!set.shape().equals(wanted)) {
            throw new TrainingException(
                    "images must be "
                            + wanted
                            + " as the network reads them, got "
                            + set.shape()
                            + "; adapt the set with adaptedTo");
        }
        Shape output = network.outputShape();
        int classes = set.classNames().size();
        if (output.dimension() != 2 || output.get(1) != classes) {
            throw new TrainingException(
                    "the output of the network must be one number for each of the "
                            + classes
                            + " classes of the data, got "
                            + output
                            + "; replace the head with Network.resetHead");
        }
    }
}
