package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import java.util.function.UnaryOperator;

/** Applies a function to each element. Keeps the shape. */
public final class ActivationBlock extends Layer {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

    private final String name;
    private final UnaryOperator<NDArray> function;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param name the function's name in {@link #describe}
     * @param function the function; it must not change its input
     */
    public ActivationBlock(Shape input, String name, UnaryOperator<NDArray> function) {
        super(input);
        this.name = name;
        this.function = function;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return function.apply(x);
    }

    /**
     * {@return {@code 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}, the tanh approximation of
     * GELU in GPT-2 (Hendrycks and Gimpel 2016, Section 2)}
     */
    public static NDArray geluTanh(NDArray x) {
        // (1 + tanh(u)) / 2 is sigmoid(2 u), which saves three passes over memory.
        double twice = 2 * SQRT_2_OVER_PI;
        Ops ops = Ops.of(x.getManager());
        NDArray inner = ops.add(ops.mul(x.square(), twice * 0.044715), twice).mul(x);
        return inner.getNDArrayInternal().sigmoid().mul(x);
    }

    /**
     * {@return {@code x tanh(ln(1 + exp(x)))}, Mish (Misra 2019, Equation 1)} DJL's own version
     * takes the logarithm to base 2, and MXNet's softplus is off by 2e-6 below 0.
     */
    public static NDArray mish(NDArray x) {
        // tanh(ln(1 + e)) = n / (n + 2) with n = e (e + 2), which is 1 to 17 digits from e^20 on.
        Ops ops = Ops.of(x.getManager());
        NDArray e = ops.minimum(x, 20).exp();
        NDArray n = ops.add(e, 2).mul(e);
        return x.mul(n.div(ops.add(n, 2)));
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public String describe() {
        return name;
    }
}
