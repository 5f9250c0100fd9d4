package io.residuum.spec.layers.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.pool.GlobalPoolBlock;

/**
 * Scales each channel, and then each position, by a gate from means and maxima (Woo et al. 2018,
 * arXiv:1807.06521, Section 3). Keeps the shape.
 */
final class CbamBlock extends Layer {
    private static final int[] CHANNELS = {1};

    private final boolean light;
    private final Layer mean;
    private final Layer maximum;
    private final Layer channel;
    private final Layer spatial;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param channel the map of a mean or maximum, {@code (N, C) -> (N, C)}
     * @param spatial the map of means and maxima, {@code (N, 2, H, W) -> (N, 1, H, W)}; of one
     *     channel if light
     * @param light true for half of the mean and half of the maximum, instead of both
     */
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
