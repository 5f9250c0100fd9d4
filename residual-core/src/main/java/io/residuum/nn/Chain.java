package io.residuum.nn;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.trait.PositionWise;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Layers in sequence. Each reads all outputs of the one before. */
public final class Chain extends MultiLayer implements InSequence {
    private final List<Layer> layers;

    /**
     * Creates a chain.
     *
     * @param input the shape of the first layer's input
     * @param layers the layers by name, in order
     */
    public Chain(Shape input, Map<String, Layer> layers) {
        this(List.of(input), layers);
    }

    /**
     * Creates a chain with several inputs.
     *
     * @param inputs the shapes of the first layer's inputs
     * @param layers the layers by name, in order
     */
    public Chain(List<Shape> inputs, Map<String, Layer> layers) {
        this(inputs, List.copyOf(layers.values()));
        layers.forEach(this::child);
    }

    private Chain(List<Shape> inputs, List<Layer> layers) {
        super(inputs);
        this.layers = layers;
    }

    /** {@return a chain of layers that are children of other layers} */
    public static Chain unowned(Shape input, Layer... layers) {
        return new Chain(List.of(input), List.of(layers));
    }

    /**
     * {@return the last layer of nested chains, which computes their output}
     *
     * @param layer a chain, or the layer itself
     */
    public static Layer last(Layer layer) {
        Layer last = layer;
        while (last instanceof Chain && !last.children().isEmpty()) {
            List<Layer> children = List.copyOf(last.children().values());
            last = children.get(children.size() - 1);
        }
        return last;
    }

    /**
     * {@return the last layer of nested chains if it works by position, so that positions whose
     * output nobody reads can skip it; else null}
     *
     * @param layer a chain, or the layer itself
     */
    public static @Nullable Layer head(Layer layer) {
        Layer last = last(layer);
        return last instanceof PositionWise ? last : null;
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        return pass.sequence(layers, in);
    }

    @Override
    public List<Layer> sequence() {
        return layers;
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        List<Shape> shapes = in;
        for (Layer layer : layers) {
            shapes = layer.outputShapes(shapes);
        }
        return shapes;
    }

    @Override
    public List<String> outputNames() {
        return layers.isEmpty() ? List.of(OUTPUT) : layers.get(layers.size() - 1).outputNames();
    }

    @Override
    public String describe() {
        return "Sequential";
    }
}
