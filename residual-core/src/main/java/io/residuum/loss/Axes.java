package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.stream.IntStream;

/**
 * The axes of outputs. The classes or features of {@code (N, C)} and {@code (N, T, C)} are on the
 * last axis, those of images {@code (N, C, H, W)} and volumes on axis 1.
 */
final class Axes {
    /** The rank from which on channels come before positions. */
    private static final int IMAGE = 4;

    private Axes() {}

    /** Returns the axis of classes or features. */
    static int classes(Shape output) {
        return output.dimension() < IMAGE ? output.dimension() - 1 : 1;
    }

    /** Moves the axis of classes or features to the end. */
    static NDArray classesLast(NDArray output) {
        int rank = output.getShape().dimension();
        if (rank < IMAGE) {
            return output;
        }
        // N, then the positions, then axis 1.
        return output.transpose(
                IntStream.range(0, rank)
                        .map(i -> i == 0 ? 0 : i == rank - 1 ? 1 : i + 1)
                        .toArray());
    }

    /** Moves the axis of classes or features of values to the end. */
    static float[] classesLast(float[] values, Shape output) {
        return moved(values, output, true);
    }

    /** Moves the last axis of values to that of classes or features. */
    static float[] classesBack(float[] values, Shape output) {
        return moved(values, output, false);
    }

    private static float[] moved(float[] values, Shape output, boolean last) {
        if (output.dimension() < IMAGE) {
            return values;
        }
        int classes = Math.toIntExact(output.get(1));
        int positions = Math.toIntExact(output.size() / output.get(0) / classes);
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int position = i % positions;
            int rest = i / positions;
            int there = (rest / classes * positions + position) * classes + rest % classes;
            if (last) {
                result[there] = values[i];
            } else {
                result[i] = values[there];
            }
        }
        return result;
    }
}
