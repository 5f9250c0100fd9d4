package io.residuum.spec.layers.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.pool.GlobalPoolBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;

/**
 * Channel attention and then spatial attention, each from means and maxima (Woo et al. 2018,
 * arXiv:1807.06521, CBAM). Parameters are below {@code channel} ({@code reduce}, {@code expand})
 * and {@code spatial} ({@code conv}, {@code norm}).
 *
 * @param reduction the hidden width of the channel attention is channels / reduction. Default: 16
 * @param kernel the window of the spatial attention, odd. Default: 7
 * @param light true for one mean of means and maxima, instead of both (timm's light CBAM). Default:
 *     false
 */
@TypeName("cbam")
public record Cbam(
        @Default("\"\"") String name,
        @Default("16") int reduction,
        @Default("7") int kernel,
        @Default("false") boolean light)
        implements LayerSpec {
    public Cbam {
        Check.positive("reduction", reduction);
        Check.odd("kernel", kernel);
    }

    @Override
    public Layer newBlock(Shape input) {
        int channels = Math.toIntExact(Shapes.channels(input));
        int hidden = Shapes.divisible((double) channels / reduction, 1, 0);
        InitSpec init = new InitSpec.XavierUniform();
        Sequential channel =
                new Sequential(
                        "",
                        new Linear("reduce", hidden, false, init),
                        new Activation("activation", ActivationSpec.RELU),
                        new Linear("expand", channels, false, init));
        Sequential spatial =
                new Sequential(
                        "",
                        Conv2d.of(1, kernel).withName("conv").withBias(false),
                        new Normalization("norm", NormSpec.BATCH));
        Shape maps = new Shape(input.get(0), light ? 1 : 2, input.get(2), input.get(3));
        return new CbamBlock(
                input,
                channel.newBlock(new Shape(input.get(0), channels)),
                spatial.newBlock(maps),
                light);
    }

    /**
     * Scales each channel, and then each position, by a gate from means and maxima (Woo et al.
     * 2018, arXiv:1807.06521, Section 3). Keeps the shape.
     */
    private static final class CbamBlock extends Layer {
        private static final int[] CHANNELS = {1};

        private final boolean light;
        private final Layer mean;
        private final Layer maximum;
        private final Layer channel;
        private final Layer spatial;

        CbamBlock(Shape input, Layer channel, Layer spatial, boolean light) {
            super(input);
            requireRank("CBAM", input, 4);
            this.light = light;
            mean = new GlobalPoolBlock(input, false);
            maximum = new GlobalPoolBlock(input, true);
            this.channel = child("channel", channel);
            this.spatial = child("spatial", spatial);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray y = x.mul(sigmoid(channels(pass, x)).reshape(-1, x.getShape().get(1), 1, 1));
            NDArray means = y.mean(CHANNELS, true);
            NDArray maxima = y.max(CHANNELS, true);
            NDArray maps =
                    light
                            ? half(pass, means, maxima)
                            : NDArrays.concat(new NDList(means, maxima), CHANNELS[0]);
            return y.mul(sigmoid(spatial.forward(pass, maps)));
        }

        private NDArray channels(ForwardPass pass, NDArray x) {
            NDArray means = mean.forward(pass, x);
            NDArray maxima = maximum.forward(pass, x);
            return light
                    ? channel.forward(pass, half(pass, means, maxima))
                    : pass.ops().add(channel.forward(pass, means), channel.forward(pass, maxima));
        }

        private static NDArray half(ForwardPass pass, NDArray a, NDArray b) {
            return pass.ops().mul(pass.ops().add(a, b), 0.5);
        }

        private static NDArray sigmoid(NDArray x) {
            return x.getNDArrayInternal().sigmoid();
        }

        @Override
        public long activations(Shape in) {
            return Shapes.product(2, Shapes.size(in));
        }

        @Override
        public String describe() {
            return light ? "Cbam(light)" : "Cbam";
        }
    }
}
