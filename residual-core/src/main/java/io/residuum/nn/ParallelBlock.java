package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/** Layers side by side on one input, whose outputs are added. */
public final class ParallelBlock extends Layer {
    private final List<Layer> layers;

    /**
     * Creates the block.
     *
     * @param input the shape of the input
     * @param layers one or more layers by name, with outputs of equal shape
     */
    public ParallelBlock(Shape input, Map<String, Layer> layers) {
        super(input);
        this.layers = List.copyOf(layers.values());
        layers.forEach(this::child);
        Shape first = this.layers.get(0).outputShape();
        layers.forEach(
                (name, layer) -> {
                    if (!layer.outputShape().equals(first)) {
                        throw new IllegalArgumentException(
                                String.format(
                                        "parallel layers must have outputs of equal shape, got %s"
                                                + " of the first and %s of \"%s\"",
                                        first, layer.outputShape(), name));
                    }
                });
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray sum = layers.get(0).forward(pass, x);
        for (Layer layer : layers.subList(1, layers.size())) {
            sum = pass.ops().add(sum, layer.forward(pass, x));
        }
        return sum;
    }

    @Override
    public Shape outputShape(Shape in) {
        return layers.get(0).outputShape(in);
    }

    /** {@return the number of elements of the sums} */
    @Override
    public long activations(Shape in) {
        return Shapes.product(layers.size() - 1, Shapes.size(outputShape(in)));
    }

    @Override
    public String describe() {
        return "Parallel";
    }
}
