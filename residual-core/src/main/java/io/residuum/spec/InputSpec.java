package io.residuum.spec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Shapes;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The input of a network. */
public sealed interface InputSpec
        // Otherwise messages and schema would list the kinds in javac's order of files.
        permits InputSpec.Image, InputSpec.Tokens, InputSpec.Features, InputSpec.Several {

    /** The name of the only input. */
    String NAME = "input";

    /** {@return the shape of a batch of the first input: {@code (-1, 3, 224, 224)}} */
    Shape batchShape();

    /** {@return all inputs in order; one named {@value #NAME} unless there are several} */
    default List<NamedInput> all() {
        return List.of(new NamedInput(NAME, this));
    }

    /**
     * Checks the rank, batch, channels and types of arrays, so that errors do not come from an
     * engine. Height, width and length are free, because layers decide which they accept.
     *
     * @param inputs the first input, then the others by name
     * @param type the type of the network's parameters
     * @throws IllegalArgumentException if an array does not fit
     */
    default void requireFits(NDList inputs, DataType type) {
        require(!inputs.isEmpty(), batchShape(), "no array");
        List<NamedInput> all = all();
        requireFits(all.get(0).input(), inputs.head(), type);
        for (NamedInput other : all.subList(1, all.size())) {
            try {
                inputs.stream()
                        .skip(1)
                        .filter(array -> other.name().equals(array.getName()))
                        .forEach(array -> requireFits(other.input(), array, type));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(other.name() + ": " + e.getMessage(), e);
            }
        }
    }

    private static void requireFits(InputSpec spec, NDArray input, DataType type) {
        Shape expected = spec.batchShape();
        Shape shape = input.getShape();
        require(shape.dimension() == expected.dimension(), expected, shape);
        require(shape.get(0) > 0, expected, shape + ": give at least one sample");
        if (spec instanceof Tokens) {
            require(shape.get(1) > 0, expected, shape + ": give at least one token");
            require(input.getDataType().isInteger(), expected, input, "int64");
            return;
        }
        if (spec instanceof Image || expected.dimension() == 2) {
            require(shape.get(1) == expected.get(1), expected, shape);
        }
        require(input.getDataType() == type, expected, input, name(type));
    }

    private static void require(boolean ok, Shape expected, Object found) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "the input must be (N, ...) like " + expected + ", found " + found);
        }
    }

    private static void require(boolean ok, Shape expected, NDArray input, String type) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "the input %s must be of type %s, found %s: convert it with toType"
                            .formatted(expected, type, name(input.getDataType())));
        }
    }

    private static String name(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Images as float32 {@code (N, C, H, W)}: RGB or gray in [0, 1], from which {@code mean} is
     * subtracted and which are then divided by {@code std}, per channel.
     *
     * @param shape channels, height, width
     * @param mean one value per channel; empty for 0. Default: empty
     * @param std one value per channel, positive; empty for 1. Default: empty
     * @param resize the resizing of pictures to the shape in evaluation. Default: the shorter side
     *     to 256/224 of the shape, bilinear and never larger than the picture, then the centre
     */
    @TypeName("image")
    record Image(
            List<Integer> shape,
            @Default("[]") List<Double> mean,
            @Default("[]") List<Double> std,
            @Nullable ImageResize resize)
            implements InputSpec {
        private static final int MAX_CHANNELS = 1 << 16;

        /**
         * Creates an input with the usual resizing.
         *
         * @param shape channels, height, width
         * @param mean one value per channel; empty for 0
         * @param std one value per channel, positive; empty for 1
         */
        public Image(List<Integer> shape, List<Double> mean, List<Double> std) {
            this(shape, mean, std, null);
        }

        public Image {
            shape = List.copyOf(shape);
            Check.that(
                    shape.size() == 3 && shape.stream().allMatch(d -> d > 0),
                    "shape must be three positive numbers [channels, height, width], got %s",
                    shape);
            int channels = shape.get(0);
            // Before the copies, since a list of equal values needs no memory until it is copied.
            Check.that(
                    channels <= MAX_CHANNELS,
                    "shape must have at most %s channels, got %s",
                    MAX_CHANNELS,
                    channels);
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            Check.that(
                    mean.isEmpty() || mean.size() == channels,
                    "mean must have one value for each of the %s channels, got %s",
                    channels,
                    mean);
            Check.that(
                    std.isEmpty() || (std.size() == channels && std.stream().allMatch(s -> s > 0)),
                    "std must have one positive value for each of the %s channels, got %s",
                    channels,
                    std);
            mean.forEach(m -> Check.finite("mean", m));
            std.forEach(s -> Check.positive("std", s));
        }

        @Override
        public Shape batchShape() {
            return new Shape(-1, shape.get(0), shape.get(1), shape.get(2));
        }
    }

    /**
     * Token ids as int64 {@code (N, T)}.
     *
     * @param length the longest sequence T
     * @param vocabulary the number of ids; ids are in [0, vocabulary)
     */
    @TypeName("tokens")
    record Tokens(int length, int vocabulary) implements InputSpec {
        public Tokens {
            Check.positive("length", length);
            Check.positive("vocabulary", vocabulary);
        }

        @Override
        public Shape batchShape() {
            return Shapes.ids(new Shape(-1, length));
        }
    }

    /**
     * Features of any rank as float32 {@code (N, ...)}.
     *
     * @param shape the shape of one sample, without the batch
     * @param channelsLast true if the last axis of three or four has the channels; false for images
     *     {@code (C, H, W)} and volumes. Default: false
     */
    @TypeName("features")
    record Features(List<Integer> shape, @Default("false") boolean channelsLast)
            implements InputSpec {
        /**
         * Creates features with the channels on axis 1 of images and volumes.
         *
         * @param shape the shape of one sample, without the batch
         */
        public Features(List<Integer> shape) {
            this(shape, false);
        }

        public Features {
            shape = List.copyOf(shape);
            Check.that(
                    !shape.isEmpty() && shape.stream().allMatch(d -> d > 0),
                    "shape must be one or more positive numbers, got %s",
                    shape);
        }

        @Override
        public Shape batchShape() {
            long[] dims = new long[shape.size() + 1];
            dims[0] = -1;
            for (int i = 0; i < shape.size(); i++) {
                dims[i + 1] = shape.get(i);
            }
            return channelsLast ? Shapes.channelsLast(new Shape(dims)) : new Shape(dims);
        }
    }

    /**
     * Several inputs by name. The first is the network's input, the others are required side
     * inputs.
     *
     * @param inputs two or more inputs with different names, in the order in which the first layer
     *     reads them
     */
    @TypeName("several")
    record Several(List<NamedInput> inputs) implements InputSpec {
        public Several {
            inputs = List.copyOf(inputs);
            Check.that(inputs.size() > 1, "inputs must be two or more, got %s", inputs.size());
            Check.that(
                    inputs.stream().map(NamedInput::name).distinct().count() == inputs.size(),
                    "inputs must have different names, got %s",
                    inputs.stream().map(NamedInput::name).toList());
        }

        @Override
        public Shape batchShape() {
            return inputs.get(0).input().batchShape();
        }

        @Override
        public List<NamedInput> all() {
            return inputs;
        }
    }
}
