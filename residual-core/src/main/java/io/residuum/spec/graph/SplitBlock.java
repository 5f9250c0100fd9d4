package io.residuum.spec.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Splits the input along an axis. The outputs have the names {@code 0}, {@code 1}, and so on. */
final class SplitBlock extends MultiLayer {
    private final int axis;
    private final List<Integer> sizes;

    /**
     * Creates the block.
     *
     * @param axis the axis; the batch is axis 0
     * @param sizes the sizes of the parts, which add up to the size of the axis
     */
    SplitBlock(Shape input, int axis, List<Integer> sizes) {
        super(List.of(input));
        this.axis = axis;
        this.sizes = List.copyOf(sizes);
        outputShapes(inputShapes());
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        NDArray x = in.singletonOrThrow();
        NDList parts = new NDList(sizes.size());
        int begin = 0;
        for (int size : sizes) {
            parts.add(pass.ops().slice(x, axis, begin, begin + size));
            begin += size;
        }
        return parts;
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        Shape shape = in.get(0);
        Shapes.requireAxis(axis, shape);
        long sum = sizes.stream().mapToLong(Integer::longValue).sum();
        if (sum != shape.get(axis)) {
            throw new IllegalArgumentException(
                    "sizes must add up to the %d of axis %d of %s, got %s with the sum %d"
                            .formatted(shape.get(axis), axis, shape, sizes, sum));
        }
        List<Shape> parts = new ArrayList<>();
        for (int size : sizes) {
            long[] dims = shape.getShape().clone();
            dims[axis] = size;
            parts.add(Shapes.inOrderOf(shape, dims));
        }
        return parts;
    }

    @Override
    public List<String> outputNames() {
        return IntStream.range(0, sizes.size()).mapToObj(Integer::toString).toList();
    }

    @Override
    public String describe() {
        return "Split(axis " + axis + ", " + sizes + ")";
    }
}
