package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.EmbeddingBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Looks up a row of a table for each id: {@code (N, T)} to {@code (N, T, width)}.
 *
 * @param vocabulary the number of rows
 * @param width the length of a row
 * @param init the initial values. Default: normal with std 0.02 (Radford et al. 2019)
 */
@TypeName("embedding")
public record Embedding(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        @Default("{\"type\": \"normal\", \"std\": 0.02}") InitSpec init)
        implements LayerSpec {
    public Embedding {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new EmbeddingBlock(input, "tokens", vocabulary, width, init.toInit());
    }
}
