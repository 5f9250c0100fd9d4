package io.residuum.transformer.evoformer;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.InitSpec;

/**
 * Multi-head attention along one axis of a two-dimensional stream, {@code (N, R, T, C) -> (N, R, T,
 * C)} (Ho et al. 2019, arXiv:1912.12180), with the gate and the biases of an Evoformer (Jumper et
 * al. 2021, Supplementary Algorithms 7, 8, 13 and 14). Scores are scaled by {@code 1 /
 * sqrt(headWidth)}.
 *
 * <p>Parameters: {@code q}, {@code k} and {@code v} without biases; {@code bias} without a bias,
 * and {@code biasNorm} for a pair bias; {@code gate}; {@code output}. Gates start at {@code
 * sigmoid(1)} and outputs at 0, as in AlphaFold, so that a residual unit starts as the identity.
 *
 * @param heads number of heads
 * @param headWidth width of a head; 0 for C / heads. Default: 0
 * @param axis {@code row} to attend within rows, along T, or {@code column} to attend within
 *     columns, along R. Default: row
 * @param bias bias of the scores. Default: none
 * @param gated true if a sigmoid gate of the input scales the joined heads. Default: true
 * @param masked true to hide the keys with 0 in the side input {@code mask} {@code (N, R, T)}.
 *     Default: false
 * @param init initial weights of q, k and v. Default: Glorot and Bengio 2010, uniform
 */
@WithBuilder
@TypeName("axialAttention")
public record AxialAttention(
        @Default("\"\"") String name,
        int heads,
        @Default("0") int headWidth,
        @Default("\"row\"") Axis axis,
        @Default("\"none\"") ScoreBias bias,
        @Default("true") boolean gated,
        @Default("false") boolean masked,
        @Default("\"xavierUniform\"") InitSpec init)
        implements LayerSpec, AxialAttentionBuilder.With {

    /** The side input with the pair stream, {@code (N, T, T, width)}. */
    public static final String PAIR = "pair";

    /** The positions that a position sees. */
    public enum Axis {
        /** The positions of its row. */
        ROW,
        /** The positions of its column. */
        COLUMN
    }

    /** The bias of the scores: one number for each head, query and key. */
    public sealed interface ScoreBias permits ScoreBias.None, ScoreBias.Input, ScoreBias.Pair {

        /** No bias. */
        @TypeName("none")
        record None() implements ScoreBias {}

        /**
         * A linear map of the input, which must be as long as wide: the triangle attention of pairs
         * (Algorithms 13 and 14). The bias of query j and key k is that of the pair (j, k), or (k,
         * j) within columns.
         */
        @TypeName("input")
        record Input() implements ScoreBias {}

        /**
         * A layer norm and a linear map of another stream, the side input {@value
         * AxialAttention#PAIR} (Algorithm 7).
         *
         * @param width the width of the pair stream
         */
        @TypeName("pair")
        record Pair(int width) implements ScoreBias {
            public Pair {
                Check.positive("width", width);
            }
        }
    }

    public AxialAttention {
        Check.positive("heads", heads);
        Check.notNegative("headWidth", headWidth);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AxialAttentionBlock(input, this);
    }
}
