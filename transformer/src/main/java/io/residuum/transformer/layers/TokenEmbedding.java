package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;

/**
 * Vectors of token ids, {@code (N, T) -> (N, T, width)}: the sum of embeddings of the token, its
 * position and its segment, then a norm and dropout. Segments are the side input {@value #SEGMENTS}
 * {@code (N, T)}; without it every token is in segment 0.
 *
 * <p>Parameters: {@code token}, {@code projection}, {@code position}, {@code segment}, {@code
 * norm}.
 *
 * @param vocabulary number of token ids
 * @param width length of a vector
 * @param table path of another embedding whose weight is used, as in {@link TiedHead}; empty for a
 *     separate weight. Default: empty
 * @param tokenWidth length of the token embeddings, which {@code projection}, a linear map without
 *     a bias, extends to width (Zhang et al. 2022, arXiv:2205.01068); 0 for width. Default: 0
 * @param scale factor of the token embeddings. Default: 1
 * @param positions kind of position vectors. Default: learned
 * @param length number of learned positions; 0 for those that the input needs. Default: 0
 * @param offset row of the first position; RoBERTa's is 2. Default: 0
 * @param segments number of segments, 0 for none. Default: 0
 * @param norm norm of the sum. Default: none
 * @param dropout dropout of the output. Default: 0
 * @param init initial values. Default: normal with std 0.02 (Radford et al. 2019)
 */
@WithBuilder
@TypeName("tokenEmbedding")
public record TokenEmbedding(
        @Default("\"\"") String name,
        int vocabulary,
        int width,
        @Default("\"\"") String table,
        @Default("0") int tokenWidth,
        @Default("1.0") double scale,
        @Default("\"learned\"") PositionTable positions,
        @Default("0") int length,
        @Default("0") int offset,
        @Default("0") int segments,
        @Default("\"none\"") NormSpec norm,
        @Default("0.0") double dropout,
        @Default("{\"type\": \"normal\", \"std\": 0.02}") InitSpec init)
        implements LayerSpec, TokenEmbeddingBuilder.With {

    /** The side input with segment ids. */
    public static final String SEGMENTS = "segments";

    public TokenEmbedding {
        Check.positive("vocabulary", vocabulary);
        Check.positive("width", width);
        Check.notNegative("tokenWidth", tokenWidth);
        Check.positive("scale", scale);
        Check.notNegative("length", length);
        Check.notNegative("offset", offset);
        Check.notNegative("segments", segments);
        Check.rate("dropout", dropout);
    }

    /**
     * {@return a new embedding of tokens and positions, named {@code embedding}}
     *
     * @param vocabulary the number of token ids
     * @param width the length of a vector
     * @param positions the kind of position vectors
     * @param dropout the dropout of the sum
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
