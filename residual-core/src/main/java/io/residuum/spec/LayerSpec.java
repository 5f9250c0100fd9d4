package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import java.util.List;

/**
 * A layer as a value: an immutable record that is complete and valid once constructed, and builds
 * its block.
 *
 * <p>Open: a record in any jar may implement it; a {@link RecordProvider} registers it for JSON. In
 * JSON an array of layers stands for an unnamed {@link Sequential}.
 */
public interface LayerSpec {

    /**
     * The name below which this layer's parameters are found; empty to let the parent choose.
     * Default: empty.
     */
    String name();

    /**
     * Builds the block for an input shape, without loading an engine.
     *
     * @param input the shape of the layer's first input, with batch -1: {@code (-1, C, H, W)},
     *     {@code (-1, T, C)} or {@code (-1, C)}
     * @return a block that is not yet initialized
     * @throws SpecException if the layer cannot take such an input
     */
    Layer newBlock(Shape input);

    /**
     * Returns this layer with every {@link Family} below it replaced by plain layers.
     *
     * @return this, where there is none
     */
    default LayerSpec expanded() {
        return this;
    }

    /**
     * Returns this layer with a head for another number of classes.
     *
     * @param classes the new number
     * @return a new layer
     * @throws SpecException if this layer has no head
     */
    default LayerSpec withClasses(int classes) {
        throw new SpecException(
                "the network must end in a linear layer or be a family with a head, got "
                        + getClass().getSimpleName()
                        + ": change the spec by hand");
    }

    /**
     * The short form of a sequence in JSON.
     *
     * @param layers the layers, in order
     * @return an unnamed sequential
     */
    @Shorthand
    static LayerSpec sequence(List<LayerSpec> layers) {
        return new Sequential("", layers);
    }
}
