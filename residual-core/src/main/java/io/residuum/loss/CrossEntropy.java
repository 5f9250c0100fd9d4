package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of logits {@code (N, ..., C)} or {@code (N, C, H, W)}, given one label per
 * position or rows of target probabilities. Labels are looked up and never become one-hot rows, so
 * a vocabulary of 50,000 is as cheap as 10 classes.
 */
public final class CrossEntropy implements ClassLoss {
    private final int classes;
    private final double smoothing;
    private final List<Double> classWeights;
    private final DataType type;
    private final int[] labels;
    private final int counted;
    private final float @Nullable [] rows;
    private @Nullable NDArray index;

    CrossEntropy(
            CrossEntropyLoss settings,
            int[] labels,
            float @Nullable [] rows,
            int classes,
            DataType type) {
        this.labels = labels;
        this.rows = rows;
        this.classes = classes;
        this.smoothing = settings.labelSmoothing();
        this.classWeights = settings.classWeights();
        this.type = type;
        int n = 0;
        for (int label : labels) {
            if (label != Target.IGNORED) {
                Losses.requireClass(label, classes);
                n++;
            }
        }
        counted = n;
    }

    /**
     * {@return the loss of one forward pass, given one label per position}
     *
     * @param labels classes, or {@link Target#IGNORED}
     * @param classes the number of classes
     * @param smoothing the label smoothing, in [0, 1)
     * @param type the type of the logits
     * @throws LossException if a label is not in [0, classes)
     */
    public static CrossEntropy ofLabels(
            int[] labels, int classes, double smoothing, DataType type) {
        return new CrossEntropy(new CrossEntropyLoss(1, smoothing), labels, null, classes, type);
    }

    /**
     * {@return the loss of one forward pass, given rows of target probabilities}
     *
     * @param rows {@code (N, ..., C)}, each row sums to 1
     * @param labels the class of each row that counts as correct, or {@link Target#IGNORED} for a
     *     row that does not count
     * @param classes C
     * @param type the type of the logits
     * @throws LossException if a label is not in [0, classes)
     */
    public static CrossEntropy ofRows(float[] rows, int[] labels, int classes, DataType type) {
        return new CrossEntropy(new CrossEntropyLoss(1, 0), labels, rows, classes, type);
    }

    /** {@return the number of labels, or the sum of their class weights} */
    @Override
    public double count() {
        // As in PyTorch, class weights change the mean over labels but not over rows.
        return classWeights.isEmpty() || rows != null
                ? counted
                : Arrays.stream(labels).mapToDouble(this::weight).sum();
    }

    @Override
    public int[] labels() {
        return labels;
    }

    @Override
    public int counted() {
        return counted;
    }

    /**
     * {@return the loss {@code (1)} summed over the labels, in nats, recorded if a gradient
     * collector is open; it belongs to the manager of the logits}
     *
     * @param output {@code (N, ..., C)} or {@code (N, C, H, W)}, one row per label
     */
    @Override
    public NDArray sum(NDArray output) {
        NDArray logits = Axes.classesLast(output);
        Shape positions = positions(logits);
        int axis = positions.dimension() - 1;
        Ops ops = Ops.of(logits.getManager());
        NDArray logProbabilities = logits.logSoftmax(axis);
        NDArray sum =
                rows != null
                        ? logProbabilities
                                .mul(
                                        Values.create(
                                                logits.getManager(),
                                                targets(rows),
                                                logits.getShape(),
                                                type))
                                .sum()
                        : ofLabels(ops, logProbabilities, positions);
        // In PyTorch, a scalar times a number would become float64.
        return ops.mul(sum.reshape(1), -1);
    }

    private NDArray ofLabels(Ops ops, NDArray logProbabilities, Shape positions) {
        int axis = positions.dimension() - 1;
        NDIndex picked =
                new NDIndex().addAllDim(axis).addPickDim(index(logProbabilities, positions));
        NDArray each = logProbabilities.get(picked);
        boolean all = counted == labels.length;
        NDArray sum = weighted(each, positions, all && classWeights.isEmpty(), this::weight);
        if (smoothing == 0) {
            return sum;
        }
        NDArray costs = logProbabilities;
        if (!classWeights.isEmpty()) {
            double[] weights = classWeights.stream().mapToDouble(w -> w).toArray();
            long[] dims = new long[axis + 1];
            Arrays.fill(dims, 1);
            dims[axis] = classes;
            costs = costs.mul(Values.create(costs.getManager(), weights, new Shape(dims), type));
        }
        NDArray spread =
                weighted(
                        costs.sum(new int[] {axis}, true),
                        positions,
                        all,
                        label -> label == Target.IGNORED ? 0 : 1);
        return ops.mul(sum.reshape(1), 1 - smoothing)
                .add(ops.mul(spread.reshape(1), smoothing / classes));
    }

    /** Returns the sum of one number per label, each times the weight of its label. */
    private NDArray weighted(NDArray each, Shape positions, boolean equal, Weighting weighting) {
        if (equal) {
            return each.sum();
        }
        double[] weights = Arrays.stream(labels).mapToDouble(weighting::of).toArray();
        return each.mul(Values.create(each.getManager(), weights, positions, type)).sum();
    }

    /** The weight of a label. */
    private interface Weighting {
        double of(int label);
    }

    private double weight(int label) {
        return label == Target.IGNORED ? 0 : classWeights.isEmpty() ? 1 : classWeights.get(label);
    }

    /** Returns rows with smoothing and class weights, and zeros in those that do not count. */
    private float[] targets(float[] given) {
        if (smoothing == 0 && classWeights.isEmpty() && counted == labels.length) {
            return given;
        }
        float[] targets = new float[given.length];
        for (int i = 0; i < targets.length; i++) {
            if (labels[i / classes] != Target.IGNORED) {
                double smooth = (1 - smoothing) * given[i] + smoothing / classes;
                targets[i] = (float) (smooth * weight(i % classes));
            }
        }
        return targets;
    }

    /**
     * {@return the number of counted labels that have the highest logit, as a float32 scalar; it
     * belongs to the manager of the logits}
     *
     * @param output as in {@link #sum}
     */
    @Override
    public NDArray correct(NDArray output) {
        NDArray logits = Axes.classesLast(output);
        Shape positions = positions(logits);
        NDArray right =
                logits.argMax(positions.dimension() - 1)
                        .reshape(positions)
                        .eq(index(logits, positions))
                        .toType(DataType.FLOAT32, false);
        if (counted == labels.length) {
            return right.sum();
        }
        float[] known = new float[labels.length];
        for (int i = 0; i < known.length; i++) {
            known[i] = labels[i] == Target.IGNORED ? 0 : 1;
        }
        return right.mul(Values.create(logits.getManager(), known, positions, DataType.FLOAT32))
                .sum();
    }

    /** Returns the shape of one number per label, {@code (N, ..., 1)}. */
    private Shape positions(NDArray logits) {
        Shape shape = logits.getShape();
        int last = shape.dimension() - 1;
        Shape positions = shape.slice(0, last).add(1);
        if (positions.size() != labels.length || shape.get(last) != classes) {
            throw new LossException(
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
}
