package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.RandomFactors;
import io.residuum.nn.trait.Reseedable;
import java.util.List;

/**
 * Multiplies by random numbers that differ in the forward and the backward pass (ShakeDrop, Yamada
 * et al. 2019, arXiv:1802.02375). Keeps the shape.
 */
final class ShakeDropBlock extends Layer implements Reseedable {
    private final ScaleSpec.ShakeDrop settings;
    private final boolean perSample;
    private final RandomFactors kept = new RandomFactors();
    private final RandomFactors alpha = new RandomFactors();
    private final RandomFactors beta = new RandomFactors();

    ShakeDropBlock(Shape input, ScaleSpec.ShakeDrop settings) {
        super(input);
        this.settings = settings;
        this.perSample = settings.mode() == DropPath.Mode.SAMPLE;
    }

    @Override
    public void reseed(long seed) {
        kept.reseed(seed);
        alpha.reseed(seed + 1);
        beta.reseed(seed + 2);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        double rate = settings.rate();
        if (!pass.training()) {
            List<Double> range = settings.alpha();
            double mean = (range.get(0) + range.get(1)) / 2;
            return pass.ops().mul(x, 1 - rate + rate * mean);
        }
        if (!pass.dropsOut() || rate == 0) {
            return x;
        }
        NDArray keep = kept.draw(pass, x, perSample, u -> u < rate ? 0 : 1);
        NDArray forward = alpha.draw(pass, x, perSample, within(settings.alpha()));
        NDArray backward = beta.draw(pass, x, perSample, within(settings.beta()));
        return RandomFactors.multiply(
                pass,
                x,
                unlessKept(pass.ops(), keep, forward),
                unlessKept(pass.ops(), keep, backward));
    }

    private static RandomFactors.Map within(List<Double> range) {
        return u -> range.get(0) + u * (range.get(1) - range.get(0));
    }

    /** Returns {@code keep + (1 - keep) factor}. */
    private static NDArray unlessKept(Ops ops, NDArray keep, NDArray factor) {
        return factor.add(keep.mul(ops.add(factor.neg(), 1)));
    }

    @Override
    public String describe() {
        return "ShakeDrop(" + settings.rate() + ")";
    }
}
