package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import io.residuum.nn.invert.Inverse;
import io.residuum.nn.invert.Recomputable;
import io.residuum.nn.trait.Reseedable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Joins a shortcut and a branch F. It is the only class of the project that does:
 *
 * <pre>
 * y = after(merge(shortcut(tap), dropPath(scale(afterBranch(F(before(read(x))))))))
 * </pre>
 *
 * <p>x may hold n streams side by side in its channels. Then {@code read} returns one of them or
 * their weighted sum, the shortcut carries all n, and the merge writes to each. Layers that read
 * earlier states of the pass may stand in {@code read} and in the shortcut.
 *
 * <p>In a graph a unit may have a second input. Then {@code before} and the branch read that one,
 * and the shortcut still reads x.
 *
 * <p>ResNets of every activation order, DenseNets, Highway networks and transformers are settings
 * of this equation (He et al. 2015 and 2016). The guide "One block" shows them.
 */
public final class ResidualBlock extends MultiLayer implements Reseedable, Recomputable {

    /** The tensor that the shortcut and the branch share. */
    public enum Tap {
        /** The unit's input. */
        INPUT,
        /** The output of the shortcut, which the branch reads and the merge keeps (AltUp). */
        CARRY,
        /** The output of {@code read}, which the shortcut reads as well. */
        READ,
        /** The output of {@code before}, which the projections of ResNet v2 read. */
        BEFORE
    }

    /**
     * The layers of a unit, in the order of computation. An {@link IdentityBlock} stands for an
     * unused part.
     *
     * @param read the part of the input that the branch reads
     * @param before the norm and activation before the branch
     * @param branch F
     * @param afterBranch the norm and activation after the branch
     * @param scale the factor of the branch
     * @param shortcut reads the tensor that the {@link Tap} selects
     * @param after the norm and activation after the merge
     */
    public record Parts(
            Layer read,
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
    private final Parts parts;
    private final Tap tap;
    private final Merge merge;
    private final DropPath dropPath;

    /**
     * Creates the block.
     *
     * @param inputs the shape of the unit's input, with batch -1; then that of the value which
     *     {@code before} and the branch read instead, if there is one
     * @param parts the layers, each built for the output shape of the layer that it reads
     * @param tap the tensor that the shortcut and the branch share
     * @param merge joins shortcut and branch
     * @param dropPath drops the branch at random in training
     * @throws IllegalArgumentException if shortcut and branch have shapes that cannot be merged
     */
    public ResidualBlock(List<Shape> inputs, Parts parts, Tap tap, Merge merge, DropPath dropPath) {
        super(inputs);
        this.parts = parts;
        this.tap = tap;
        this.merge = merge;
        this.dropPath = dropPath;
        this.after = parts.after();
        optionalChild("read", parts.read());
        optionalChild("before", parts.before());
        optionalChild("branch", parts.branch());
        optionalChild("afterBranch", parts.afterBranch());
        optionalChild("scale", parts.scale());
        optionalChild("shortcut", parts.shortcut());
        merge.layers().forEach(this::child);
        optionalChild("after", parts.after());
        // Drop path skips the complete path, except what the shortcut shares with it.
        Layer[] all = {
            parts.read(), parts.before(), parts.branch(), parts.afterBranch(), parts.scale()
        };
        int ahead =
                switch (tap) {
                    case INPUT, CARRY -> 0;
                    case READ -> 1;
                    case BEFORE -> 2;
                };
        this.lead =
                tap == Tap.CARRY
                        ? parts.shortcut()
                        : Chain.unowned(inputShape(), Arrays.copyOfRange(all, 0, ahead));
        this.shortcut = tap == Tap.CARRY ? new IdentityBlock(lead.outputShape()) : parts.shortcut();
        this.path =
                Chain.unowned(
                        inputs.size() > 1 ? inputs.get(1) : lead.outputShape(),
                        Arrays.copyOfRange(all, ahead, all.length));
        outputShapes(); // fails now if the shapes cannot be merged
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        NDArray x = in.get(0);
        NDArray t = lead.forward(pass, x);
        NDArray u = in.size() > 1 ? in.get(1) : t;
        NDArray y = dropPath.forward(pass, u, path);
        NDArray s = shortcut.forward(pass, t);
        return new NDList(after.forward(pass, merge.merge(pass, s, y, x)));
    }

    /** {@return the layers whose output the merge adds: from {@code before} to {@code scale}} */
    public Layer branch() {
        return path;
    }

    /** {@return the layer beside the branch} */
    public Layer shortcut() {
        return shortcut;
    }

    /** {@return the way in which shortcut and branch are joined} */
    public Merge merge() {
        return merge;
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        Shape t = lead.outputShape(in.get(0));
        Shape u = in.size() > 1 ? in.get(1) : t;
        Shape merged = merge.outputShape(shortcut.outputShape(t), path.outputShape(u));
        return List.of(after.outputShape(merged));
    }

    /** {@return the tensor that the shortcut and the branch share} */
    Tap tap() {
        return tap;
    }

    @Override
    public Optional<Inverse> inverse() {
        return UnitInverse.of(this).or(() -> FixedPointInverse.of(this));
    }

    /** {@return the layers that the constructor got} */
    Parts parts() {
        return parts;
    }

    /** {@return the drop path of the branch} */
    DropPath dropPath() {
        return dropPath;
    }

    @Override
    public void reseed(long seed) {
        dropPath.reseed(seed);
    }

    @Override
    public long activations(Shape in) {
        return Shapes.size(outputShape());
    }
}
