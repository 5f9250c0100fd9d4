package io.residuum.transformer.evoformer;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The mean over rows of the outer products of all pairs of columns, {@code (N, R, T, C) -> (N, T,
 * T, width)}: pairs from a sequence alignment (Jumper et al. 2021, Supplementary Algorithm 10). Use
 * it as the branch of a residual unit of pairs with {@code "read"}.
 *
 * <p>Parameters: {@code left} and {@code right}; {@code output}, which starts at 0.
 *
 * @param units width of the two vectors of a product. Default: 32
 * @param width width of the output
 * @param masked true to take the mean over the rows in which both columns have 1 in the side input
 *     {@code mask} {@code (N, R, T)}; a small number is added to the count of rows. Default: false
 */
@TypeName("outerProductMean")
public record OuterProductMean(
        @Default("\"\"") String name,
        @Default("32") int units,
        int width,
        @Default("false") boolean masked)
        implements LayerSpec {
    public OuterProductMean {
        Check.positive("units", units);
        Check.positive("width", width);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new OuterProductMeanBlock(input, this);
    }
}
