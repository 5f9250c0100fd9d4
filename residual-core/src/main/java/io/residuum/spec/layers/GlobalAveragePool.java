package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.GlobalPoolBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.MaskedMeanBlock;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The mean over all positions: {@code (N, C, H, W) -> (N, C)} or {@code (N, T, C) -> (N, C)}.
 *
 * @param name its name. Default: empty
 * @param masked whether only those positions of a sequence count that the mask {@code (N, T)}
 *     riding along as {@value MaskedMeanBlock#MASK} leaves open (Reimers and Gurevych 2019,
 *     arXiv:1908.10084, Section 3); all where none rides along. Default: false
 */
@TypeName("globalAveragePool")
@Doc(
        "The mean over all positions, or those a mask leaves open: (N, C, H, W) or (N, T, C) to (N,"
                + " C).")
public record GlobalAveragePool(@Default("\"\"") String name, @Default("false") boolean masked)
        implements LayerSpec {

    /**
     * The mean over all positions.
     *
     * @param name its name; may be empty
     */
    public GlobalAveragePool(String name) {
        this(name, false);
    }

    @Override
    public Layer newBlock(Shape input) {
        return masked ? new MaskedMeanBlock(input) : new GlobalPoolBlock(input, false);
    }
}
