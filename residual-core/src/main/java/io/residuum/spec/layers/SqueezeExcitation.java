package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.SqueezeExcitationBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Squeeze and excitation (Hu et al. 2018): scales each channel by a gate computed from the means of
 * all channels. Parameters are below {@code reduce} and {@code expand}.
 *
 * @param name its name. Default: empty
 * @param reduction the hidden width is channels / reduction, rounded to a multiple of 8 as in timm,
 *     at least 8. Default: 16
 * @param init the initial weights of both linear maps. Default: He et al. 2015, normal, fan-in
 */
@TypeName("squeezeExcitation")
@Doc("Squeeze and excitation: Hu et al. 2018.")
public record SqueezeExcitation(
        @Default("\"\"") String name,
        @Default("16") int reduction,
        @Default("{\"type\": \"heNormal\", \"fan\": \"in\"}") InitSpec init)
        implements LayerSpec {
    public SqueezeExcitation {
        Check.positive("reduction", reduction);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new SqueezeExcitationBlock(input, width(input.get(1)), init.toInit());
    }

    private int width(long channels) {
        double exact = (double) channels / reduction;
        int rounded = Math.max(8, (int) (exact + 4) / 8 * 8);
        // Rounding down must not remove more than a tenth.
        return rounded < 0.9 * exact ? rounded + 8 : rounded;
    }
}
