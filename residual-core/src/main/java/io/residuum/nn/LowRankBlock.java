package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank branch of a layer with weight W. LoRA adds {@code s B A x} (Hu et al. 2021,
 * arXiv:2106.09685, Equation 3). DoRA also gives each row of {@code W + s B A} a learned length
 * (Liu et al. 2024, arXiv:2402.09353, Equation 5); the gradient of the norm is exact. B begins at 0
 * and the lengths at those of W, so that the layer's output begins unchanged.
 */
public final class LowRankBlock extends Layer {
    /** The standard deviation of A is that of a linear layer in PyTorch, whatever the rank. */
    private static final Init DOWN = Init.fanUniform(Init.Fan.IN, 1 / Math.sqrt(3));

    /** Added to squared lengths, so that the length of a row of zeros can be divided by. */
    public static final double TINY = 1e-30;

    private final AffineLayer around;
    private final Settings settings;
    private final AffineLayer down;
    private final AffineLayer up;
    private final @Nullable Parameter magnitude;

    /**
     * Settings of a branch.
     *
     * @param rank the number of outputs of A
     * @param scale the factor s
     * @param dropout the rate of dropout before A
     * @param decomposed true for DoRA
     */
    public record Settings(int rank, double scale, double dropout, boolean decomposed) {}

    LowRankBlock(AffineLayer around, Settings settings) {
        super(around.inputShape());
        int groups = around.groups();
        if (settings.rank % groups != 0) {
            throw new IllegalArgumentException(
                    "the rank must be a multiple of the %d groups, got %d"
                            .formatted(groups, settings.rank));
        }
        this.around = around;
        this.settings = settings;
        this.down = child("A", around.down(settings.rank, DOWN));
        this.up = child("B", around.up(down.outputShape(), Init.ZEROS));
        this.magnitude = settings.decomposed ? magnitude() : null;
    }

    private Parameter magnitude() {
        long units = around.weight().getShape().get(0);
        Parameter p = parameter("magnitude", Parameter.Type.OTHER, Init.ONES, units);
        // The layer's own parameters are initialized before those of its children.
        p.setInitializer((manager, shape, type) -> lengthsOfWeight(manager, type));
        return p;
    }

    private NDArray lengthsOfWeight(NDManager manager, DataType type) {
        try (NDManager scratch = manager.newSubManager();
                Ops.Pause pause = Ops.of(manager).pauseRecording()) {
            NDArray weight = around.weight().getArray();
            NDArray lengths = lengths(view(weight, scratch, weight.getShape().getShape()));
            NDArray own = lengths.toType(type, true);
            own.attach(manager);
            return own;
        }
    }

    /** {@return A, whose weight is {@code (rank, in / groups, ...)}} */
    public AffineLayer down() {
        return down;
    }

    /** {@return B, whose weight is {@code (out, rank / groups, ...)}} */
    public AffineLayer up() {
        return up;
    }

    /** {@return the lengths of the rows, {@code (out)}, for DoRA; null for LoRA} */
    public @Nullable Parameter lengths() {
        return magnitude;
    }

    /** {@return the settings} */
    public Settings settings() {
        return settings;
    }

    /** Returns what the branch adds to the output y of its layer. */
    NDArray change(ForwardPass pass, NDArray x, NDArray y) {
        NDArray low = forward(pass, x);
        if (magnitude == null) {
            return low;
        }
        NDArray gain = gain(pass, x, magnitude);
        Parameter bias = around.bias();
        NDArray product = bias == null ? y : y.sub(pass.channelwise(bias, y));
        // In this form a gain of 1 changes no bit of y.
        return product.mul(pass.ops().add(gain, -1)).add(low.mul(gain));
    }

    /** Computes {@code s B A dropout(x)}. */
    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray low = down.forward(pass, pass.dropout(x, settings.dropout));
        return pass.ops().mul(up.forward(pass, low), settings.scale);
    }

    /** Returns the learned length of each row over its length, shaped to broadcast over outputs. */
    private NDArray gain(ForwardPass pass, NDArray x, Parameter learned) {
        NDManager manager = x.getManager();
        long[] shape = around.weight().getShape().getShape();
        int groups = around.groups();
        NDArray b = view(pass.value(up.weight()), manager, groups, -1, settings.rank / groups);
        NDArray a = view(pass.value(down.weight()), manager, groups, settings.rank / groups, -1);
        NDArray change = pass.ops().mul(b.matMul(a).reshape(shape), settings.scale);
        NDArray lengths = lengths(change.add(pass.value(around.weight())));
        NDArray gain = view(pass.value(learned), manager, -1).div(lengths);
        return Shapes.isSpatial(inputShape())
                ? gain.reshape(Shapes.onAxis1(gain.size(), inputShape().dimension()))
                : gain;
    }

    /** Returns the lengths of the rows of a weight. */
    private static NDArray lengths(NDArray weight) {
        int[] others = IntStream.range(1, weight.getShape().dimension()).toArray();
        return Ops.of(weight.getManager()).add(weight.square().sum(others), TINY).sqrt();
    }

    /** Returns a reshaped array of another manager, so that results belong to the pass. */
    private static NDArray view(NDArray array, NDManager manager, long... shape) {
        NDArray view = array.reshape(shape);
        view.attach(manager);
        return view;
    }

    @Override
    public Shape outputShape(Shape in) {
        return around.outputShape(in);
    }

    @Override
    public String describe() {
        return "%s(rank %d, scale %s)"
                .formatted(settings.decomposed ? "DoRA" : "LoRA", settings.rank, settings.scale);
    }
}
