package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.InSequence;
import io.residuum.nn.Layer;
import io.residuum.nn.invert.Inverse;
import io.residuum.nn.norm.SpectralNormBlock;
import io.residuum.residual.ResidualBlock.Parts;
import io.residuum.residual.ResidualBlock.Tap;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Inverts a unit {@code y = a x + b F(x)} with a Lipschitz constant of F below {@code |a / b|}, by
 * the iteration {@code x = (y - b F(x)) / a} (i-ResNet, Behrmann et al. 2019, arXiv:1811.00995,
 * Algorithm 1). Spectral norms bound the layers of F.
 */
final class FixedPointInverse implements Inverse {
    private static final double TOLERANCE = 2e-7;

    private final Layer branch;
    private final Merge.Add merge;
    private final double contraction;
    private final int iterations;

    private FixedPointInverse(Layer branch, Merge.Add merge, double contraction) {
        this.branch = branch;
        this.merge = merge;
        this.contraction = contraction;
        this.iterations = (int) Math.ceil(Math.log(TOLERANCE) / Math.log(contraction) + 1);
    }

    static Optional<Inverse> of(ResidualBlock unit) {
        Parts parts = unit.parts();
        if (unit.inputShapes().size() > 1
                || unit.tap() != Tap.INPUT
                || !(parts.read() instanceof IdentityBlock)
                || !(parts.shortcut() instanceof IdentityBlock)
                || !(parts.after() instanceof IdentityBlock)
                || !(unit.merge() instanceof Merge.Add merge)
                || !unit.dropPath().isNone()
                || merge.shortcut() == 0) {
            return Optional.empty();
        }
        double weight = Math.abs(merge.branch() / merge.shortcut());
        OptionalDouble lipschitz = lipschitz(unit.branch());
        return lipschitz.isPresent() && weight * lipschitz.getAsDouble() < 1
                ? Optional.of(
                        new FixedPointInverse(
                                unit.branch(), merge, weight * lipschitz.getAsDouble()))
                : Optional.empty();
    }

    /** Returns a Lipschitz constant of layers; empty if their settings tell none. */
    private static OptionalDouble lipschitz(Layer layer) {
        if (layer instanceof SpectralNormBlock bounded) {
            return bounded.lipschitz();
        }
        if (layer instanceof IdentityBlock) {
            return OptionalDouble.of(1);
        }
        if (layer instanceof ActivationBlock function) {
            return Double.isFinite(function.lipschitz())
                    ? OptionalDouble.of(function.lipschitz())
                    : OptionalDouble.empty();
        }
        if (!(layer instanceof InSequence several) || several.sequence().isEmpty()) {
            return OptionalDouble.empty();
        }
        double product = 1;
        for (Layer inner : several.sequence()) {
            OptionalDouble constant = lipschitz(inner);
            if (constant.isEmpty()) {
                return constant;
            }
            product *= constant.getAsDouble();
        }
        return OptionalDouble.of(product);
    }

    /**
     * {@inheritDoc} The worst case is {@code 1 / (1 - q)} with the contraction q. Random branches
     * have about {@code 1 + q / 3}.
     */
    @Override
    public double gain() {
        return 1 + contraction / 3;
    }

    @Override
    public NDArray branchInput(ForwardPass pass, NDArray y) {
        NDManager manager = y.getManager();
        NDArray x = y.duplicate();
        x.attach(manager);
        for (int i = 0; i < iterations; i++) {
            NDArray next;
            boolean ends;
            try (NDManager scratch = manager.newSubManager()) {
                NDArray read = x.reshape(x.getShape());
                read.attach(scratch);
                next = input(pass, y, branch(pass, read));
                NDArray change = next.sub(x).abs().max();
                NDArray size = next.abs().max();
                change.attach(scratch);
                size.attach(scratch);
                ends = number(change) <= TOLERANCE * number(size);
                next.attach(manager);
            }
            x.close();
            x = next;
            if (ends) {
                break;
            }
        }
        return x;
    }

    private static double number(NDArray scalar) {
        return scalar.toType(DataType.FLOAT64, false).getDouble();
    }

    @Override
    public NDArray branch(ForwardPass pass, NDArray u) {
        return pass.ops().mul(branch.forward(pass, u), merge.branch());
    }

    @Override
    public NDArray input(ForwardPass pass, NDArray y, NDArray branched) {
        return pass.ops().div(y.sub(branched), merge.shortcut());
    }

    @Override
    public NDArray inputGradient(ForwardPass pass, NDArray dy, NDArray du) {
        return pass.ops().mul(dy, merge.shortcut()).add(du);
    }
}
