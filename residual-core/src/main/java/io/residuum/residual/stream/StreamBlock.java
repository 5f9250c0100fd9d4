package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.InSequence;
import io.residuum.nn.Layer;
import io.residuum.nn.SavedStates;
import java.util.List;
import java.util.Map;

/** Layers in sequence that share saved states. */
public final class StreamBlock extends Layer implements InSequence {
    private final List<Layer> layers;
    private final int streams;
    private final SavedNames saved;

    /**
     * Creates the block.
     *
     * @param input the shape of the first layer's input
     * @param streams the number of streams, for the description
     * @param layers the layers by name, in order
     */
    public StreamBlock(Shape input, int streams, Map<String, Layer> layers) {
        super(input);
        this.streams = streams;
        this.layers = List.copyOf(layers.values());
        layers.forEach(this::child);
        this.saved = new SavedNames(this);
    }

    @Override
    public List<Layer> sequence() {
        return saved.isEmpty() ? layers : List.of();
    }

    /** Returns the states that its layers save. */
    SavedNames saved() {
        return saved;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        try (SavedStates.Scope states = pass.states().begin(pass)) {
            return pass.sequence(layers, new NDList(x)).singletonOrThrow();
        }
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
        return streams == 1 ? "Stream" : "Stream(" + streams + ")";
    }
}
