package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * The one place where a shortcut meets a branch:
 *
 * <pre>
 * y = after(merge(shortcut(tap), dropPath(scale(afterBranch(F(before(x)))))))
 * </pre>
 *
 * <p>ResNets of every activation order, DenseNets, Highway networks and transformers are settings
 * of it (He et al. 2015 and 2016; see the guide "One block").
 */
public final class ResidualBlock extends Layer {

    /** The tensor that the shortcut reads. */
    public enum Tap {
        /** The unit's input. */
        INPUT,
        /**
         * What {@code before} made of it: the projections of ResNet v2 read the pre-activated
         * tensor.
         */
        BEFORE
    }

    /**
     * The parts, each built for the shape of the one before it; identities where a unit has none.
     *
     * @param before runs ahead of the branch
     * @param branch F
     * @param afterBranch runs behind the branch
     * @param scale weighs the branch
     * @param shortcut reads the tap
     * @param after runs behind the merge
     */
    public record Parts(
            Layer before,
            Layer branch,
            Layer afterBranch,
            Layer scale,
            Layer shortcut,
            Layer after) {}

    private final Layer lead;
    private final Layer path;
    private final Layer shortcut;
    private final Layer after;
    private final Merge merge;
    private final DropPath dropPath;

    /**
     * Creates the block.
     *
     * @param input the unit's input shape
     * @param parts its layers
     * @param tap what the shortcut reads
     * @param merge how shortcut and branch become one
     * @param dropPath when the branch is dropped
     */
    public ResidualBlock(Shape input, Parts parts, Tap tap, Merge merge, DropPath dropPath) {
        super(input);
        this.merge = merge;
        this.dropPath = dropPath;
        this.shortcut = parts.shortcut();
        this.after = parts.after();
        own("before", parts.before());
        own("branch", parts.branch());
        own("afterBranch", parts.afterBranch());
        own("scale", parts.scale());
        own("shortcut", parts.shortcut());
        if (merge instanceof Merge.Gate gate) {
            child("gate", gate.gate());
        }
        own("after", parts.after());
        // What only the branch needs is dropped together with it.
        Layer none = new IdentityBlock(input);
        boolean tapsInput = tap == Tap.INPUT;
        this.lead = tapsInput ? none : parts.before();
        this.path =
                Chain.unowned(
                        lead.outputShape(),
                        tapsInput ? parts.before() : none,
                        parts.branch(),
                        parts.afterBranch(),
                        parts.scale());
        outputShape(); // fails now if the shapes cannot be merged
    }

    private void own(String name, Layer layer) {
        if (!(layer instanceof IdentityBlock)) {
            child(name, layer);
        }
    }

    /** {@code (N, C, H, W) -> (N, C', H', W')} or {@code (N, T, C) -> (N, T, C')}. */
    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray u = lead.forward(pass, x);
        NDArray y = dropPath.forward(pass, u, path);
        NDArray s = shortcut.forward(pass, u);
        NDArray m = merge.merge(pass, s, y, x);
        pass.release(y, x, m);
        pass.release(s, x, m);
        pass.release(u, x, m);
        NDArray z = after.forward(pass, m);
        pass.release(m, x, z);
        return z;
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape u = lead.outputShape(in);
        return after.outputShape(merge.outputShape(shortcut.outputShape(u), path.outputShape(u)));
    }

    @Override
    public void reseed(long seed) {
        dropPath.reseed(seed);
    }

    @Override
    public long activations(Shape in) {
        return Shapes.batch(in) * Shapes.sampleSize(outputShape(in));
    }

    @Override
    public String describe() {
        return "Residual";
    }
}
