package io.residuum.spec.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import java.util.List;
import java.util.Locale;

/** Adds or multiplies inputs element by element. A dimension of 1 is repeated to fit the others. */
final class JoinBlock extends MultiLayer {

    private final String title;
    private final boolean product;
    private final List<Double> weights;

    private JoinBlock(String title, boolean product, List<Double> weights, List<Shape> inputs) {
        super(inputs);
        inputs.forEach(input -> Shapes.requireFloats(title.toLowerCase(Locale.ROOT), input));
        this.title = title;
        this.product = product;
        this.weights = weights;
        outputShapes(inputs);
    }

    /**
     * {@return a sum}
     *
     * @param inputs the shapes of two or more inputs of equal rank
     * @param weights one factor per input; empty for 1
     */
    static JoinBlock sum(List<Shape> inputs, List<Double> weights) {
        return new JoinBlock("Add", false, List.copyOf(weights), inputs);
    }

    /**
     * {@return a product}
     *
     * @param inputs the shapes of two or more inputs of equal rank
     */
    static JoinBlock product(List<Shape> inputs) {
        return new JoinBlock("Multiply", true, List.of(), inputs);
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        NDArray y = term(pass, in, 0);
        for (int i = 1; i < in.size(); i++) {
            NDArray x = term(pass, in, i);
            y = product ? y.mul(x) : pass.ops().add(y, x);
        }
        return new NDList(y);
    }

    private NDArray term(ForwardPass pass, NDList in, int i) {
        return weights.isEmpty() || weights.get(i) == 1
                ? in.get(i)
                : pass.ops().mul(in.get(i), weights.get(i));
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
        return List.of(Shapes.inOrderOf(in.get(0), dims));
    }

    @Override
    public long activations(Shape in) {
        return Shapes.product(inputShapes().size() - 1, Shapes.size(outputShape()));
    }

    @Override
    public String describe() {
        return weights.isEmpty() ? title : title + weights;
    }
}
