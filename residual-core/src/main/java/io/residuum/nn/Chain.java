package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/** Layers in sequence. */
public final class Chain extends Layer {
    private final List<Layer> layers;

    /**
     * Creates a chain.
     *
     * @param input the shape of the first layer's input
     * @param layers the layers by name, in order
     */
    public Chain(Shape input, Map<String, Layer> layers) {
        super(input);
        this.layers = List.copyOf(layers.values());
        layers.forEach(this::child);
    }

    private Chain(Shape input, List<Layer> layers) {
        super(input);
        this.layers = layers;
    }

    /** {@return a chain of layers that are children of other layers} */
    public static Chain unowned(Shape input, Layer... layers) {
        return new Chain(input, List.of(layers));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return pass.sequence(layers, x);
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape shape = in;
        for (Layer layer : layers) {
            shape = layer.outputShape(shape);
        }
        return shape;
    }

    @Override
    public String describe() {
        return "Sequential";
    }
}
