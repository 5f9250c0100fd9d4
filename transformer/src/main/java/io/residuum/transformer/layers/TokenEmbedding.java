package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;

/**
 * Token ids as vectors, {@code (N, T) -> (N, T, width)}: the sum of embeddings of the token, its
 * position and its segment, then a norm and dropout. Segments are the side input {@value #SEGMENTS}
 * {@code (N, T)}; without them every token is in segment 0.
 *
 * <p>Parameters: {@code token}, {@code position}, {@code segment}, {@code norm}.
 *
 * @param name its name. Default: empty
 * @param vocabulary the number of ids
 * @param width the length of a vector
 * @param table the path, as in {@link TiedHead}, of another embedding whose weight is used; empty
 *     for one of its own. Default: empty
 * @param scale what token embeddings are multiplied by. Default: 1
 * @param positions what is added for positions. Default: learned
 * @param length the number of learned positions; 0 for as many as the input is long. Default: 0
 * @param segments the number of segments, 0 for none. Default: 0
 * @param norm behind the sum. Default: none
 * @param dropout behind the norm. Default: 0
 * @param init the first values. Default: normal with std 0.02 (Radford et al. 2019)
 */
@WithBuilder
@TypeName("tokenEmbedding")
@Doc("Token ids as vectors: embeddings of the token, its position and its segment.")
public record TokenEmbedding(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        @Default("\"\"") String table,
        @Default("1.0") double scale,
        @Default("\"learned\"") PositionTable positions,
        @Default("0") int length,
        @Default("0") int segments,
        @Default("\"none\"") NormSpec norm,
        @Default("0.0") double dropout,
        @Default("{\"type\": \"normal\", \"std\": 0.02}") InitSpec init)
        implements LayerSpec, TokenEmbeddingBuilder.With {

    /** The name of the side input with segment ids. */
    public static final String SEGMENTS = "segments";

    public TokenEmbedding {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
        Check.that(scale > 0 && Double.isFinite(scale), "scale must be positive, got %s", scale);
        Check.notNegative("length", length);
        Check.notNegative("segments", segments);
        Check.rate("dropout", dropout);
    }

    /**
     * Creates an embedding of tokens and positions.
     *
     * @param vocabulary the number of ids
     * @param width the length of a vector
     * @param positions what is added for positions
     * @param dropout behind the sum
     * @return an embedding named {@code embedding}
     */
    public static TokenEmbedding of(
            int vocabulary, int width, PositionTable positions, double dropout) {
        return Defaults.fill(TokenEmbeddingBuilder.builder())
                .name("embedding")
                .vocabulary(vocabulary)
                .width(width)
                .positions(positions)
                .dropout(dropout)
                .build();
    }

    @Override
    public Layer newBlock(Shape input) {
        return new TokenEmbeddingBlock(input, this);
    }
}
