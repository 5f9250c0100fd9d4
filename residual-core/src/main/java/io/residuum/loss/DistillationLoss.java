package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Losses that compare an output with that of another network, which gets no gradient. */
public final class DistillationLoss {
    private DistillationLoss() {}

    /**
     * {@return the divergence of the softened predictions of two networks, times the squared
     * temperature (Hinton et al. 2015, arXiv:1503.02531, Section 2)}
     *
     * @param teacher the logits of the teacher
     * @param output the shape of the student's logits
     * @param temperature divides the logits of both, positive
     * @param labels the target of this output; positions whose label is ignored do not count
     * @throws LossException if the shapes differ
     */
    public static Loss soft(
            NDArray teacher, Shape output, double temperature, @Nullable Target labels) {
        return ofClasses(
                teacher,
                output,
                labels,
                logits -> {
                    Ops ops = Ops.of(logits.getManager());
                    int axis = logits.getShape().dimension() - 1;
                    NDArray wanted =
                            ops.mul(Axes.classesLast(teacher), 1 / temperature).logSoftmax(axis);
                    NDArray found = ops.mul(logits, 1 / temperature).logSoftmax(axis);
                    NDArray each = wanted.exp().mul(wanted.sub(found)).sum(new int[] {axis});
                    return ops.mul(each, temperature * temperature);
                });
    }

    /**
     * {@return the cross-entropy of the student's logits and the class that the teacher chooses
     * (Touvron et al. 2021, arXiv:2012.12877, Section 4)}
     *
     * @param teacher as in {@link #soft}
     * @param output as in {@link #soft}
     * @param labels as in {@link #soft}
     * @throws LossException if the shapes differ
     */
    public static Loss hard(NDArray teacher, Shape output, @Nullable Target labels) {
        return ofClasses(
                teacher,
                output,
                labels,
                logits -> {
                    Shape shape = logits.getShape();
                    int axis = shape.dimension() - 1;
                    Shape positions = shape.slice(0, axis).add(1);
                    NDArray chosen = Axes.classesLast(teacher).argMax(axis).reshape(positions);
                    NDIndex picked = new NDIndex().addAllDim(axis).addPickDim(chosen);
                    return Ops.of(logits.getManager()).mul(logits.logSoftmax(axis).get(picked), -1);
                });
    }

    /**
     * {@return the mean squared difference of two feature arrays (Romero et al. 2015,
     * arXiv:1412.6550)}
     *
     * @param teacher the teacher's features
     * @param output the shape of the student's features
     * @throws LossException if the shapes differ
     */
    public static Loss features(NDArray teacher, Shape output) {
        requireSame(teacher, output, "end the student's output in a layer of the teacher's width");
        boolean[] known = known(Math.toIntExact(output.get(0)), null);
        double each = output.size() / (double) known.length;
        return new RowLoss(
                known,
                teacher.getDataType(),
                y -> {
                    NDArray squares = MeanSquaredError.errors(y, teacher);
                    NDArray sums = squares.reshape(known.length, -1).sum(new int[] {1});
                    return Ops.of(y.getManager()).mul(sums, 1 / each);
                });
    }

    private static Loss ofClasses(
            NDArray teacher, Shape output, @Nullable Target labels, UnaryOperator<NDArray> errors) {
        requireSame(teacher, output, "choose a teacher with the same classes");
        long positions = output.size() / output.get(Axes.classes(output));
        return new RowLoss(
                known(Math.toIntExact(positions), labels),
                teacher.getDataType(),
                y -> errors.apply(Axes.classesLast(y)));
    }

    /** Returns true for each row, except those whose label is ignored. */
    private static boolean[] known(int rows, @Nullable Target target) {
        boolean[] known = new boolean[rows];
        Arrays.fill(known, true);
        if (target instanceof Target.Classes classes && classes.labels().length == rows) {
            for (int i = 0; i < rows; i++) {
                known[i] = classes.labels()[i] != Target.IGNORED;
            }
        }
        return known;
    }

    private static void requireSame(NDArray teacher, Shape output, String fix) {
        if (!teacher.getShape().equals(output)) {
            throw new LossException(
                    "the student must have the shape of the teacher, %s, got %s: %s"
                            .formatted(teacher.getShape(), output, fix));
        }
    }
}
