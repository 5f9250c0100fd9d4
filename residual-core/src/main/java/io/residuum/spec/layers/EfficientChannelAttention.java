package io.residuum.spec.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.Shapes;
import io.residuum.nn.pool.GlobalPoolBlock;
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

    /**
     * Efficient channel attention (Wang et al. 2020, arXiv:1910.03151, Section 3.3): scales each
     * channel by a gate, a convolution over the means of neighbouring channels. Keeps the shape.
     */
    private static final class EfficientChannelAttentionBlock extends Layer {
        private static final Shape ONE = new Shape(1);

        private final int kernel;
        private final Layer pool;
        private final Layer conv;

        EfficientChannelAttentionBlock(Shape input, int kernel, Init init) {
            super(input);
            requireRank("efficient channel attention", input, 4);
            this.kernel = kernel;
            pool = new GlobalPoolBlock(input, false);
            // The channels are the positions of a sequence of width 1.
            ConvolutionBlock.Geometry geometry =
                    new ConvolutionBlock.Geometry(
                            1,
                            new Shape(kernel),
                            ONE,
                            Padding.both(new Shape((kernel - 1) / 2)),
                            ONE,
                            1);
            Shape sequence = new Shape(input.get(0), input.get(1), 1);
            conv = child("conv", new ConvolutionBlock(sequence, geometry, false, init, Init.ZEROS));
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            long channels = x.getShape().get(1);
            NDArray mean = pool.forward(pass, x).reshape(-1, channels, 1);
            NDArray gate = conv.forward(pass, mean).getNDArrayInternal().sigmoid();
            return x.mul(gate.reshape(-1, channels, 1, 1));
        }

        @Override
        public long activations(Shape in) {
            return Shapes.size(in);
        }

        @Override
        public String describe() {
            return "EfficientChannelAttention(" + kernel + ")";
        }
    }
}
