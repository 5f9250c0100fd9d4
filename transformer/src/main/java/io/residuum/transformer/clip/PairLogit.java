package io.residuum.transformer.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** The logit of each pair of embeddings, {@code exp(scale) <a, b> + bias}. */
    private static final class PairLogitBlock extends MultiLayer {
        private final Parameter scale;
        private final @Nullable Parameter bias;

        PairLogitBlock(List<Shape> inputs, double scale, boolean withBias, double bias) {
            super(inputs);
            this.scale = parameter("scale", Parameter.Type.OTHER, Init.constant((float) scale), 1);
            this.bias =
                    withBias
                            ? parameter(
                                    "bias", Parameter.Type.OTHER, Init.constant((float) bias), 1)
                            : null;
        }

        @Override
        protected NDList computeAll(ForwardPass pass, NDList in) {
            NDArray product = in.get(0).mul(in.get(1)).sum(new int[] {1}, true);
            NDArray factor = pass.value(scale).exp();
            factor.attach(pass.manager());
            NDArray logit = product.mul(factor);
            return new NDList(bias == null ? logit : logit.add(pass.value(bias)));
        }

        @Override
        public List<Shape> outputShapes(List<Shape> in) {
            return List.of(new Shape(in.get(0).get(0), 1));
        }

        @Override
        public String describe() {
            return bias == null ? "PairLogit" : "PairLogit(bias)";
        }
    }
}
