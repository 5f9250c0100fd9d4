package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.GlobalPoolBlock;
import io.residuum.nn.pool.MaskedMeanBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The mean over all positions: {@code (N, C, H, W) -> (N, C)} or {@code (N, T, C) -> (N, C)}.
 *
 * @param masked true to average only the positions with 1 in the side input {@code (N, T)} called
 *     {@code mask} (Reimers and Gurevych 2019, arXiv:1908.10084, Section 3); all positions without
 *     this side input. Default: false
 */
@TypeName("globalAveragePool")
public record GlobalAveragePool(@Default("\"\"") String name, @Default("false") boolean masked)
        implements LayerSpec {

    /**
     * Creates a mean over all positions.
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
