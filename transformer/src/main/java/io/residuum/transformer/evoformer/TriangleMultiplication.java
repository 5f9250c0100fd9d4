package io.residuum.transformer.evoformer;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The triangle multiplicative update of pairs, {@code (N, T, T, C) -> (N, T, T, C)} (Jumper et al.
 * 2021, Supplementary Algorithms 11 and 12). Two gated maps a and b of each pair meet in the sum
 * over a third position: {@code sum_k a_ik b_jk} of outgoing edges, {@code sum_k a_ki b_kj} of
 * incoming ones.
 *
 * <p>Parameters: {@code left}, {@code leftGate}, {@code right} and {@code rightGate}; {@code norm};
 * {@code gate}; {@code output}, which starts at 0.
 *
 * @param units width of a and b; 0 for C. Default: 0
 * @param edges {@code outgoing} or {@code incoming}. Default: outgoing
 * @param masked true to leave out pairs with 0 in the side input {@code mask} {@code (N, T, T)}.
 *     Default: false
 */
@TypeName("triangleMultiplication")
public record TriangleMultiplication(
        @Default("\"\"") String name,
        @Default("0") int units,
        @Default("\"outgoing\"") Edges edges,
        @Default("false") boolean masked)
        implements LayerSpec {

    /** The edges of a triangle that meet. */
    public enum Edges {
        /** From i to k and from j to k. */
        OUTGOING,
        /** From k to i and from k to j. */
        INCOMING
    }

    public TriangleMultiplication {
        Check.notNegative("units", units);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new TriangleMultiplicationBlock(input, this);
    }
}
