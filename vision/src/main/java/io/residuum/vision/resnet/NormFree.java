package io.residuum.vision.resnet;

import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.WeightStandardizedConv2d;

/**
 * Units without norms, {@code x + alpha F(x / beta)} (Brock et al. 2021, arXiv:2101.08692, Section
 * 3). Convolutions with scaled weight standardization keep the variance of the signal in F. Beta is
 * the standard deviation that x has at the start: the variance is 1 after a unit's projection, and
 * each unit adds alpha squared.
 *
 * @param alpha the factor of the branch. Default: 0.2
 * @param skipInit true for a learned factor that starts at 0 instead of alpha (De and Smith 2020,
 *     arXiv:2002.10444, Section 4). Default: false
 */
public record NormFree(@Default("0.2") double alpha, @Default("false") boolean skipInit) {
    /** Added to the variance of weights. */
    static final double EPS = 1e-6;

    public NormFree {
        Check.positive("alpha", alpha);
    }

    ScaleSpec scale() {
        return skipInit ? new ScaleSpec.Learned(0, false) : new ScaleSpec.Constant(alpha);
    }

    static NormSpec divide(double variance) {
        return variance == 1 ? NormSpec.NONE : new NormSpec.Expected(Math.sqrt(variance));
    }

    /** Returns the variance of a unit's output for that of its input. */
    double variance(double input, boolean projects) {
        return (projects ? 1 : input) + alpha * alpha;
    }

    static ShortcutSpec projection(ActivationSpec before) {
        return new ShortcutSpec.StandardizedProjection(gamma(before), EPS);
    }

    /** Returns a convolution that keeps the variance of what was normal before the activation. */
    static LayerSpec convolution(Conv2d conv, ActivationSpec before) {
        Conv2d unnamed = conv.with().name("").bias(true).build();
        return new WeightStandardizedConv2d(conv.name(), unnamed, EPS, gamma(before));
    }

    /**
     * {@return {@code 1 / std(f(z))} for a normal z}
     *
     * @param f the function: relu, gelu, silu, tanh or none
     */
    public static double gamma(ActivationSpec f) {
        if (f instanceof ActivationSpec.None) {
            return 1;
        }
        if (f instanceof ActivationSpec.Relu) {
            return Math.sqrt(2 / (1 - 1 / Math.PI));
        }
        if (f instanceof ActivationSpec.Gelu) {
            return 1.7015043497085571;
        }
        if (f instanceof ActivationSpec.Silu) {
            return 1.7881293296813965;
        }
        if (f instanceof ActivationSpec.Tanh) {
            return 1.5939117670059204;
        }
        throw new SpecException(
                "activation must be relu, gelu, silu or tanh with normFree, got " + f);
    }
}
