package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Logits over a vocabulary by the weight of an embedding (Press and Wolf 2017, arXiv:1608.05859):
 * {@code (N, T, C) -> (N, T, vocabulary)}. The weight belongs to the embedding: only there it is
 * counted, saved and named.
 *
 * @param embedding path of the embedding, relative to this layer's parent or any layer around it.
 *     Default: embedding.token
 * @param vocabulary number of rows of the embedding
 * @param bias true if a bias, initially 0, is added. Default: false
 */
@TypeName("tiedHead")
public record TiedHead(
        @Default("\"\"") String name,
        @Default("\"embedding.token\"") String embedding,
        int vocabulary,
        @Default("false") boolean bias)
        implements LayerSpec {
    public TiedHead {
        Check.that(!embedding.isBlank(), "embedding must not be blank");
        Check.positive("vocabulary", vocabulary);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new TiedHeadBlock(input, embedding, vocabulary, bias);
    }
}
