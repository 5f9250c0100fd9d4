package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.Layer;

/**
 * Dropout (Srivastava et al. 2014): in training zeroes elements and divides the rest by the rate
 * kept.
 *
 * @param name its name. Default: empty
 * @param rate the share of elements dropped, in [0, 1). Default: 0.5
 */
@TypeName("dropout")
@Doc("Dropout: Srivastava et al. 2014.")
public record Dropout(@Default("\"\"") String name, @Default("0.5") double rate)
        implements LayerSpec {
    /** Checks the parts. */
    public Dropout {
        Check.rate("rate", rate);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new DropoutBlock(input, rate);
    }
}
