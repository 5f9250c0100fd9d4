package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.Reseedable;

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
public final class ResidualBlock extends Layer implements Reseedable {

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

    private final Layer tapped;
    private final Layer branch;
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
        optionalChild("before", parts.before());
        optionalChild("branch", parts.branch());
        optionalChild("afterBranch", parts.afterBranch());
        optionalChild("scale", parts.scale());
        optionalChild("shortcut", parts.shortcut());
        if (merge instanceof Merge.Gate gate) {
            child("gate", gate.gate());
        }
        optionalChild("after", parts.after());
        // What only the branch needs is dropped together with it.
        Layer none = new IdentityBlock(input);
        boolean tapsInput = tap == Tap.INPUT;
        this.tapped = tapsInput ? none : parts.before();
        this.branch =
                Chain.unowned(
                        tapped.outputShape(),
                        tapsInput ? parts.before() : none,
                        parts.branch(),
                        parts.afterBranch(),
                        parts.scale());
        outputShape(); // fails now if the shapes cannot be merged
    }

    /** {@code (N, C, H, W) -> (N, C', H', W')} or {@code (N, T, C) -> (N, T, C')}. */
    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray u = tapped.forward(pass, x);
        NDArray y = dropPath.forward(pass, u, branch);
        NDArray s = shortcut.forward(pass, u);
        return after.forward(pass, merge.merge(pass, s, y, x));
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape u = tapped.outputShape(in);
        return after.outputShape(merge.outputShape(shortcut.outputShape(u), branch.outputShape(u)));
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
