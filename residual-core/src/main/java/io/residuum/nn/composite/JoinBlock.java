package io.residuum.nn.composite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import java.util.List;

/** Adds or multiplies inputs element by element. A dimension of 1 is repeated to fit the others. */
public final class JoinBlock extends MultiLayer {

    /** The operation between two inputs. */
    public enum Join {
        /** The sum. */
        ADD("Add"),
        /** The product. */
        MULTIPLY("Multiply");

        private final String title;

        Join(String title) {
            this.title = title;
        }
    }

    private final Join join;

    /**
     * Creates the block.
     *
     * @param join the operation
     * @param inputs the shapes of two or more inputs of equal rank
     */
    public JoinBlock(Join join, List<Shape> inputs) {
        super(inputs);
        this.join = join;
        outputShapes(inputs);
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        NDArray y = in.get(0);
        for (NDArray x : in.subList(1, in.size())) {
            y = join == Join.ADD ? pass.ops().add(y, x) : y.mul(x);
        }
        return new NDList(y);
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        long[] dims = in.get(0).getShape().clone();
        for (Shape shape : in) {
            boolean fits = shape.dimension() == dims.length;
            for (int axis = 0; fits && axis < dims.length; axis++) {
                long size = shape.get(axis);
                fits = size == dims[axis] || axis > 0 && (size == 1 || dims[axis] == 1);
                dims[axis] = dims[axis] == 1 ? size : dims[axis];
            }
            if (!fits) {
                throw new IllegalArgumentException(
                        "the inputs of %s must have equal shapes, or 1 where they differ, got %s"
                                .formatted(describe(), Shapes.text(in)));
            }
        }
        return List.of(new Shape(dims));
    }

    @Override
    public List<String> outputNames() {
        return List.of(OUTPUT);
    }

    @Override
    public long activations(Shape in) {
        return Shapes.product(inputShapes().size() - 1, Shapes.size(outputShape()));
    }

    @Override
    public String describe() {
        return join.title;
    }
}
