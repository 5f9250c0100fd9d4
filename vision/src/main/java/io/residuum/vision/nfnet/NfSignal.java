package io.residuum.vision.nfnet;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import io.residuum.vision.resnet.NormFree;

/**
 * The settings that keep the variance of the signal in an {@link NfNet} (Brock et al. 2021,
 * arXiv:2102.06171, Section 2).
 *
 * @param activation the activation: relu, gelu, silu or tanh. Default: relu
 * @param alpha the factor of the branch. Default: 0.2
 * @param skipInit true for a learned factor of the branch that starts at 0, beside alpha; otherwise
 *     the gain of the last convolution starts at 0. Default: false
 * @param gammaInActivation true to multiply activations by gamma, 1 / std(f(z)) for a normal z,
 *     instead of the weights of convolutions. Default: false
 * @param attentionGain the factor of the attention's output. Default: 2
 * @param eps added to the variance of weights. Default: 1e-5
 * @param same true to pad as TensorFlow does, at the bottom and right first. Default: false
 */
@WithBuilder
public record NfSignal(
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.2") double alpha,
        @Default("false") boolean skipInit,
        @Default("false") boolean gammaInActivation,
        @Default("2.0") double attentionGain,
        @Default("1e-5") double eps,
        @Default("false") boolean same)
        implements NfSignalBuilder.With {

    /** The value of the published networks, which is from samples; the exact one is 1.71286. */
    private static final double RELU_GAMMA = 1.7139588594436646;

    static final NfSignal DEFAULT = Defaults.of(NfSignal.class);

    public NfSignal {
        NormFree.gamma(activation);
        Check.positive("alpha", alpha);
        Check.positive("attentionGain", attentionGain);
        Check.positive("eps", eps);
    }

    /** Returns the activation times a factor, and times gamma if activations have it. */
    ActivationSpec activation(double factor) {
        double all = gammaInActivation ? factor * ownGamma() : factor;
        return all == 1 ? activation : new ActivationSpec.Scaled(activation, all);
    }

    /** Returns the gamma of convolutions. */
    double gamma() {
        return gammaInActivation ? 1 : ownGamma();
    }

    private double ownGamma() {
        return activation.equals(ActivationSpec.RELU) ? RELU_GAMMA : NormFree.gamma(activation);
    }

    WeightStandardizedConv2d conv(String name, Conv2d conv, double gain) {
        Padding2d padding = same ? Padding2d.SAME : conv.padding();
        return new WeightStandardizedConv2d(name, conv.withPadding(padding), eps, gamma(), gain);
    }
}
