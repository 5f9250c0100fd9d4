package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.trait.CountsMacs;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer with one weight and perhaps a bias, {@code y = W x + b}, to which low-rank branches can
 * be added: {@code y = W x + b + s B A x} (Hu et al. 2021, arXiv:2106.09685).
 */
public abstract sealed class AffineLayer extends Layer implements CountsMacs
        permits LinearBlock, ConvolutionBlock {
    private final List<LowRankBlock> branches = new ArrayList<>();

    AffineLayer(Shape input) {
        super(input);
    }

    /** {@return the weight, {@code (out, in / groups, ...)}} */
    public abstract Parameter weight();

    abstract @Nullable Parameter bias();

    /** {@return the number of groups of channels that the layer maps separately} */
    public abstract int groups();

    /** Applies the map with the values of its parameters. */
    abstract NDArray map(ForwardPass pass, NDArray x, NDArray weight, @Nullable NDArray bias);

    /** Returns a layer without bias that reads the same input and has {@code rank} outputs. */
    abstract AffineLayer down(int rank, Init init);

    /** Returns a layer without bias from the outputs of {@link #down} to those of this layer. */
    abstract AffineLayer up(Shape input, Init init);

    @Override
    protected final NDArray compute(ForwardPass pass, NDArray x) {
        return apply(pass, x, pass.value(weight()));
    }

    /**
     * {@return the output with another weight, plus the low-rank branches}
     *
     * @param x the input
     * @param other in the shape of {@link #weight}
     */
    public final NDArray apply(ForwardPass pass, NDArray x, NDArray other) {
        NDArray y = map(pass, x, other, pass.valueOrNull(bias()));
        NDArray sum = y;
        for (LowRankBlock branch : branches) {
            sum = sum.add(branch.change(pass, x, y));
        }
        return sum;
    }

    /**
     * Adds a low-rank branch, which does not change the output before it is trained.
     *
     * @param name the name of the branch, a part of its parameters' paths
     * @param settings the rank and the like
     * @throws IllegalArgumentException if the layer cannot have this branch
     */
    public final void addBranch(String name, LowRankBlock.Settings settings) {
        LowRankBlock branch = child(name, new LowRankBlock(this, settings));
        branch.requireExactCounts();
        branches.add(branch);
    }

    /** {@return the low-rank branches, in the order in which they were added} */
    public final List<LowRankBlock> branches() {
        return List.copyOf(branches);
    }
}
