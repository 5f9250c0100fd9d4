package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.EfficientChannelAttentionBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Efficient channel attention (Wang et al. 2020, arXiv:1910.03151): scales each channel by a gate,
 * a convolution over the means of neighbouring channels. Its parameter is {@code conv.weight}.
 *
 * @param kernel the number of neighbouring channels, odd; 0 for the number of Equation 12, which
 *     grows with the logarithm of the channels. Default: 0
 */
@TypeName("efficientChannelAttention")
public record EfficientChannelAttention(@Default("\"\"") String name, @Default("0") int kernel)
        implements LayerSpec {
    public EfficientChannelAttention {
        Check.that(
                kernel == 0 || kernel > 0 && kernel % 2 == 1,
                "kernel must be odd, or 0 for the usual one, got %s",
                kernel);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new EfficientChannelAttentionBlock(
                input, kernel == 0 ? kernel(input.get(1)) : kernel, InitSpec.HE.toInit());
    }

    /** Returns the odd number next to {@code (log2(channels) + 1) / 2}, at least 3. */
    private static int kernel(long channels) {
        int t = (int) ((Math.log(channels) / Math.log(2) + 1) / 2 + 1e-9);
        return Math.max(3, t % 2 == 1 ? t : t + 1);
    }
}
