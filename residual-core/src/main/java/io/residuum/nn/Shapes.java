package io.residuum.nn;

import ai.djl.ndarray.types.Shape;

/**
 * Arithmetic on shapes. Channels are axis 1 of {@code (N, C, H, W)} and the last axis of anything
 * else.
 */
public final class Shapes {
    private Shapes() {}

    /**
     * The axis of the channels.
     *
     * @param shape {@code (N, C, H, W)}, {@code (N, T, C)} or {@code (N, C)}
     * @return 1, or the last axis
     */
    public static int channelAxis(Shape shape) {
        return shape.dimension() == 4 ? 1 : shape.dimension() - 1;
    }

    /**
     * The number of channels.
     *
     * @param shape {@code (N, C, H, W)}, {@code (N, T, C)} or {@code (N, C)}
     * @return C
     */
    public static long channels(Shape shape) {
        return shape.get(channelAxis(shape));
    }

    /**
     * The shape with another number of channels.
     *
     * @param shape {@code (N, C, H, W)}, {@code (N, T, C)} or {@code (N, C)}
     * @param channels the new C
     * @return a new shape
     */
    public static Shape withChannels(Shape shape, long channels) {
        long[] dims = shape.getShape().clone();
        dims[channelAxis(shape)] = channels;
        return new Shape(dims);
    }

    /**
     * The number of elements of one sample.
     *
     * @param shape a shape whose first dimension is the batch
     * @return the product of the others
     */
    public static long sampleSize(Shape shape) {
        long n = 1;
        for (int i = 1; i < shape.dimension(); i++) {
            n = Math.multiplyExact(n, shape.get(i));
        }
        return n;
    }

    /**
     * The number of samples, a free batch counting as one.
     *
     * @param shape a shape whose first dimension is the batch
     * @return 1 or more
     */
    public static long batch(Shape shape) {
        return Math.max(1, shape.get(0));
    }

    /**
     * The number of positions of a window along one axis.
     *
     * @param in the length of the axis
     * @param kernel the window
     * @param stride the step
     * @param padding added on each side
     * @param dilation the distance between the window's elements
     * @return the length of the output
     * @throws IllegalArgumentException if the window does not fit
     */
    public static long window(long in, long kernel, long stride, long padding, long dilation) {
        long reach = dilation * (kernel - 1) + 1;
        if (in + 2 * padding < reach) {
            throw new IllegalArgumentException(
                    String.format(
                            "a window of %d does not fit into %d positions with padding %d:"
                                    + " use a larger input, a smaller kernel or more padding",
                            reach, in, padding));
        }
        return (in + 2 * padding - reach) / stride + 1;
    }

    /**
     * The stride that takes one image size to another by subsampling.
     *
     * @param in the size before
     * @param out the size after
     * @return the stride
     * @throws IllegalArgumentException if there is none
     */
    public static long stride(long in, long out) {
        long stride = (in + out - 1) / out;
        if ((in - 1) / stride + 1 != out) {
            throw new IllegalArgumentException(
                    String.format(
                            "a shortcut cannot take %d positions to %d: no stride does; change the"
                                    + " branch's strides or padding",
                            in, out));
        }
        return stride;
    }
}
