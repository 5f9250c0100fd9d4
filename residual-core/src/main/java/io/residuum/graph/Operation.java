package io.residuum.graph;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The computation of a {@link Node} from its inputs. Every operation has one output, with the shape
 * and type of the node. Operands broadcast as in NumPy.
 */
public sealed interface Operation
        permits Leaf,
                Operation.Convolution,
                TransposedConvolution,
                Resize,
                FakeQuantize,
                DynamicQuantize,
                Operation.Linear,
                Operation.Product,
                Operation.BatchNorm,
                Operation.LayerNorm,
                Operation.Pad,
                Operation.Pool,
                Operation.GlobalPool,
                Elementwise,
                Operation.Softmax,
                Operation.Reduce,
                Operation.Reshape,
                Operation.Expand,
                Operation.Transpose,
                Operation.Slice,
                Operation.Concat,
                WriteLast,
                Operation.Repeat,
                Operation.Embedding,
                Operation.Cast,
                Operation.Dropout,
                Operation.Attention,
                Operation.ChannelsLast {

    /**
     * Convolution of images {@code (N, C, H, W)}, weights {@code (F, C / groups, h, w)} and an
     * optional bias {@code (F)}; or of arrays with one or three axes of positions.
     *
     * @param stride one size per axis of positions
     * @param padding on each side
     * @param dilation the distance between the window's elements
     * @param groups the number of groups, positive
     */
    record Convolution(Shape stride, Shape padding, Shape dilation, int groups)
            implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.convolution(this);
        }
    }

    /** {@code x w' + b} of {@code (..., C)}, weights {@code (F, C)}, an optional bias (F). */
    record Linear() implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.linear(this);
        }
    }

    /** Matrix product of the last two axes. The second is {@code (..., M, K)} if transposed. */
    record Product(boolean transposed) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.product(this);
        }
    }

    /**
     * Batch normalization over axis 1: x, weight, bias, running mean, running variance.
     *
     * @param eps added to the variance
     * @param momentum in training, the weight of the batch's statistics in the running ones
     * @param training true to normalize by the batch's statistics and update the running ones
     */
    record BatchNorm(double eps, double momentum, boolean training) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.batchNorm(this);
        }
    }

    /** Layer normalization over the last axis: x, weight, bias; eps is added to the variance. */
    record LayerNorm(double eps) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.layerNorm(this);
        }
    }

    /**
     * Adds positions of one value around images, or arrays with one or three axes of positions.
     *
     * @param before new positions before the first, one size per axis of positions
     * @param after new positions after the last
     * @param value the value of the new positions, possibly negative infinity
     */
    record Pad(Shape before, Shape after, double value) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.pad(this);
        }
    }

    /** Ways to aggregate values. */
    enum Aggregate {
        /** The largest. */
        MAX,
        /** The average. */
        MEAN,
        /** The sum. */
        SUM
    }

    /**
     * Pooling of images or of other positions. An average counts the padding.
     *
     * @param kind maximum or mean
     * @param kernel one size per axis of positions
     * @param stride the step
     * @param padding on each side
     */
    record Pool(Aggregate kind, Shape kernel, Shape stride, Shape padding) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.pool(this);
        }
    }

    /** Pooling over all positions: {@code (N, C, H, W) -> (N, C, 1, 1)}. */
    record GlobalPool(Aggregate kind) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.globalPool(this);
        }
    }

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
        /** The sine. */
        SIN,
        /** The cosine. */
        COS,
        /** The square root. */
        SQRT,
        /** x x. */
        SQUARE,
        /** -x. */
        NEGATE,
        /** x Phi(x) (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
        GELU,
        /** GELU, approximated by a hyperbolic tangent. */
        GELU_TANH,
        /** x sigmoid(x). */
        SILU,
        /** min(max(x, 0), 6) (Krizhevsky 2010). */
        RELU6,
        /** relu6(x + 3) / 6 (Howard et al. 2019, arXiv:1905.02244). */
        HARD_SIGMOID,
        /** x relu6(x + 3) / 6 (Howard et al. 2019, arXiv:1905.02244). */
        HARD_SWISH,
        /** x if positive, else slope x. */
        LEAKY_RELU,
        /** x if positive, else alpha (exp(x) - 1). */
        ELU,
        /** x, whose gradient is 0. */
        STOP_GRADIENT
    }

    /** A function of each element. Alpha is the function's slope or alpha, or 0 without one. */
    record Unary(Function function, double alpha) implements Elementwise {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.unary(this);
        }

        /** Creates a function without alpha. */
        public Unary(Function function) {
            this(function, 0);
        }

        @Override
        public String toString() {
            return alpha == 0 ? name() : name() + "[" + alpha + "]";
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

    /** A function of two arrays that broadcast. */
    record Binary(Arithmetic arithmetic) implements Elementwise {
        @Override
        public Arithmetic function() {
            return arithmetic;
        }

        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.binary(this);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    /** A function of each element and a number as the second operand. */
    record Scalar(Arithmetic arithmetic, double value) implements Elementwise {
        @Override
        public Arithmetic function() {
            return arithmetic;
        }

        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.scalar(this);
        }

        @Override
        public String toString() {
            return name() + "[" + value + "]";
        }
    }

    /** Softmax along an axis, not negative. */
    record Softmax(int axis) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.softmax(this);
        }
    }

    /** Aggregation along axes, not negative. With {@code keep} these axes stay with size 1. */
    record Reduce(Aggregate kind, List<Integer> axes, boolean keep) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.reduce(this);
        }
    }

    /** A reshape to the node's shape. */
    record Reshape() implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.reshape(this);
        }
    }

    /** A broadcast of axes of size 1 to the node's shape. */
    record Expand() implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.expand(this);
        }
    }

    /** A permutation of axes: output axis i is input axis {@code order[i]}. */
    record Transpose(List<Integer> order) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.transpose(this);
        }
    }

    /**
     * A slice of an axis from {@code from} to {@code to} (exclusive), with a positive step. A
     * negative {@code from} counts from the end.
     */
    record Slice(int axis, DimExpr from, DimExpr to, long step) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.slice(this);
        }
    }

    /** Concatenation along an axis. */
    record Concat(int axis) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.concat(this);
        }
    }

    /** Repeats each element of an axis, as PyTorch's {@code repeat_interleave}. */
    record Repeat(int axis, DimExpr times) implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.repeat(this);
        }
    }

    /** Looks up rows of a table: ids of any shape, then the table {@code (V, C)}. */
    record Embedding() implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.embedding(this);
        }
    }

    /** A conversion to the node's type. */
    record Cast() implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.cast(this);
        }
    }

    /** Zeroes random elements with rate in [0, 1), and divides the others by {@code 1 - rate}. */
    record Dropout(double rate) implements Operation {
        @Override
        public boolean isRandom() {
            return rate > 0;
        }

        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.dropout(this);
        }
    }

    /**
     * {@code softmax(scale q k' + bias) v} (Vaswani et al. 2017, arXiv:1706.03762, equation 1):
     * queries {@code (B, R, D)}, keys and values {@code (B, K, D)}, and an optional bias that
     * broadcasts to {@code (B, R, K)}. Or with a separate axis for heads: {@code (N, H, R, D)} and
     * {@code (N, H, K, D)}.
     *
     * @param scale the factor of the scores
     * @param causal true if a query sees only the keys up to its position
     * @param dropout the dropout rate of the attention weights, as {@link Dropout}
     */
    record Attention(double scale, boolean causal, double dropout) implements Operation {
        @Override
        public boolean isRandom() {
            return dropout > 0;
        }

        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.attention(this);
        }
    }

    /** A copy of images in channels-last memory layout. */
    record ChannelsLast() implements Operation {
        @Override
        public <R> R accept(OperationVisitor<R> visitor) {
            return visitor.channelsLast(this);
        }
    }

    /** Calls the visitor's method for this operation. */
    <R> R accept(OperationVisitor<R> visitor);

    /** Returns the operation's name, for instance {@code Convolution}, or {@code Relu}. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** Returns true for a {@link Leaf}. */
    default boolean isLeaf() {
        return false;
    }

    /** Returns true if the engine draws random numbers for this operation in every run. */
    default boolean isRandom() {
        return false;
    }
}
