package io.residuum.spec.graph;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import java.util.List;

/** Joins inputs along an axis. */
final class ConcatBlock extends MultiLayer {
    private final int axis;

    /**
     * Creates the block.
     *
     * @param axis the axis; the batch is axis 0
     * @param inputs the shapes of the inputs, equal on all other axes
     */
    ConcatBlock(int axis, List<Shape> inputs) {
        super(inputs);
        this.axis = axis;
        outputShapes(inputs);
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        return new NDList(NDArrays.concat(in, axis));
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        long[] dims = in.get(0).getShape().clone();
        Shapes.requireAxis(axis, in.get(0));
        dims[axis] = 0;
        for (Shape shape : in) {
            boolean fits = shape.dimension() == dims.length;
            for (int i = 0; fits && i < dims.length; i++) {
                fits = i == axis || shape.get(i) == dims[i];
            }
            if (!fits) {
                throw new IllegalArgumentException(
                        "the inputs of %s must have equal sizes on all other axes, got %s"
                                .formatted(describe(), Shapes.text(in)));
            }
            dims[axis] += shape.get(axis);
        }
        return List.of(Shapes.inOrderOf(in.get(0), dims));
    }

    @Override
    public String describe() {
        return "Concat(axis " + axis + ")";
    }
}
