package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * One minus the cosine of the angle between vectors of the output and of the target. The vectors of
 * {@code (N, D)} and {@code (N, T, D)} are on the last axis, those of images on axis 1.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 */
@TypeName("cosine")
public record CosineLoss(@Default("1.0") double weight) implements LossSpec {
    /** Added to squared lengths, as PyTorch's CosineEmbeddingLoss does. */
    private static final double EPS = 1e-12;

    public CosineLoss {
        Losses.checkWeight(weight);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        Target.Numbers numbers = Losses.numbers("cosine", target, output);
        int size = Math.toIntExact(output.get(Axes.classes(output)));
        float[] vectors = Axes.classesLast(numbers.values(), output);
        boolean[] known = new boolean[vectors.length / size];
        double[] directions = new double[vectors.length];
        for (int i = 0; i < known.length; i++) {
            double square = EPS;
            for (int d = 0; d < size; d++) {
                square += (double) vectors[i * size + d] * vectors[i * size + d];
            }
            known[i] = !Double.isNaN(square);
            for (int d = 0; known[i] && d < size; d++) {
                directions[i * size + d] = vectors[i * size + d] / Math.sqrt(square);
            }
        }
        Shape rows = new Shape(known.length, size);
        return new RowLoss(
                known,
                type,
                y -> {
                    NDArray x = normalized(Axes.classesLast(y).reshape(rows));
                    NDArray wanted = Values.create(x.getManager(), directions, rows, type);
                    Ops ops = Ops.of(x.getManager());
                    return ops.mul(ops.sub(x.mul(wanted).sum(new int[] {1}), 1), -1);
                });
    }

    /** Divides rows by their length. */
    static NDArray normalized(NDArray rows) {
        Ops ops = Ops.of(rows.getManager());
        NDArray squares = rows.square().sum(new int[] {rows.getShape().dimension() - 1}, true);
        return rows.div(ops.add(squares, EPS).sqrt());
    }
}
