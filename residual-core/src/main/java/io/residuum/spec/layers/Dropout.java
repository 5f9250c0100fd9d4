package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Dropout (Srivastava et al. 2014). In training it zeroes random elements and divides the others by
 * {@code 1 - rate}.
 *
 * @param rate the probability of dropping an element, in [0, 1). Default: 0.5
 */
@TypeName("dropout")
public record Dropout(@Default("\"\"") String name, @Default("0.5") double rate)
        implements LayerSpec {
    public Dropout {
        Check.rate("rate", rate);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new DropoutBlock(input, rate);
    }
}
