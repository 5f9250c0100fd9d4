package io.residuum.graph;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a {@link Node} computes from its inputs. Every operation has one output; its shape and type
 * are the node's. Operands broadcast as in NumPy.
 */
public sealed interface Operation {

    /**
     * An input of the network.
     *
     * @param name {@code data}, or the name of a rider
     */
    record Input(String name) implements Operation {}

    /**
     * A parameter or buffer of the network.
     *
     * @param path its dotted path
     */
    record Weight(String path) implements Operation {}

    /**
     * A value that was computed from parameters alone, ahead of the first run.
     *
     * @param index its place among the outputs of that graph
     */
    record Prepared(int index) implements Operation {}

    /**
     * What Java draws for each run, as the network itself would: see {@link Graph#draws}.
     *
     * @param index its place among the draws
     */
    record Drawn(int index) implements Operation {}

    /** Values known when the network was captured. */
    final class Constant implements Operation {
        private final double[] values;

        /**
         * Creates a constant.
         *
         * @param values in row-major order
         */
        public Constant(double[] values) {
            this.values = values;
        }

        /**
         * The values.
         *
         * @return in row-major order; not to be changed
         */
        public double[] values() {
            return values;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Constant c && Arrays.equals(values, c.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }

        @Override
        public String toString() {
            return values.length == 1
                    ? "Constant[" + values[0] + "]"
                    : "Constant[" + values.length + " values]";
        }
    }

    /**
     * One value everywhere.
     *
     * @param value the value
     */
    record Fill(double value) implements Operation {}

    /**
     * Convolution of images: {@code (N, C, H, W)}, weights {@code (F, C / groups, h, w)} and, or
     * not, a bias {@code (F)}.
     *
     * @param stride rows, columns
     * @param padding on each side: rows, columns
     * @param dilation rows, columns
     * @param groups 1 or more
     */
    record Convolution(Shape stride, Shape padding, Shape dilation, int groups)
            implements Operation {}

    /** {@code x w' + b}: {@code (..., C)}, weights {@code (F, C)} and, or not, a bias. */
    record Linear() implements Operation {}

    /**
     * Matrix product of the last two axes.
     *
     * @param transposed whether the second operand is {@code (..., M, K)}
     */
    record Product(boolean transposed) implements Operation {}

    /**
     * Batch normalization over axis 1: x, weight, bias, running mean, running variance.
     *
     * @param eps added to the variance
     * @param momentum in training, the weight of the batch's statistics in the running ones
     * @param training whether it normalizes by the statistics of the batch, and updates the running
     *     ones
     */
    record BatchNorm(double eps, double momentum, boolean training) implements Operation {}

    /**
     * Layer normalization over the last axis: x, weight, bias.
     *
     * @param eps added to the variance
     */
    record LayerNorm(double eps) implements Operation {}

    /** How values are put together. */
    enum Aggregate {
        /** The largest. */
        MAX,
        /** The average. */
        MEAN,
        /** The sum. */
        SUM
    }

    /**
     * Pooling of images; an average counts the padding.
     *
     * @param kind maximum or mean
     * @param kernel rows, columns
     * @param stride rows, columns
     * @param padding on each side: rows, columns
     */
    record Pool(Aggregate kind, Shape kernel, Shape stride, Shape padding) implements Operation {}

    /**
     * Pooling over the whole image: {@code (N, C, H, W) -> (N, C, 1, 1)}.
     *
     * @param kind maximum or mean
     */
    record GlobalPool(Aggregate kind) implements Operation {}

    /** Functions of one number. */
    enum Function {
        /** max(x, 0). */
        RELU,
        /** 1 / (1 + exp(-x)). */
        SIGMOID,
        /** The hyperbolic tangent. */
        TANH,
        /** The exponential. */
        EXP,
        /** The natural logarithm. */
        LOG,
        /** The square root. */
        SQRT,
        /** x x. */
        SQUARE,
        /** -x. */
        NEGATE,
        /** x Phi(x) (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
        GELU,
        /** The same, approximated by a hyperbolic tangent. */
        GELU_TANH,
        /** x sigmoid(x). */
        SILU,
        /** x where positive, slope x elsewhere. */
        LEAKY_RELU,
        /** x where positive, alpha (exp(x) - 1) elsewhere. */
        ELU
    }

    /**
     * A function of each element.
     *
     * @param function which
     * @param alpha the slope or alpha of those that have one, else 0
     */
    record Unary(Function function, double alpha) implements Operation {
        /**
         * A function without a setting.
         *
         * @param function which
         */
        public Unary(Function function) {
            this(function, 0);
        }

        @Override
        public String toString() {
            String name = camel(function);
            return alpha == 0 ? name : name + "[" + alpha + "]";
        }
    }

    /** Functions of two numbers. */
    enum Arithmetic {
        /** a + b. */
        ADD,
        /** a - b. */
        SUBTRACT,
        /** a b. */
        MULTIPLY,
        /** a / b. */
        DIVIDE,
        /** a to the power of b. */
        POWER,
        /** The larger. */
        MAXIMUM,
        /** The smaller. */
        MINIMUM
    }

    /**
     * A function of two arrays, which broadcast.
     *
     * @param arithmetic which
     */
    record Binary(Arithmetic arithmetic) implements Operation {
        @Override
        public String toString() {
            return camel(arithmetic);
        }
    }

    /**
     * A function of each element and a number.
     *
     * @param arithmetic which
     * @param value the second operand
     */
    record Scalar(Arithmetic arithmetic, double value) implements Operation {
        @Override
        public String toString() {
            return camel(arithmetic) + "[" + value + "]";
        }
    }

    /**
     * Softmax.
     *
     * @param axis the axis that sums to 1, not negative
     */
    record Softmax(int axis) implements Operation {}

    /**
     * Puts the values along some axes together.
     *
     * @param kind how
     * @param axes which, not negative
     * @param keep whether they stay, with one value
     */
    record Reduce(Aggregate kind, List<Integer> axes, boolean keep) implements Operation {}

    /** The same elements in the node's shape. */
    record Reshape() implements Operation {}

    /** The same elements, repeated along axes of one to the node's shape. */
    record Expand() implements Operation {}

    /**
     * Axes in another order.
     *
     * @param order output axis i is input axis order[i]
     */
    record Transpose(List<Integer> order) implements Operation {}

    /**
     * Some positions of an axis.
     *
     * @param axis the axis
     * @param from the first
     * @param to one behind the last
     * @param step from one to the next, positive
     */
    record Slice(int axis, long from, long to, long step) implements Operation {}

    /**
     * Arrays behind each other.
     *
     * @param axis along which
     */
    record Concat(int axis) implements Operation {}

    /**
     * Rows {@code (B, T, D)} in place of the last ones of an array {@code (B, K, D)}, which nobody
     * else reads: it may be changed for that.
     *
     * @param rows how many, T
     */
    record WriteLast(long rows) implements Operation {}

    /**
     * Each element of an axis several times in a row.
     *
     * @param axis the axis
     * @param times how often
     */
    record Repeat(int axis, long times) implements Operation {}

    /** Rows of a table: ids of any shape, then the table {@code (V, C)}. */
    record Embedding() implements Operation {}

    /** The same values in the node's type. */
    record Cast() implements Operation {}

    /**
     * Zeroes elements that the engine draws, and divides the others by the share kept.
     *
     * @param rate the share of elements dropped, in [0, 1)
     */
    record Dropout(double rate) implements Operation {}

    /**
     * {@code softmax(scale q k' + bias) v}: queries {@code (B, R, D)}, keys and values {@code (B,
     * K, D)} and, or not, a bias that broadcasts to {@code (B, R, K)}; or, with heads on an axis of
     * their own, {@code (N, H, R, D)} and {@code (N, H, K, D)} (Vaswani et al. 2017,
     * arXiv:1706.03762, equation 1).
     *
     * @param scale of the scores
     * @param causal whether a query sees only the keys up to its own position
     * @param dropout the share of weights that the engine draws and drops, as {@link Dropout}
     */
    record Attention(double scale, boolean causal, double dropout) implements Operation {}

    /** The same values, with the channels of an image beside each other in memory. */
    record ChannelsLast() implements Operation {}

    /**
     * The operation's name.
     *
     * @return for instance {@code Convolution}, or {@code Relu}
     */
    default String name() {
        if (this instanceof Unary u) {
            return camel(u.function());
        }
        if (this instanceof Binary b) {
            return camel(b.arithmetic());
        }
        if (this instanceof Scalar s) {
            return camel(s.arithmetic());
        }
        return getClass().getSimpleName();
    }

    /**
     * Whether this brings a value in from outside: an input, a weight, a constant.
     *
     * @return false for what computes
     */
    default boolean isLeaf() {
        return this instanceof Input
                || this instanceof Weight
                || this instanceof Prepared
                || this instanceof Drawn
                || this instanceof Constant
                || this instanceof Fill;
    }

    /**
     * Whether the engine draws numbers for this in every run.
     *
     * @return true for dropout
     */
    default boolean isRandom() {
        return this instanceof Dropout d && d.rate() > 0
                || this instanceof Attention a && a.dropout() > 0;
    }

    private static String camel(Enum<?> value) {
        StringBuilder out = new StringBuilder();
        for (String word : value.name().split("_", -1)) {
            out.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return out.toString();
    }
}
