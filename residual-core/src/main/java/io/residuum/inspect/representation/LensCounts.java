package io.residuum.inspect.representation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.inspect.Batch;
import io.residuum.loss.Target;
import io.residuum.nn.Shapes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sums over samples how the outputs that a lens reads from the streams differ from the network's
 * own, and how right they are.
 */
final class LensCounts {
    private final List<String> names;
    private final List<Shape> shapes;
    private final double[] loss;
    private final double[] kl;
    private final long[] right;
    private final long[] agreeing;
    private final long[] settled;
    private long samples;
    private long positions;

    LensCounts(int units, Map<String, Shape> outputs) {
        this.names = List.copyOf(outputs.keySet());
        this.shapes = List.copyOf(outputs.values());
        this.loss = new double[units];
        this.kl = new double[units];
        this.right = new long[units];
        this.agreeing = new long[units];
        this.settled = new long[units];
    }

    /** {@return true if an output has classes as targets} */
    boolean hasClasses() {
        return positions > 0;
    }

    /** Returns loss, accuracy, KL divergence, agreement, and the share of final predictions. */
    List<@Nullable Object> row(int unit) {
        if (positions == 0) {
            return Arrays.asList(loss[unit] / samples, null, null, null, null);
        }
        double n = positions;
        return Arrays.asList(
                loss[unit] / samples,
                right[unit] / n,
                kl[unit] / n,
                agreeing[unit] / n,
                settled[unit] / n);
    }

    /** Compares the outputs of one batch, unit after unit, with those of the network. */
    final class Reader {
        private final long size;
        private final int output;
        private final int[] labels;
        private final int axis;
        private final NDArray logProbabilities;
        private final NDArray probabilities;
        private final long[] predicted;

        /** The first unit after which the prediction stays, for each position. */
        private final int[] settledAt;

        Reader(Batch batch, NDList outputs) {
            size = batch.size();
            samples += size;
            int found = -1;
            int[] known = {};
            for (int i = names.size() - 1; i >= 0; i--) {
                if (batch.targets().get(names.get(i)) instanceof Target.Classes classes) {
                    found = i;
                    known = classes.labels();
                }
            }
            output = found;
            labels = known;
            axis = found < 0 ? 0 : Shapes.channelAxis(shapes.get(found));
            logProbabilities = logProbabilities(outputs.get(Math.max(0, found)));
            probabilities = logProbabilities.exp();
            predicted = predictions(logProbabilities);
            settledAt = new int[labels.length];
            Arrays.fill(settledAt, -1);
            positions += Arrays.stream(labels).filter(label -> label != Target.IGNORED).count();
        }

        private NDArray logProbabilities(NDArray logits) {
            return logits.toType(DataType.FLOAT32, false).logSoftmax(axis);
        }

        private long[] predictions(NDArray x) {
            return Values.longs(x.argMax(axis));
        }

        /** Adds what the lens reads after a unit. */
        void add(int unit, NDList outputs, double mean) {
            loss[unit] += mean * size;
            if (output < 0) {
                return;
            }
            NDArray read = logProbabilities(outputs.get(output));
            long[] now = predictions(read);
            NDArray differences = read.sub(logProbabilities).mul(probabilities);
            float[] divergences = differences.sum(new int[] {axis}).toFloatArray();
            for (int p = 0; p < labels.length; p++) {
                if (labels[p] == Target.IGNORED) {
                    continue;
                }
                kl[unit] -= divergences[p];
                right[unit] += now[p] == labels[p] ? 1 : 0;
                boolean agrees = now[p] == predicted[p];
                agreeing[unit] += agrees ? 1 : 0;
                settledAt[p] = !agrees ? -1 : settledAt[p] < 0 ? unit : settledAt[p];
            }
        }

        /** Counts the predictions that are final, after the last unit. */
        void finish() {
            for (int p = 0; p < labels.length; p++) {
                boolean counts = labels[p] != Target.IGNORED && settledAt[p] >= 0;
                for (int u = counts ? settledAt[p] : settled.length; u < settled.length; u++) {
                    settled[u]++;
                }
            }
        }
    }
}
