package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * A convolution that standardizes the weight of each filter to mean 0 and variance 1 (Qiao et al.
 * 2019, arXiv:1903.10520). Its parameters are those of the convolution, and {@code gain} with a
 * gamma.
 *
 * @param conv the convolution, without a name
 * @param eps added to the variance of the weight. Default: 1e-6
 * @param gamma for scaled standardization, the factor of the standardized weight beside {@code 1 /
 *     sqrt(fan in)} and a learned gain per filter: 1 / std(f(z)) of the activation f before the
 *     convolution for a normal z, 1.7139588594436646 for ReLU (Brock et al. 2021, arXiv:2101.08692,
 *     Section 4.3). 0 for none. Default: 0
 * @param gain the initial gain; 0 for a branch that starts at 0. Default: 1
 */
@TypeName("weightStandardizedConv2d")
public record WeightStandardizedConv2d(
        @Default("\"\"") String name,
        Conv2d conv,
        @Default("1e-6") double eps,
        @Default("0.0") double gamma,
        @Default("1.0") double gain)
        implements LayerSpec {
    public WeightStandardizedConv2d {
        Check.that(
                conv.name().isEmpty(),
                "conv must have no name, got \"%s\"; name the layer around it",
                conv.name());
        Check.positive("eps", eps);
        Check.notNegative("gamma", gamma);
        Check.finite("gain", gain);
        Check.that(gain == 1 || gamma > 0, "gain must be 1 without gamma, got %s", gain);
    }

    /**
     * Creates a convolution without scaled standardization.
     *
     * @param name its name; may be empty
     * @param conv the convolution, without a name
     * @param eps added to the variance of the weight
     */
    public WeightStandardizedConv2d(String name, Conv2d conv, double eps) {
        this(name, conv, eps, 0);
    }

    /**
     * Creates a convolution whose gain starts at 1.
     *
     * @param name its name; may be empty
     * @param conv the convolution, without a name
     * @param eps added to the variance of the weight
     * @param gamma the factor of scaled standardization; 0 for none
     */
    public WeightStandardizedConv2d(String name, Conv2d conv, double eps, double gamma) {
        this(name, conv, eps, gamma, 1);
    }

    @Override
    public Layer newBlock(Shape input) {
        return conv.newBlock(
                input,
                Init.ZEROS,
                new ConvolutionBlock.Standardization(eps, gamma, Init.constant((float) gain)));
    }
}
