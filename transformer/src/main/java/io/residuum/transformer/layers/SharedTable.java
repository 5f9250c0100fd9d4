package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.EmbeddingBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The weight of an embedding elsewhere in the network, which remains its only owner. */
public final class SharedTable {
    private final String path;
    private final Shape shape;
    private @Nullable Parameter weight;

    /**
     * Refers to an embedding, which must have this shape.
     *
     * @param path its path, relative to a layer around the one that uses it
     * @param rows its number of rows
     * @param width the length of a row
     */
    public SharedTable(String path, long rows, long width) {
        this.path = path;
        this.shape = new Shape(rows, width);
    }

    /**
     * Finds the embedding nearest to the layer that uses it, from the inside out.
     *
     * @param user the path of the layer that uses it
     * @param network the complete network
     */
    public void link(String user, Layer network) {
        Map<String, EmbeddingBlock> embeddings = NearestLayer.all(network, EmbeddingBlock.class);
        EmbeddingBlock found = NearestLayer.find(user, path, embeddings);
        weight = found == null ? null : found.weight();
        if (weight == null || !weight.getShape().equals(shape)) {
            throw new IllegalArgumentException(
                    String.format(
                            "\"%s\" must name an embedding of shape %s, got %s; the network has the"
                                    + " embeddings %s",
                            path,
                            shape,
                            weight == null ? "none" : weight.getShape(),
                            embeddings.keySet()));
        }
    }

    /** {@return the weight of the embedding} */
    public NDArray value(ForwardPass pass) {
        if (weight == null) {
            throw new IllegalStateException(
                    "the embedding \""
                            + path
                            + "\" is not linked; build the network with ModelSpec.newBlock");
        }
        return pass.value(weight);
    }

    @Override
    public String toString() {
        return path;
    }
}
