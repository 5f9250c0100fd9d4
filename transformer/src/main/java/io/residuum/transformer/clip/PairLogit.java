package io.residuum.transformer.clip;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * The logit of each pair of embeddings, two times {@code (N, C)} to {@code (N, 1)}: {@code
 * exp(scale) <a, b> + bias} (Radford et al. 2021, arXiv:2103.00020, Section 2.3; with a bias Zhai
 * et al. 2023, arXiv:2303.15343, Section 3.2).
 *
 * <p>Parameters: {@code scale} {@code (1)}, {@code bias} {@code (1)}.
 *
 * @param scale initial logarithm of the factor. Default: ln(1 / 0.07)
 * @param bias true if there is a bias. Default: false
 * @param biasInit initial bias. Default: 0
 */
@TypeName("pairLogit")
public record PairLogit(
        @Default("\"\"") String name,
        @Default("2.6592") double scale,
        @Default("false") boolean bias,
        @Default("0.0") double biasInit)
        implements SeveralInputs {
    public PairLogit {
        Check.finite("scale", scale);
        Check.finite("biasInit", biasInit);
        Check.that(bias || biasInit == 0, "biasInit needs a bias, got %s without one", biasInit);
    }

    /**
     * {@return a logit without a bias, as in CLIP}
     *
     * @param scale the initial logarithm of the factor
     */
    public static PairLogit of(double scale) {
        return new PairLogit("", scale, false, 0);
    }

    /**
     * {@return a logit with a bias, from the values of SigLIP: a factor of 10 and a bias of -10}
     */
    public static PairLogit withBias() {
        return new PairLogit("", Math.log(10), true, -10);
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        Check.that(
                inputs.size() == 2 && inputs.get(0).equals(inputs.get(1)),
                "a pairLogit must read two embeddings of equal shapes, got %s",
                inputs);
        return new PairLogitBlock(inputs, scale, bias, biasInit);
    }
}
