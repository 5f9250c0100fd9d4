package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Arithmetic;
import java.util.List;
import java.util.Locale;

/** The functions of a graph in the vocabulary of MXNet's operators. */
final class Symbols {
    private final SymbolJson json;

    Symbols(SymbolJson json) {
        this.json = json;
    }

    Entry linear(List<Entry> inputs, long width) {
        return json.operation(
                "FullyConnected",
                inputs,
                "num_hidden",
                width,
                "flatten",
                false,
                "no_bias",
                inputs.size() == 2);
    }

    Entry convolution(List<Entry> inputs, Shape weight, Operation.Convolution o) {
        return json.operation(
                "Convolution",
                inputs,
                "kernel",
                weight.slice(2),
                "stride",
                o.stride(),
                "pad",
                o.padding(),
                "dilate",
                o.dilation(),
                "num_filter",
                weight.get(0),
                "num_group",
                o.groups(),
                "no_bias",
                inputs.size() == 2);
    }

    /** By the statistics that are given, unless it trains: then also gives those of the batch. */
    Entry batchNorm(List<Entry> inputs, Operation.BatchNorm o) {
        return json.operation(
                "BatchNorm",
                inputs,
                "eps",
                o.eps(),
                "momentum",
                1,
                "fix_gamma",
                false,
                "use_global_stats",
                !o.training(),
                "output_mean_var",
                o.training(),
                "axis",
                1);
    }

    /** A matrix product, of arrays of the given shapes, in the shape of the result. */
    Entry product(Entry x, Dims a, Entry y, Dims b, boolean transposed, Dims result) {
        if (b.dimension() == 2) {
            return transposed
                    ? linear(List.of(x, y), b.get(0).value())
                    : json.operation("dot", List.of(x, y));
        }
        int batch = a.dimension() - 2;
        if (a.dimension() != b.dimension() || !a.slice(0, batch).equals(b.slice(0, batch))) {
            return json.operation(
                    "_npi_matmul", List.of(x, transposed ? lastSwapped(y, b.dimension()) : y));
        }
        if (batch == 1) {
            return batched(x, y, transposed);
        }
        Entry all = batched(reshaped(x, matrices(a)), reshaped(y, matrices(b)), transposed);
        return reshaped(all, result);
    }

    private static Dims matrices(Dims shape) {
        int batch = shape.dimension() - 2;
        return Dims.of(shape.slice(0, batch).size()).addAll(shape.slice(batch));
    }

    private Entry lastSwapped(Entry x, int rank) {
        return json.operation("SwapAxis", List.of(x), "dim1", rank - 2, "dim2", rank - 1);
    }

    private Entry batched(Entry a, Entry b, boolean transposed) {
        return json.operation("batch_dot", List.of(a, b), "transpose_b", transposed);
    }

    Entry pool(Entry x, Operation.Pool o) {
        return json.operation(
                "Pooling",
                List.of(x),
                "kernel",
                o.kernel(),
                "stride",
                o.stride(),
                "pad",
                o.padding(),
                "pool_type",
                name(o.kind()));
    }

    /**
     * The gradient of a pool over all positions comes in an order of memory that oneDNN has no fast
     * kernels for, and all norms that it reaches take a hundred times as long; that of a mean does
     * not.
     *
     * @param fused whether it passes no gradients
     */
    Entry globalPool(Entry x, Operation.GlobalPool o, boolean fused) {
        if (o.kind() == Aggregate.MEAN && !fused) {
            return json.operation("mean", List.of(x), "axis", "(2, 3)", "keepdims", true);
        }
        return json.operation(
                "Pooling",
                List.of(x),
                "kernel",
                "(1, 1)",
                "global_pool",
                true,
                "pool_type",
                name(o.kind()));
    }

    private static String name(Aggregate kind) {
        return switch (kind) {
            case MAX -> "max";
            case MEAN -> "avg";
            case SUM -> "sum";
        };
    }

    Entry reduce(Entry x, Operation.Reduce o) {
        String operation =
                switch (o.kind()) {
                    case MAX -> "_np_max";
                    case MEAN -> "_npi_mean";
                    case SUM -> "_np_sum";
                };
        return json.operation(operation, List.of(x), "axis", o.axes(), "keepdims", o.keep());
    }

    Entry softmax(Entry x, int axis) {
        return json.operation("softmax", List.of(x), "axis", axis);
    }

    Entry unary(Entry x, Operation.Unary o) {
        List<Entry> in = List.of(x);
        String name = o.function().name().toLowerCase(Locale.ROOT);
        return switch (o.function()) {
            case RELU, SIGMOID, TANH -> json.operation("Activation", in, "act_type", name);
            case EXP, LOG, SQRT, SQUARE -> json.operation(name, in);
            case NEGATE -> json.operation("negative", in);
            case GELU -> json.operation("LeakyReLU", in, "act_type", "gelu");
            case GELU_TANH -> geluTanh(x);
            case SILU -> alike(Arithmetic.MULTIPLY, x, sigmoid(x));
            case LEAKY_RELU ->
                    json.operation("LeakyReLU", in, "act_type", "leaky", "slope", o.alpha());
            case ELU -> json.operation("LeakyReLU", in, "act_type", "elu", "slope", o.alpha());
        };
    }

    private Entry sigmoid(Entry x) {
        return unary(x, new Operation.Unary(Operation.Function.SIGMOID));
    }

    /** {@code (1 + tanh(u)) / 2 = sigmoid(2 u)}, which takes fewer operations. */
    private Entry geluTanh(Entry x) {
        double c = 2 * Math.sqrt(2 / Math.PI);
        Entry square = json.operation("square", List.of(x));
        Entry slope = scalar(scalar(square, Arithmetic.MULTIPLY, c * 0.044715), Arithmetic.ADD, c);
        return alike(Arithmetic.MULTIPLY, x, sigmoid(alike(Arithmetic.MULTIPLY, x, slope)));
    }

    /** Of arrays of one shape. */
    Entry alike(Arithmetic arithmetic, Entry a, Entry b) {
        String operation =
                switch (arithmetic) {
                    case ADD -> "elemwise_add";
                    case SUBTRACT -> "elemwise_sub";
                    case MULTIPLY -> "elemwise_mul";
                    case DIVIDE -> "elemwise_div";
                    case POWER -> "_power";
                    case MAXIMUM -> "_maximum";
                    case MINIMUM -> "_minimum";
                };
        return json.operation(operation, List.of(a, b));
    }

    /** Of arrays that broadcast. */
    Entry broadcasting(Arithmetic arithmetic, Entry a, Entry b) {
        String operation =
                switch (arithmetic) {
                    case ADD -> "broadcast_add";
                    case SUBTRACT -> "broadcast_sub";
                    case MULTIPLY -> "broadcast_mul";
                    case DIVIDE -> "broadcast_div";
                    case POWER -> "broadcast_power";
                    case MAXIMUM -> "broadcast_maximum";
                    case MINIMUM -> "broadcast_minimum";
                };
        return json.operation(operation, List.of(a, b));
    }

    Entry scalar(Entry x, Arithmetic arithmetic, double value) {
        String operation =
                switch (arithmetic) {
                    case ADD -> "_plus_scalar";
                    case SUBTRACT -> "_minus_scalar";
                    case MULTIPLY -> "_mul_scalar";
                    case DIVIDE -> "_div_scalar";
                    case POWER -> "_power_scalar";
                    case MAXIMUM -> "_maximum_scalar";
                    case MINIMUM -> "_minimum_scalar";
                };
        return json.operation(operation, List.of(x), "scalar", value);
    }

    Entry cast(Entry x, DataType type) {
        return json.operation("Cast", List.of(x), "dtype", name(type));
    }

    Entry embedding(List<Entry> inputs, Shape table, DataType type) {
        return json.operation(
                "Embedding",
                inputs,
                "input_dim",
                table.get(0),
                "output_dim",
                table.get(1),
                "dtype",
                name(type));
    }

    private static String name(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    Entry reshaped(Entry x, Dims shape) {
        Dims inferred = shape.map(size -> size.hasBatch() ? DimExpr.of(-1) : size);
        // Not _np_reshape, which cannot read images as oneDNN lays them out.
        return json.operation("Reshape", List.of(x), "shape", inferred.fixed());
    }

    /** Without a gradient. */
    Entry constant(Entry x) {
        return json.operation("BlockGrad", List.of(x));
    }
}
