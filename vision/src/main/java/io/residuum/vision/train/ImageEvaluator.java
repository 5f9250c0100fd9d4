package io.residuum.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.Prefetcher;
import io.residuum.model.Network;
import io.residuum.train.Evaluation;
import io.residuum.train.TrainingException;
import io.residuum.vision.data.Batch;
import io.residuum.vision.data.BatchLoader;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.ImageShape;

/** Evaluates classifiers on sets of images. Each image is used once. */
public final class ImageEvaluator {
    private ImageEvaluator() {}

    /**
     * Evaluates a network. Images are normalized according to its spec and loaded in the
     * background.
     *
     * @param network the network
     * @param set images in the input shape of the network
     * @param batch the number of images per forward pass, positive
     * @return loss and predictions
     * @throws TrainingException if the shape or the number of classes does not match
     */
    public static Evaluation evaluate(Network network, ImageSet set, int batch) {
        requireFitting(network, set);
        Evaluation evaluation =
                new Evaluation(set.size(), Math.toIntExact(network.outputShape().get(1)));
        try (BatchLoader loader =
                        BatchLoader.over(set)
                                .batchSize(batch)
                                .normalize(ImageInputs.normalization(network.spec()))
                                .open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(0)) {
            while (epoch.hasNext()) {
                try (Batch next = epoch.next();
                        NDManager manager = network.backend().newManager()) {
                    NDArray logits = network.predict(next.inputs(manager, DataType.FLOAT32));
                    evaluation.add(
                            logits.toType(DataType.FLOAT32, false).toFloatArray(), next.labels());
                }
            }
        }
        return evaluation;
    }

    /** Requires that the images and their classes fit the network. */
    static void requireFitting(Network network, ImageSet set) {
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
