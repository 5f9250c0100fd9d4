package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of logits {@code (N, ..., C)} with what they should have been: one label for
 * each of the leading places, or rows that spread the weight. Labels are looked up, never made
 * one-hot, so that it serves a vocabulary of 50,000 as it does 10 classes.
 */
public final class CrossEntropy {
    /** The label of a place that counts for nothing. */
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
                // An engine would take a label out of range for another class without a word.
                Objects.checkIndex(label, classes);
                n++;
            }
        }
        counted = n;
    }

    /**
     * One label a place.
     *
     * @param labels classes, or {@link #IGNORED}
     * @param classes how many there are
     * @param smoothing the part of the weight that is spread over all classes, in [0, 1)
     * @param type of the logits
     * @return the loss; it belongs to one pass
     * @throws IndexOutOfBoundsException if a label is no class
     */
    public static CrossEntropy ofLabels(
            int[] labels, int classes, double smoothing, DataType type) {
        return new CrossEntropy(labels, null, classes, smoothing, type);
    }

    /**
     * Rows that spread the weight.
     *
     * @param rows {@code (N, C)}, each of which sums to 1
     * @param labels the class of each row by which it is counted as right
     * @param classes C
     * @param type of the logits
     * @return the loss; it belongs to one pass
     * @throws IndexOutOfBoundsException if a label is no class
     */
    public static CrossEntropy ofRows(float[] rows, int[] labels, int classes, DataType type) {
        return new CrossEntropy(labels, rows, classes, 0, type);
    }

    /**
     * How many places count.
     *
     * @return the number of labels that are not ignored
     */
    public int counted() {
        return counted;
    }

    /**
     * The sum over the places that count, recorded if a collector is open.
     *
     * @param logits {@code (N, ..., C)}, one row for each label
     * @return {@code (1)}, in nats; it belongs to the manager of the logits
     */
    public NDArray sum(NDArray logits) {
        int axis = logits.getShape().dimension() - 1;
        Shape places = places(logits);
        Ops ops = Ops.of(logits.getManager());
        NDArray log = logits.logSoftmax(axis);
        NDArray sum;
        if (rows != null) {
            sum = log.mul(Values.create(logits.getManager(), rows, logits.getShape(), type)).sum();
        } else {
            NDIndex own = new NDIndex().addAllDim(axis).addPickDim(index(logits, places));
            NDArray each = log.get(own);
            if (smoothing > 0) {
                NDArray all = ops.mul(log.sum(new int[] {axis}, true), smoothing / classes);
                each = ops.mul(each, 1 - smoothing).add(all);
            }
            NDArray mask = weights(logits, places);
            sum = (mask == null ? each : each.mul(mask)).sum();
        }
        // PyTorch would make a double of a number times a number.
        return ops.mul(sum.reshape(1), -1);
    }

    /**
     * How many of the places that count have their label as the highest logit.
     *
     * @param logits as in {@link #sum}
     * @return a number, float32; it belongs to the manager of the logits
     */
    public NDArray correct(NDArray logits) {
        Shape places = places(logits);
        NDArray right =
                logits.argMax(places.dimension() - 1)
                        .reshape(places)
                        .eq(index(logits, places))
                        .toType(DataType.FLOAT32, false);
        NDArray mask = weights(logits, places);
        return (mask == null ? right : right.mul(mask.toType(DataType.FLOAT32, false))).sum();
    }

    /** The shape of one number for each label, {@code (N, ..., 1)}. */
    private Shape places(NDArray logits) {
        Shape shape = logits.getShape();
        int last = shape.dimension() - 1;
        Shape places = shape.slice(0, last).add(1);
        if (places.size() != labels.length || shape.get(last) != classes) {
            throw new TrainingException(
                    "logits must have %d numbers for each of the %d labels, got %s"
                            .formatted(classes, labels.length, shape));
        }
        return places;
    }

    /** The labels; where they are ignored, any class. */
    private NDArray index(NDArray logits, Shape places) {
        NDArray made = index;
        if (made == null) {
            long[] ids = Arrays.stream(labels).mapToLong(label -> Math.max(0, label)).toArray();
            made = Values.create(logits.getManager(), ids, places);
            index = made;
        }
        return made;
    }

    /** 1 where a place counts and 0 where not; null if all do. */
    private @Nullable NDArray weights(NDArray logits, Shape places) {
        if (counted == labels.length) {
            return null;
        }
        NDArray made = weights;
        if (made == null) {
            float[] values = new float[labels.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = labels[i] == IGNORED ? 0 : 1;
            }
            made = Values.create(logits.getManager(), values, places, type);
            weights = made;
        }
        return made;
    }
}
