package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.trait.HasConstants;

/**
 * Cosines and sines of the rotation angles, {@code (1, R, width / 2)} each.
 *
 * @param cos the cosines
 * @param sin the sines
 */
record RotaryTable(NDArray cos, NDArray sin) {

    private static final NDIndex EVEN = new NDIndex(":, :, ::2");
    private static final NDIndex ODD = new NDIndex(":, :, 1::2");

    /**
     * Creates a table. Layers with equal settings share it.
     *
     * @param rotation the angles and the layout
     * @param width the number of rotated elements of a head
     * @param first the position of the first row
     * @param length the number of positions
     * @param times the number of repetitions, for queries in groups
     * @param type the data type of the queries
     */
    record Settings(Rotation rotation, int width, int first, int length, int times, DataType type)
            implements Cache.PositionDependent<RotaryTable> {

        @Override
        public Settings at(Cache.Position position) {
            return new Settings(rotation, width, position.first(), 1, times, type);
        }

        @Override
        public NDList arrays(RotaryTable made) {
            return new NDList(made.cos(), made.sin());
        }

        @Override
        public RotaryTable of(NDList arrays) {
            return new RotaryTable(arrays.get(0), arrays.get(1));
        }

        @Override
        public RotaryTable make(ForwardPass pass) {
            double[] angles = rotation.angles(width, first, length);
            double factor = rotation.factor();
            float[] cos = new float[times * angles.length];
            float[] sin = new float[cos.length];
            for (int i = 0; i < cos.length; i++) {
                double angle = angles[i % angles.length];
                cos[i] = (float) (factor * Math.cos(angle));
                sin[i] = (float) (factor * Math.sin(angle));
            }
            Shape shape = new Shape(1, (long) times * length, width / 2);
            return new RotaryTable(
                    Values.create(pass.manager(), cos, shape, type),
                    Values.create(pass.manager(), sin, shape, type));
        }
    }

    /**
     * {@return the table that RoFormer stores, {@code (T, D)}: in each row the sines of all pairs,
     * then their cosines}
     *
     * @param rotation the angles
     * @param length the number of positions
     * @param head the width of a head
     */
    static HasConstants.Constant stored(Rotation rotation, int length, int head) {
        int width = rotation.rotated(head);
        return new HasConstants.Constant(
                new Shape(length, width),
                false,
                () -> {
                    double[] angles = rotation.angles(width, 0, length);
                    float[] values = new float[2 * angles.length];
                    int half = width / 2;
                    for (int i = 0; i < angles.length; i++) {
                        int at = i / half * width + i % half;
                        values[at] = (float) Math.sin(angles[i]);
                        values[at + half] = (float) Math.cos(angles[i]);
                    }
                    return values;
                });
    }

    /**
     * Rotates queries or keys by their positions. In either layout the result holds the first
     * elements of all pairs, then the second ones. The order does not matter, because scores depend
     * only on products of queries and keys.
     *
     * @param rotation the angles and the layout
     * @param x {@code (B, R, D)}; elements of a head beyond the rotary width stay unchanged
     * @param length the number of positions; R is a multiple of it
     * @return the rotated {@code (B, R, D)}
     */
    static NDArray rotate(ForwardPass pass, Rotation rotation, NDArray x, int length) {
        int width = rotation.rotated(Math.toIntExact(x.getShape().get(2)));
        return of(pass, rotation, x, length).turn(x, rotation.interleaved(), width);
    }

    /**
     * Rotates the first elements of heads by the angles of this table.
     *
     * @param x {@code (B, R, D)}
     * @param interleaved whether neighbours form a pair
     * @param width the number of rotated elements
     * @return the rotated {@code (B, R, D)}
     */
    NDArray turn(NDArray x, boolean interleaved, int width) {
        long head = x.getShape().get(2);
        NDArray turned = width == head ? x : x.get(":, :, 0:{}", width);
        NDArray a = interleaved ? turned.get(EVEN) : x.get(":, :, 0:{}", width / 2);
        NDArray b = interleaved ? turned.get(ODD) : turned.get(":, :, {}:", width / 2);
        NDList parts = new NDList(a.mul(cos).sub(b.mul(sin)));
        parts.add(a.mul(sin).add(b.mul(cos)));
        if (width < head) {
            parts.add(x.get(":, :, {}:", width));
        }
        return NDArrays.concat(parts, 2);
    }

    /**
     * Reverses {@link #rotate}, including its order of elements.
     *
     * @param rotation the angles and the layout
     * @param x rotated {@code (B, R, width)}
     * @param length the number of positions; R is a multiple of it
     * @return {@code (B, R, width)}
     */
    static NDArray rotateBack(ForwardPass pass, Rotation rotation, NDArray x, int length) {
        long rows = x.getShape().get(1);
        long head = x.getShape().get(2);
        int width = rotation.rotated(Math.toIntExact(head));
        int half = width / 2;
        RotaryTable table = of(pass, rotation, x, length);
        NDArray first = x.get(":, :, 0:{}", half);
        NDArray second = x.get(":, :, {}:{}", half, width);
        NDArray a = first.mul(table.cos).add(second.mul(table.sin));
        NDArray b = second.mul(table.cos).sub(first.mul(table.sin));
        NDList parts = new NDList(a, b);
        if (rotation.interleaved()) {
            NDList pairs = new NDList(a.reshape(-1, rows * half, 1), b.reshape(-1, rows * half, 1));
            parts = new NDList(NDArrays.concat(pairs, 2).reshape(-1, rows, width));
        }
        if (width < head) {
            parts.add(x.get(":, :, {}:", width));
        }
        return parts.size() == 1 ? parts.head() : NDArrays.concat(parts, 2);
    }

    private static RotaryTable of(ForwardPass pass, Rotation rotation, NDArray x, int length) {
        int width = rotation.rotated(Math.toIntExact(x.getShape().get(2)));
        int times = Math.toIntExact(x.getShape().get(1)) / length;
        return pass.shared(
                new Settings(
                        rotation, width, pass.firstPosition(), length, times, x.getDataType()));
    }
}
