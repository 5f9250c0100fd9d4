package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Shapes;
import java.util.stream.IntStream;

/**
 * Streams that lie beside each other in the channels of one array, stream by stream: {@code (N, T,
 * n C)} or {@code (N, n C, H, W)}.
 *
 * @param shape the shape of the array
 * @param count the number of streams n
 */
record Streams(Shape shape, int count) {
    Streams {
        if (count < 1 || Shapes.channels(shape) % count != 0) {
            throw new IllegalArgumentException(
                    "the channels must be those of %d streams, got %s: expand the streams before this layer"
                            .formatted(count, shape));
        }
    }

    /** Returns the channels of one stream. */
    long width() {
        return Shapes.channels(shape) / count;
    }

    /** Returns the number of positions of one sample. */
    long positions() {
        return Shapes.sampleSize(shape) / Shapes.channels(shape);
    }

    /**
     * Returns a view with the streams on one axis.
     *
     * @param x the array
     * @param perPosition true for a row a position, {@code (N T, n, C)}; false for a row a sample
     *     where this needs no copy, {@code (N, n, C H W)}
     */
    NDArray rows(NDArray x, boolean perPosition) {
        if (!Shapes.isSpatial(shape)) {
            return x.reshape(-1, count, width());
        }
        if (perPosition) {
            return x.transpose(channelsLast()).reshape(-1, count, width());
        }
        long positions = x.getShape().slice(2).size();
        return x.reshape(-1, count, width() * positions);
    }

    /**
     * Returns rows in the order of the array again.
     *
     * @param rows as from {@link #rows}, of any number of streams
     * @param x the array that gives the sizes
     * @param perPosition as for {@link #rows}
     */
    NDArray joined(NDArray rows, NDArray x, boolean perPosition) {
        long[] dims = x.getShape().getShape().clone();
        long channels = rows.getShape().get(1) * width();
        dims[0] = -1;
        if (!Shapes.isSpatial(shape)) {
            dims[dims.length - 1] = channels;
            return rows.reshape(new Shape(dims));
        }
        if (!perPosition) {
            dims[1] = channels;
            return rows.reshape(new Shape(dims));
        }
        System.arraycopy(dims, 2, dims, 1, dims.length - 2);
        dims[dims.length - 1] = channels;
        return rows.reshape(new Shape(dims)).transpose(channelsFirst());
    }

    private int[] channelsLast() {
        int last = shape.dimension() - 1;
        return IntStream.rangeClosed(0, last)
                .map(axis -> axis == 0 ? 0 : axis == last ? 1 : axis + 1)
                .toArray();
    }

    private int[] channelsFirst() {
        int last = shape.dimension() - 1;
        return IntStream.rangeClosed(0, last)
                .map(axis -> axis == 0 ? 0 : axis == 1 ? last : axis - 1)
                .toArray();
    }
}
