package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.LayoutType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;

/**
 * Arithmetic on shapes. The channels are axis 1 of images {@code (N, C, H, W)} and volumes {@code
 * (N, C, D, H, W)}, and the last axis of every other shape, such as {@code (N, T, C)} or {@code (N,
 * C)}. Shapes of four or five axes with {@linkplain #channelsLast channels last} are not images.
 *
 * <p>Only shapes that layers are built for know the order of their axes. Arrays do not, so a layer
 * decides in its constructor.
 */
public final class Shapes {
    private Shapes() {}

    /** {@return the axis of the channels: 1 for images and volumes, else the last axis} */
    public static int channelAxis(Shape shape) {
        return isSpatial(shape) ? 1 : shape.dimension() - 1;
    }

    /** {@return true for images {@code (N, C, H, W)} and volumes {@code (N, C, D, H, W)}} */
    public static boolean isSpatial(Shape shape) {
        return (shape.dimension() == 4 || shape.dimension() == 5) && !isChannelsLast(shape);
    }

    /**
     * {@return the shape with the channels on the last axis, as in {@code (N, H, W, C)}}
     *
     * @param shape a shape of any order; one of up to three axes has its channels there already
     */
    public static Shape channelsLast(Shape shape) {
        return shape.dimension() <= 3 ? shape : withLayoutOfLast(shape, LayoutType.CHANNEL);
    }

    /** {@return true for a shape of four or more axes made by {@link #channelsLast}} */
    public static boolean isChannelsLast(Shape shape) {
        return layoutOfLast(shape) == LayoutType.CHANNEL;
    }

    /**
     * {@return the shape of ids such as tokens, which are integers}
     *
     * @param shape {@code (N, T)}, or what another order of its elements makes of it
     */
    public static Shape ids(Shape shape) {
        return withLayoutOfLast(shape, LayoutType.TIME);
    }

    /** {@return true for a shape made by {@link #ids}} */
    public static boolean isIds(Shape shape) {
        return layoutOfLast(shape) == LayoutType.TIME;
    }

    /**
     * {@return the output shape of a layer that only moves elements: a shape of ids if its input is
     * one}
     */
    public static Shape moved(Shape input, Shape output) {
        return isIds(input) ? ids(output) : output;
    }

    private static Shape withLayoutOfLast(Shape shape, LayoutType last) {
        LayoutType[] layout = new LayoutType[shape.dimension()];
        Arrays.fill(layout, LayoutType.UNKNOWN);
        layout[layout.length - 1] = last;
        return new Shape(shape.getShape(), layout);
    }

    private static LayoutType layoutOfLast(Shape shape) {
        int last = shape.dimension() - 1;
        return last < 0 ? LayoutType.UNKNOWN : shape.getLayoutType(last);
    }

    /**
     * Requires an input of floats.
     *
     * @param what the layer's name in the message
     * @param shape the shape of its input
     */
    public static void requireFloats(String what, Shape shape) {
        if (isIds(shape)) {
            throw new IllegalArgumentException(
                    "%s needs floats, got token ids %s: put an embedding before it"
                            .formatted(what, shape));
        }
    }

    /**
     * Requires channels on axis 1 of images and volumes.
     *
     * @param what the layer's name in the message
     * @param shape the shape of its input
     */
    public static void requireChannelsFirst(String what, Shape shape) {
        if (isChannelsLast(shape)) {
            throw new IllegalArgumentException(
                    "%s needs channels on axis 1, got %s with channels last: permute or reshape it first"
                            .formatted(what, shape));
        }
    }

    /**
     * Requires that an array of Java can hold a parameter. The layer is named by its class, because
     * it cannot describe itself while it is constructed.
     */
    static void requireFitsArray(Class<? extends Layer> layer, String name, long... dims) {
        if (product(dims) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a parameter must have at most %d values, as Java's arrays do, got %s for \"%s\" of %s: use smaller sizes"
                            .formatted(
                                    Integer.MAX_VALUE,
                                    new Shape(dims),
                                    name,
                                    layer.getSimpleName().replace("Block", "")));
        }
    }

    /**
     * Requires a shape of certain ranks, with channels on axis 1.
     *
     * @param what the layer's name in the message
     * @param shape the shape of its input
     * @param ranks the ranks it accepts
     */
    public static void requireRank(String what, Shape shape, int... ranks) {
        requireChannelsFirst(what, shape);
        if (Arrays.stream(ranks).noneMatch(r -> r == shape.dimension())) {
            String accepted =
                    Arrays.stream(ranks)
                            .mapToObj(Integer::toString)
                            .collect(Collectors.joining(" or "));
            throw new IllegalArgumentException(
                    "%s needs an input of %s dimensions, got %s".formatted(what, accepted, shape));
        }
    }

    /**
     * {@return a shape with the order of axes of another}
     *
     * @param order a shape of as many axes
     * @param dims the sizes
     */
    public static Shape inOrderOf(Shape order, long... dims) {
        return new Shape(dims, order.getLayout());
    }

    /** {@return the shape with another size of the last axis} */
    static Shape withLast(Shape shape, long size) {
        long[] dims = shape.getShape().clone();
        dims[dims.length - 1] = size;
        return inOrderOf(shape, dims);
    }

    /** {@return the first axis of positions: 1 for sequences, 2 for images and volumes} */
    public static int positionAxis(Shape shape) {
        return shape.dimension() == 3 ? 1 : 2;
    }

    /**
     * {@return the shape with other numbers of positions}
     *
     * @param shape {@code (N, T, C)}, {@code (N, C, H, W)} or {@code (N, C, D, H, W)}
     * @param size returns the new size of each axis of positions, counted from 0
     */
    public static Shape withPositions(Shape shape, IntToLongFunction size) {
        long[] dims = shape.getShape().clone();
        for (int i = 0; i < dims.length - 2; i++) {
            dims[positionAxis(shape) + i] = size.applyAsLong(i);
        }
        return new Shape(dims);
    }

    /** {@return the sizes of the axes of positions, {@code (height, width)} for images} */
    public static Shape positions(Shape shape) {
        int first = positionAxis(shape);
        return shape.slice(first, first + shape.dimension() - 2);
    }

    /** {@return {@code 3} for equal sizes, or {@code 3x2}} */
    public static String sizes(Shape shape) {
        boolean equal = Arrays.stream(shape.getShape()).distinct().count() == 1;
        return equal ? Long.toString(shape.get(0)) : allSizes(shape);
    }

    /** {@return every size, such as {@code 3x3}} */
    public static String allSizes(Shape shape) {
        return Arrays.stream(shape.getShape())
                .mapToObj(Long::toString)
                .collect(Collectors.joining("x"));
    }

    /**
     * Exchanges positions and channels of sequences, because convolutions and pools need channels
     * on axis 1. A second call restores the order.
     *
     * @param x {@code (N, T, C)} or {@code (N, C, T)}; images and volumes stay
     * @return {@code (N, C, T)} or {@code (N, T, C)}
     */
    public static NDArray exchangeSequence(NDArray x) {
        return x.getShape().dimension() == 3 ? x.transpose(0, 2, 1) : x;
    }

    /** {@return a shape of ones, except for axis 1} */
    static Shape onAxis1(long size, int dimension) {
        long[] dims = new long[dimension];
        Arrays.fill(dims, 1);
        dims[1] = size;
        return new Shape(dims);
    }

    /** {@return the number of channels} */
    public static long channels(Shape shape) {
        return shape.get(channelAxis(shape));
    }

    /** {@return the shape with another number of channels} */
    public static Shape withChannels(Shape shape, long channels) {
        long[] dims = shape.getShape().clone();
        dims[channelAxis(shape)] = channels;
        return inOrderOf(shape, dims);
    }

    /**
     * Requires an axis after the batch.
     *
     * @param axis the axis; the batch is axis 0
     * @param shape the shape that has it
     */
    public static void requireAxis(int axis, Shape shape) {
        if (axis < 1 || axis >= shape.dimension()) {
            throw new IllegalArgumentException(
                    "axis must be in [1, %d) for %s, where 0 is the batch, got %d"
                            .formatted(shape.dimension(), shape, axis));
        }
    }

    /** {@return shapes in one line: {@code (-1, 8)}, or {@code (-1, 8) and (-1, 3)} for several} */
    public static String text(List<Shape> shapes) {
        return shapes.stream()
                .map(
                        shape ->
                                isChannelsLast(shape)
                                        ? shape + " with channels last"
                                        : shape + (isIds(shape) ? " of ids" : ""))
                .collect(Collectors.joining(" and "));
    }

    /** {@return true for equal sizes with the channels on the same axes, which equals ignores} */
    public static boolean same(List<Shape> a, List<Shape> b) {
        return a.equals(b)
                && a.stream()
                        .map(Shapes::channelAxis)
                        .toList()
                        .equals(b.stream().map(Shapes::channelAxis).toList());
    }

    /**
     * {@return the number of elements of one sample, the product of all dimensions after the batch}
     */
    public static long sampleSize(Shape shape) {
        long[] dims = shape.getShape().clone();
        dims[0] = 1;
        return product(dims);
    }

    /**
     * {@return the product of sizes}
     *
     * @param factors the sizes
     * @throws IllegalArgumentException if it is 2^63 or more
     */
    public static long product(long... factors) {
        long product = 1;
        for (long factor : factors) {
            try {
                product = Math.multiplyExact(product, factor);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException(
                        "the number of elements or operations must be below 2^63, got "
                                + Arrays.stream(factors)
                                        .mapToObj(Long::toString)
                                        .collect(Collectors.joining(" x "))
                                + ": use smaller sizes",
                        e);
            }
        }
        return product;
    }

    /** {@return the number of samples, where a free batch (-1) counts as one} */
    public static long batch(Shape shape) {
        return Math.max(1, shape.get(0));
    }

    /** {@return the number of elements, where a free batch (-1) counts as one sample} */
    public static long size(Shape shape) {
        return product(batch(shape), sampleSize(shape));
    }

    /**
     * {@return the length of the output when a window slides along one axis}
     *
     * @param in the length of the axis
     * @param kernel the length of the window
     * @param stride the step
     * @param padding the number of positions added on each side
     * @param dilation the distance between the window's elements
     * @throws IllegalArgumentException if the window does not fit
     */
    public static long window(long in, long kernel, long stride, long padding, long dilation) {
        return window(in, kernel, stride, padding, padding, dilation);
    }

    /** {@return the length as above, with other padding before the axis than after it} */
    public static long window(
            long in, long kernel, long stride, long before, long after, long dilation) {
        long reach = dilation * (kernel - 1) + 1;
        long padded = in + before + after;
        if (padded < reach) {
            throw new IllegalArgumentException(
                    String.format(
                            "a window of %d does not fit into %d positions with padding %s:"
                                    + " use a larger input, a smaller kernel or more padding",
                            reach, in, before == after ? before : before + " and " + after));
        }
        return (padded - reach) / stride + 1;
    }

    /**
     * {@return the stride with which subsampling turns one image size into another}
     *
     * @param in the size of the input
     * @param out the size of the output
     * @throws IllegalArgumentException if no stride does
     */
    public static long stride(long in, long out) {
        long stride = (in + out - 1) / out;
        if ((in - 1) / stride + 1 != out) {
            throw new IllegalArgumentException(
                    String.format(
                            "a shortcut needs a stride from %d to %d positions, got none that fits:"
                                    + " change the branch's strides or padding",
                            in, out));
        }
        return stride;
    }

    /**
     * {@return the multiple of a divisor next to a width, at least the divisor}
     *
     * @param width the exact width
     * @param limit the least share of the width that rounding keeps, such as 0.9; a smaller
     *     multiple is replaced by the next one
     */
    public static int divisible(double width, int divisor, double limit) {
        int rounded = Math.max(divisor, (int) (width + divisor / 2.0) / divisor * divisor);
        return rounded < limit * width ? rounded + divisor : rounded;
    }
}
