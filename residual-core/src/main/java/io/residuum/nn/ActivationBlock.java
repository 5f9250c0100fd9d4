package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import java.util.function.UnaryOperator;

/** Applies a function to each element, or softmax along an axis. Keeps the shape. */
public final class ActivationBlock extends Layer {
    private static final String TIMES = "Times(";
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double SELU_ALPHA = 1.6732632423543772;
    private static final double SELU_SCALE = 1.0507009873554805;

    /** The slope of SELU just below 0. */
    public static final double SELU_LIPSCHITZ = SELU_ALPHA * SELU_SCALE;

    private final String name;
    private final UnaryOperator<NDArray> function;
    private final double lipschitz;

    /**
     * Creates the block of a function without a known Lipschitz constant.
     *
     * @param input any shape
     * @param name the function's name in {@link #describe}
     * @param function the function; it must not change its input
     */
    public ActivationBlock(Shape input, String name, UnaryOperator<NDArray> function) {
        this(input, name, Double.POSITIVE_INFINITY, function);
    }

    /**
     * Creates the block of a function with bounded slopes.
     *
     * @param input any shape
     * @param name the function's name in {@link #describe}
     * @param lipschitz a Lipschitz constant: the largest slope, or more
     * @param function the function; it must not change its input
     */
    public ActivationBlock(
            Shape input, String name, double lipschitz, UnaryOperator<NDArray> function) {
        super(input);
        Shapes.requireFloats("activation " + name, input);
        this.name = name;
        this.lipschitz = lipschitz;
        this.function = function;
    }

    /**
     * {@return a layer that multiplies by a constant}
     *
     * @param input any shape
     * @param factor the constant
     */
    public static ActivationBlock times(Shape input, double factor) {
        return new ActivationBlock(
                input,
                TIMES + factor + ")",
                Math.abs(factor),
                x -> Ops.of(x.getManager()).mul(x, factor));
    }

    /** {@return a Lipschitz constant of the function; infinity if none is known} */
    public double lipschitz() {
        return lipschitz;
    }

    /** {@return true if the function is a constant factor} */
    public boolean isFactor() {
        return name.startsWith(TIMES);
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

    /** {@return {@code min(max(x, 0), 6)}, ReLU6 (Krizhevsky 2010)} */
    public static NDArray relu6(NDArray x) {
        return Ops.of(x.getManager()).minimum(x.getNDArrayInternal().relu(), 6);
    }

    /** {@return {@code relu6(x + 3) / 6} (Howard et al. 2019, arXiv:1905.02244, Section 5.2)} */
    public static NDArray hardSigmoid(NDArray x) {
        Ops ops = Ops.of(x.getManager());
        return ops.div(relu6(ops.add(x, 3)), 6);
    }

    /** {@return {@code x sigmoid(1.702 x)} (Hendrycks and Gimpel 2016, Section 2), as in CLIP} */
    public static NDArray quickGelu(NDArray x) {
        NDArray inner = Ops.of(x.getManager()).mul(x, 1.702);
        return inner.getNDArrayInternal().sigmoid().mul(x);
    }

    /** {@return the self-normalizing ELU (Klambauer et al. 2017, arXiv:1706.02515)} */
    public static NDArray selu(NDArray x) {
        NDArray elu = x.getNDArrayInternal().elu((float) SELU_ALPHA);
        return Ops.of(x.getManager()).mul(elu, SELU_SCALE);
    }

    /**
     * {@return {@code ln(1 + exp(x))}, softplus (Dugas et al. 2001)} MXNet's own version is off by
     * 2e-6 below 0.
     */
    public static NDArray softplus(NDArray x) {
        // max(x, 0) + ln(1 + exp(-|x|)), which cannot overflow, with |x| = 2 max(x, 0) - x.
        Ops ops = Ops.of(x.getManager());
        NDArray positive = x.getNDArrayInternal().relu();
        NDArray decay = x.sub(ops.mul(positive, 2)).exp();
        return positive.add(ops.add(decay, 1).log());
    }

    @Override
    public String describe() {
        return name;
    }
}
