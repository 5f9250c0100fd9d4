package io.residuum.transformer.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Ops;
import io.residuum.loss.CrossEntropy;
import io.residuum.model.Network;

/** The cross-entropy of a network's predictions, summed over batches. */
final class LossSum {
    private final Network network;
    private final int classes;
    private double loss;
    private long correct;
    private long labels;

    LossSum(Network network) {
        this.network = network;
        long[] output = network.outputShape().getShape();
        this.classes = Math.toIntExact(output[output.length - 1]);
    }

    /** Runs the network on a batch, waits for the result and adds its loss. */
    void add(TokenBatch batch) {
        try (NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            NDList inputs = batch.inputs(manager, DataType.FLOAT32);
            NDArray logits = network.predict(inputs);
            CrossEntropy entropy =
                    CrossEntropy.ofLabels(batch.labels(), classes, 0, logits.getDataType());
            loss += entropy.sum(logits).toType(DataType.FLOAT32, false).toFloatArray()[0];
            correct += Math.round(entropy.correct(logits).toFloatArray()[0]);
            labels += entropy.counted();
        }
    }

    /** Returns the mean loss in nats, or NaN if there were no labels. */
    double mean() {
        return loss / labels;
    }

    /** Returns the fraction of correct predictions, in [0, 1]. */
    double accuracy() {
        return (double) correct / labels;
    }
}
