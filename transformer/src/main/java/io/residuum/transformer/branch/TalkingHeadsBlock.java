package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.CountsMacs;

/**
 * A linear map over the heads of scores or weights, {@code (N G, H / G Q, K)}, which keeps the
 * shape (Shazeer et al. 2020, arXiv:2003.02436). A convolution of size 1 with heads as channels
 * needs no transposition.
 */
final class TalkingHeadsBlock extends Layer implements CountsMacs {
    private static final Shape ONE = new Shape(1, 1);
    private static final Shape ZERO = new Shape(0, 0);

    private final int heads;
    private final int groups;
    private final Parameter weight;
    private final Parameter bias;

    /** Creates the block for an input {@code (-1, H / G Q, K)} with H heads in G groups. */
    TalkingHeadsBlock(Shape input, int heads, int groups, Init init) {
        super(input);
        this.heads = heads;
        this.groups = groups;
        this.weight = parameter("weight", Parameter.Type.WEIGHT, init, heads, heads);
        this.bias = parameter("bias", Parameter.Type.BIAS, Init.ZEROS, heads);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        long rows = s.get(1);
        NDArray image = x.reshape(-1, heads, rows * groups / heads, s.get(2));
        NDArray filters = pass.value(weight).reshape(heads, heads, 1, 1);
        filters.attach(pass.manager());
        NDArray mixed =
                image.getNDArrayInternal()
                        .convolution(image, filters, pass.value(bias), ONE, ZERO, ONE, 1)
                        .head();
        return mixed.reshape(-1, rows, s.get(2));
    }

    @Override
    public long macs(Shape in) {
        return Shapes.product(groups, heads, Shapes.sampleSize(in));
    }

    @Override
    public long activations(Shape in) {
        return Shapes.product(groups, Shapes.sampleSize(in));
    }

    @Override
    public String describe() {
        return "TalkingHeads(" + heads + ")";
    }
}
