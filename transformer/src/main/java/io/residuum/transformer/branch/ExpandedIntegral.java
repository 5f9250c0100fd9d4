package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.HasConstants;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.ActivationSpec;
import java.util.Map;

/**
 * xIELU, {@code a x^2 + x / 2} for positive x and {@code b (exp(x) - 1 - x) + x / 2} for others
 * (Huang and Schlag 2024, arXiv:2411.13010, Section 3). Learned numbers are {@code alphaPositive}
 * and {@code alphaNegative}: a is softplus(alphaPositive), and b is 1/2 + softplus(alphaNegative).
 * Both a and b are 0.8 at the start.
 */
@TypeName("xielu")
public record ExpandedIntegral() implements ActivationSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new ExpandedIntegralBlock(input);
    }

    /** Applies {@link ExpandedIntegral}. Keeps the shape. */
    private static final class ExpandedIntegralBlock extends Layer implements HasConstants {
        private static final double BETA = 0.5;
        private static final double START = 0.8;

        /** The smallest exponent of transformers' code, which it stores. */
        private static final double EPS = -1e-6;

        private final Parameter positive;
        private final Parameter negative;

        /** Creates the block for any shape. */
        ExpandedIntegralBlock(Shape input) {
            super(input);
            positive = number("alphaPositive", START);
            negative = number("alphaNegative", START - BETA);
        }

        /** {@return a number whose softplus is a value at the start} */
        private Parameter number(String name, double value) {
            Init init = Init.constant((float) Math.log(Math.expm1(value)));
            return parameter(name, Parameter.Type.OTHER, init, 1);
        }

        @Override
        public Map<String, Constant> constants() {
            return Map.of("beta", number(BETA), "eps", number(EPS));
        }

        private static Constant number(double value) {
            return new Constant(new Shape(), false, () -> new float[] {(float) value});
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Ops ops = pass.ops();
            NDArray squares = x.getNDArrayInternal().relu().square();
            // exp(x) - 1 - x for negative numbers, 0 for others.
            NDArray bends = x.getNDArrayInternal().elu(1).sub(x);
            NDArray half = ops.mul(x, BETA);
            NDArray curved = bends.mul(ops.add(softplus(x, pass.value(negative)), BETA));
            return squares.mul(softplus(x, pass.value(positive))).add(curved).add(half);
        }

        /** {@return the softplus of a parameter, which belongs to the manager of x} */
        private static NDArray softplus(NDArray x, NDArray parameter) {
            NDArray own = parameter.reshape(1);
            own.attach(x.getManager());
            return ActivationBlock.softplus(own);
        }

        @Override
        public String describe() {
            return "xIELU";
        }
    }
}
