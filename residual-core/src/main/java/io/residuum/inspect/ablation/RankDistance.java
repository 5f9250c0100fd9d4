package io.residuum.inspect.ablation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Shapes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sums the distance of tokens to rank one over samples: the norm of X - 1 x^T divided by that of X,
 * in which x is the mean of the tokens. It minimizes the Frobenius norm.
 */
final class RankDistance {
    private double composite;
    private double frobenius;
    private long count;

    /**
     * Returns an array as {@code (N, T, C)}: the rows of a sequence, or the positions of an image
     * as tokens; empty if there are no positions, or only one.
     *
     * @param x the array
     * @param layout a shape that knows the order of the axes
     */
    static Optional<NDArray> tokens(NDArray x, Shape layout) {
        Shape shape = x.getShape();
        if (shape.dimension() < 3) {
            return Optional.empty();
        }
        long samples = shape.get(0);
        long channels = shape.get(Shapes.channelAxis(layout));
        NDArray tokens =
                Shapes.channelAxis(layout) == 1 && shape.dimension() > 3
                        ? x.reshape(samples, channels, -1).transpose(0, 2, 1)
                        : x.reshape(samples, -1, channels);
        return tokens.getShape().get(1) > 1 ? Optional.of(tokens) : Optional.empty();
    }

    /**
     * Adds the samples of a batch.
     *
     * @param tokens {@code (N, T, C)}
     * @param mask {@code (N, T)}, 0 for padding; null if there is none
     */
    void add(NDArray tokens, @Nullable NDArray mask) {
        NDArray x = tokens.toType(DataType.FLOAT32, false);
        NDArray most = x.abs().max();
        // The squares of a signal that fades may be below the least float.
        x = most.toFloatArray()[0] > 0 ? x.div(most) : x;
        NDArray rest;
        if (mask == null) {
            rest = x.sub(x.mean(new int[] {1}, true));
        } else {
            NDArray kept = mask.toType(DataType.FLOAT32, false).expandDims(2);
            x = x.mul(kept);
            NDArray share = kept.mean(new int[] {1}, true);
            rest = x.sub(x.mean(new int[] {1}, true).div(share)).mul(kept);
        }
        double[][] whole = norms(x);
        double[][] residual = norms(rest);
        for (int sample = 0; sample < whole[0].length; sample++) {
            // A signal of zeros has no rank.
            if (whole[1][sample] > 0) {
                composite += residual[0][sample] / whole[0][sample];
                frobenius += residual[1][sample] / whole[1][sample];
                count++;
            }
        }
    }

    /** Returns the composite and the Frobenius norm of each sample. */
    private static double[][] norms(NDArray x) {
        NDArray size = x.abs();
        float[] column = size.sum(new int[] {1}).max(new int[] {1}).toFloatArray();
        float[] row = size.sum(new int[] {2}).max(new int[] {1}).toFloatArray();
        float[] squares = x.mul(x).sum(new int[] {2}).sum(new int[] {1}).toFloatArray();
        double[][] norms = new double[2][squares.length];
        for (int sample = 0; sample < squares.length; sample++) {
            norms[0][sample] = Math.sqrt((double) column[sample] * row[sample]);
            norms[1][sample] = Math.sqrt(squares[sample]);
        }
        return norms;
    }

    /** Returns the mean of sqrt(|.|_1 |.|_inf), relative; null without samples. */
    @Nullable Double composite() {
        return count == 0 ? null : composite / count;
    }

    /** Returns the mean of the Frobenius norm, relative; null without samples. */
    @Nullable Double frobenius() {
        return count == 0 ? null : frobenius / count;
    }
}
