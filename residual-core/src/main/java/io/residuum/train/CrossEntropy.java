package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of logits {@code (N, ..., C)}, given one label per position or rows of target
 * probabilities. Labels are looked up and never become one-hot rows, so a vocabulary of 50,000 is
 * as cheap as 10 classes.
 */
public final class CrossEntropy {
    /** The label of a position that does not count. */
    public static final int IGNORED = -1;

    private final int classes;
    private final double smoothing;
    private final DataType type;
    private final int[] labels;
    private final int counted;
    private final float @Nullable [] rows;
    private @Nullable NDArray index;
    private @Nullable NDArray weights;

    private CrossEntropy(
            int[] labels, float @Nullable [] rows, int classes, double smoothing, DataType type) {
        this.labels = labels;
        this.rows = rows;
        this.classes = classes;
        this.smoothing = smoothing;
        this.type = type;
        int n = 0;
        for (int label : labels) {
            if (label != IGNORED) {
                // An engine would silently take a label out of range for another class.
                if (label < 0 || label >= classes) {
                    throw new IndexOutOfBoundsException(
                            "labels must be in [0, %d), or %d to be ignored, got %d"
                                    .formatted(classes, IGNORED, label));
                }
                n++;
            }
        }
        counted = n;
    }

    /**
     * {@return the loss of one forward pass, given one label per position}
     *
     * @param labels classes, or {@link #IGNORED}
     * @param classes the number of classes
     * @param smoothing the label smoothing, in [0, 1)
     * @param type the type of the logits
     * @throws IndexOutOfBoundsException if a label is not in [0, classes)
     */
    public static CrossEntropy ofLabels(
            int[] labels, int classes, double smoothing, DataType type) {
        return new CrossEntropy(labels, null, classes, smoothing, type);
    }

    /**
     * {@return the loss of one forward pass, given rows of target probabilities}
     *
     * @param rows {@code (N, C)}, each row sums to 1
     * @param labels the class of each row that counts as correct, or {@link #IGNORED} for a row
     *     that does not count
     * @param classes C
     * @param type the type of the logits
     * @throws IndexOutOfBoundsException if a label is not in [0, classes)
     */
    public static CrossEntropy ofRows(float[] rows, int[] labels, int classes, DataType type) {
        return new CrossEntropy(labels, rows, classes, 0, type);
    }

    /** {@return the number of labels that are not ignored} */
    public int counted() {
        return counted;
    }

    /**
     * {@return the loss {@code (1)} summed over the labels, in nats, recorded if a gradient
     * collector is open; it belongs to the manager of the logits}
     *
     * @param logits {@code (N, ..., C)}, one row per label
     */
    public NDArray sum(NDArray logits) {
        int axis = logits.getShape().dimension() - 1;
        Shape positions = positions(logits);
        Ops ops = Ops.of(logits.getManager());
        NDArray logProbabilities = logits.logSoftmax(axis);
        NDArray each;
        if (rows != null) {
            each =
                    logProbabilities.mul(
                            Values.create(logits.getManager(), rows, logits.getShape(), type));
        } else {
            NDIndex picked = new NDIndex().addAllDim(axis).addPickDim(index(logits, positions));
            each = logProbabilities.get(picked);
            if (smoothing > 0) {
                NDArray all =
                        ops.mul(logProbabilities.sum(new int[] {axis}, true), smoothing / classes);
                each = ops.mul(each, 1 - smoothing).add(all);
            }
        }
        NDArray mask = weights(logits, positions);
        NDArray sum = (mask == null ? each : each.mul(mask)).sum();
        // In PyTorch, a scalar times a number would become float64.
        return ops.mul(sum.reshape(1), -1);
    }

    /**
     * {@return the number of counted labels that have the highest logit, as a float32 scalar; it
     * belongs to the manager of the logits}
     *
     * @param logits as in {@link #sum}
     */
    public NDArray correct(NDArray logits) {
        Shape positions = positions(logits);
        NDArray right =
                logits.argMax(positions.dimension() - 1)
                        .reshape(positions)
                        .eq(index(logits, positions))
                        .toType(DataType.FLOAT32, false);
        NDArray mask = weights(logits, positions);
        return (mask == null ? right : right.mul(mask.toType(DataType.FLOAT32, false))).sum();
    }

    /** Returns the shape of one number per label, {@code (N, ..., 1)}. */
    private Shape positions(NDArray logits) {
        Shape shape = logits.getShape();
        int last = shape.dimension() - 1;
        Shape positions = shape.slice(0, last).add(1);
        if (positions.size() != labels.length || shape.get(last) != classes) {
            throw new TrainingException(
                    "logits must have %d numbers per label for %d labels, got the shape %s"
                            .formatted(classes, labels.length, shape));
        }
        return positions;
    }

    /** Returns the labels, with class 0 for ignored ones. */
    private NDArray index(NDArray logits, Shape positions) {
        NDArray array = index;
        if (array == null) {
            long[] ids = Arrays.stream(labels).mapToLong(label -> Math.max(0, label)).toArray();
            array = Values.create(logits.getManager(), ids, positions);
            index = array;
        }
        return array;
    }

    /** Returns 1 for labels that count and 0 for ignored ones; null if all count. */
    private @Nullable NDArray weights(NDArray logits, Shape positions) {
        if (counted == labels.length) {
            return null;
        }
        NDArray array = weights;
        if (array == null) {
            float[] values = new float[labels.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = labels[i] == IGNORED ? 0 : 1;
            }
            array = Values.create(logits.getManager(), values, positions, type);
            weights = array;
        }
        return array;
    }
}
