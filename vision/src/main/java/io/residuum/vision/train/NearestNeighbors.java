package io.residuum.vision.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.spec.Check;
import io.residuum.train.TrainingException;
import io.residuum.vision.data.Batch;
import io.residuum.vision.data.ImageSet;
import java.util.stream.IntStream;

/**
 * Classifies images by the nearest neighbours of their features, without training: each of the k
 * training images with the largest cosine c votes for its class with the weight {@code exp(c / T)}
 * (Wu et al. 2018, arXiv:1805.01978; DINO, Caron et al. 2021). The features are the input of the
 * last layer if that is linear, and else the output of the network.
 *
 * @param k the number of neighbours, positive; the usual value is 20
 * @param temperature T, positive; the usual value is 0.07
 */
public record NearestNeighbors(int k, double temperature) {
    private static final double NEGLIGIBLE = 1e-12;

    public NearestNeighbors {
        Check.positive("k", k);
        Check.positive("temperature", temperature);
    }

    /**
     * Classifies images.
     *
     * @param network the network; its head is not used
     * @param train the images that vote
     * @param test the images to classify
     * @param batch the number of images in a forward pass, positive
     * @return the predictions; the probability of a class is its share of the votes
     * @throws TrainingException if there are fewer than k training images, or the features have
     *     another shape than {@code (N, D)}
     */
    public Evaluation evaluate(Network network, ImageSet train, ImageSet test, int batch) {
        if (train.size() < k) {
            throw new TrainingException(
                    "k must be at most the number of training images, %d, got %d"
                            .formatted(train.size(), k));
        }
        int[] labels = IntStream.range(0, train.size()).map(train::label).toArray();
        int classes = train.classNames().size();
        Evaluation evaluation = new Evaluation(test.size(), classes);
        try (NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            NDList features = new NDList();
            ImageEvaluator.forEachBatch(
                    network, train, batch, next -> features.add(features(network, next, manager)));
            NDArray stored = NDArrays.concat(features).transpose(1, 0);
            ImageEvaluator.forEachBatch(
                    network,
                    test,
                    batch,
                    next -> {
                        try (NDManager step = manager.newSubManager()) {
                            NDArray cosines = features(network, next, step).matMul(stored);
                            evaluation.add(
                                    logVotes(Values.floats(cosines), labels, classes),
                                    next.labels());
                        }
                    });
        }
        return evaluation;
    }

    /** Returns the features of a batch with norm 1, which belong to the manager. */
    private static NDArray features(Network network, Batch batch, NDManager manager) {
        try (NDManager activations = manager.newSubManager()) {
            Layer head = Chain.last(network.block());
            NDList read = new NDList();
            ForwardHook hook =
                    new ForwardHook() {
                        @Override
                        public void before(Layer layer, NDList inputs) {
                            if (layer == head) {
                                read.add(inputs.head());
                            }
                        }

                        @Override
                        public void after(Layer layer, NDList outputs) {}
                    };
            NDList inputs = batch.inputs(activations, DataType.FLOAT32);
            NDArray output = network.observe(inputs, false, hook).head();
            NDArray found = head instanceof LinearBlock ? read.head() : output;
            if (found.getShape().dimension() != 2) {
                throw new TrainingException(
                        "the features of nearest neighbours must be one vector for each image, got %s: use a network that ends in a pool or a linear layer"
                                .formatted(found.getShape()));
            }
            NDArray norms = found.square().sum(new int[] {1}, true).sqrt();
            NDArray unit = found.div(Ops.of(manager).maximum(norms, NEGLIGIBLE));
            unit.attach(manager);
            return unit;
        }
    }

    /**
     * Returns the logarithm of the votes for each class.
     *
     * @param cosines one row of similarities to all training images for each image
     * @param labels the classes of the training images
     */
    float[] logVotes(float[] cosines, int[] labels, int classes) {
        float[] logVotes = new float[cosines.length / labels.length * classes];
        for (int row = 0; row * classes < logVotes.length; row++) {
            int from = row * labels.length;
            int[] nearest = nearest(cosines, from, labels.length);
            double[] votes = new double[classes];
            for (int i : nearest) {
                // Relative to the largest weight, which could be infinite.
                double gap = cosines[from + i] - cosines[from + nearest[0]];
                votes[labels[i]] += Math.exp(gap / temperature);
            }
            for (int c = 0; c < classes; c++) {
                logVotes[row * classes + c] = (float) Math.log(Math.max(votes[c], NEGLIGIBLE));
            }
        }
        return logVotes;
    }

    /** Returns the indices of the k largest values, the largest first. */
    private int[] nearest(float[] values, int from, int count) {
        int[] nearest = new int[k];
        for (int i = 0; i < count; i++) {
            int at = Math.min(i, k);
            for (; at > 0 && values[from + nearest[at - 1]] < values[from + i]; at--) {
                if (at < k) {
                    nearest[at] = nearest[at - 1];
                }
            }
            if (at < k) {
                nearest[at] = i;
            }
        }
        return nearest;
    }
}
