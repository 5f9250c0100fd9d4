package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.engine.TransposedWindow;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Arithmetic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Writes the functions of a graph as MXNet operators. */
record Symbols(SymbolJson json) {
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

    /** Writes a transposed convolution. One that is not fused may be trained. */
    Entry transposedConvolution(
            List<Entry> inputs, Dims weight, TransposedWindow window, boolean fused) {
        Shape shape = weight.fixed();
        TransposedWindow trainable = window.withTrainableGroups(shape);
        if (fused || trainable.equals(window)) {
            return transposedConvolution(inputs, shape, window);
        }
        Entry groups = transposedConvolution(inputs.subList(0, 2), shape, trainable);
        // 0 keeps the batch, -4 divides the channels, -2 keeps the positions.
        Object divided = List.of(0, -4, window.groups(), -1, -2);
        Entry parts = json.operation("Reshape", List.of(groups), "shape", divided);
        Entry sum = json.operation("_np_sum", List.of(parts), "axis", "(2,)");
        if (inputs.size() == 2) {
            return sum;
        }
        List<Integer> perChannel = new ArrayList<>(Collections.nCopies(shape.dimension(), 1));
        perChannel.set(1, -1);
        Entry bias = json.operation("Reshape", inputs.subList(2, 3), "shape", perChannel);
        return broadcasting(Arithmetic.ADD, sum, bias);
    }

    private Entry transposedConvolution(List<Entry> inputs, Shape weight, TransposedWindow window) {
        return json.operation(
                "Deconvolution",
                inputs,
                "kernel",
                weight.slice(2),
                "stride",
                window.stride(),
                "pad",
                window.padding(),
                "adj",
                window.outputPadding(),
                "dilate",
                window.dilation(),
                "num_filter",
                weight.get(1) * window.groups(),
                "num_group",
                window.groups(),
                "no_bias",
                inputs.size() == 2);
    }

    Entry transposed(Entry x, List<Integer> order) {
        return json.operation("transpose", List.of(x), "axes", order);
    }

    Entry repeated(Entry x, Object times, int axis) {
        return json.operation("repeat", List.of(x), "repeats", times, "axis", axis);
    }

    /** Normalizes by the given statistics; in training, outputs the batch's as well. */
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

    /**
     * Normalizes vectors by the given statistics, as an affine map: oneDNN's norm of vectors that
     * are a view of pooled images may end the process.
     */
    Entry vectorNorm(List<Entry> inputs, double eps) {
        Entry deviation =
                scalar(scalar(inputs.get(4), Arithmetic.ADD, eps), Arithmetic.POWER, -0.5);
        Entry scale = elementwise(Arithmetic.MULTIPLY, inputs.get(1), deviation);
        Entry mean = elementwise(Arithmetic.MULTIPLY, inputs.get(3), scale);
        Entry shift = elementwise(Arithmetic.SUBTRACT, inputs.get(2), mean);
        Entry scaled = broadcasting(Arithmetic.MULTIPLY, inputs.get(0), scale);
        return broadcasting(Arithmetic.ADD, scaled, shift);
    }

    /** Multiplies x of shape a by y of shape b. */
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

    Entry pad(Entry x, Operation.Pad o) {
        if (o.before().dimension() == 1) {
            // MXNet pads images and volumes only.
            Shape none = new Shape(0);
            Entry image = json.operation("expand_dims", List.of(x), "axis", 2);
            Operation.Pad columns =
                    new Operation.Pad(none.addAll(o.before()), none.addAll(o.after()), o.value());
            return json.operation("squeeze", List.of(pad(image, columns)), "axis", 2);
        }
        Shape widths = new Shape(0, 0, 0, 0);
        for (int axis = 0; axis < o.before().dimension(); axis++) {
            widths = widths.add(o.before().get(axis)).add(o.after().get(axis));
        }
        return json.operation(
                "Pad",
                List.of(x),
                "mode",
                "constant",
                "pad_width",
                widths,
                // MXNet's parameters have no infinities.
                "constant_value",
                Math.max(o.value(), -Float.MAX_VALUE));
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
     * Pools over all positions. The gradient of MXNet's pooling has a memory layout without fast
     * oneDNN kernels, which makes all norms that it reaches a hundred times slower. A mean's
     * gradient has not.
     *
     * @param rank the number of axes of x
     * @param fused true if no gradients are needed
     */
    Entry globalPool(Entry x, int rank, Operation.GlobalPool o, boolean fused) {
        List<Integer> axes = IntStream.range(2, rank).boxed().toList();
        if (o.kind() == Aggregate.MEAN && !fused) {
            return json.operation("mean", List.of(x), "axis", axes, "keepdims", true);
        }
        return json.operation(
                "Pooling",
                List.of(x),
                "kernel",
                Collections.nCopies(axes.size(), 1),
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
            case EXP, LOG, SIN, COS, SQRT, SQUARE -> json.operation(name, in);
            case NEGATE -> json.operation("negative", in);
            case GELU -> json.operation("LeakyReLU", in, "act_type", "gelu");
            case GELU_TANH -> geluTanh(x);
            case SILU -> elementwise(Arithmetic.MULTIPLY, x, sigmoid(x));
            case RELU6 -> json.operation("clip", in, "a_min", 0, "a_max", 6);
            case HARD_SIGMOID -> json.operation("hard_sigmoid", in, "alpha", 1.0 / 6, "beta", 0.5);
            case HARD_SWISH ->
                    elementwise(
                            Arithmetic.MULTIPLY,
                            x,
                            unary(x, new Operation.Unary(Operation.Function.HARD_SIGMOID)));
            case LEAKY_RELU ->
                    json.operation("LeakyReLU", in, "act_type", "leaky", "slope", o.alpha());
            case ELU -> json.operation("LeakyReLU", in, "act_type", "elu", "slope", o.alpha());
            case STOP_GRADIENT -> json.operation("BlockGrad", in);
        };
    }

    /** Writes a rounding. One that is not fused may be trained. */
    Entry fakeQuantize(Entry x, FakeQuantize o, boolean fused) {
        Entry exact = scalar(x, Arithmetic.DIVIDE, o.scale());
        Entry levels = json.operation("rint", List.of(exact));
        if (!fused) {
            // Straight through. The difference of near numbers has no rounding error.
            Entry change = elementwise(Arithmetic.SUBTRACT, levels, exact);
            levels =
                    elementwise(
                            Arithmetic.ADD, exact, json.operation("BlockGrad", List.of(change)));
        }
        int first = -o.zeroPoint();
        int last = first + FakeQuantize.LEVELS;
        Entry kept = json.operation("clip", List.of(levels), "a_min", first, "a_max", last);
        return scalar(kept, Arithmetic.MULTIPLY, o.scale());
    }

    private Entry sigmoid(Entry x) {
        return unary(x, new Operation.Unary(Operation.Function.SIGMOID));
    }

    /** Uses {@code (1 + tanh(u)) / 2 = sigmoid(2 u)}, which takes fewer operations. */
    private Entry geluTanh(Entry x) {
        double c = 2 * Math.sqrt(2 / Math.PI);
        Entry square = json.operation("square", List.of(x));
        Entry slope = scalar(scalar(square, Arithmetic.MULTIPLY, c * 0.044715), Arithmetic.ADD, c);
        return elementwise(
                Arithmetic.MULTIPLY, x, sigmoid(elementwise(Arithmetic.MULTIPLY, x, slope)));
    }

    /** Combines arrays of one shape. */
    Entry elementwise(Arithmetic arithmetic, Entry a, Entry b) {
        String prefix =
                switch (arithmetic) {
                    case ADD, SUBTRACT, MULTIPLY, DIVIDE -> "elemwise_";
                    case POWER, MAXIMUM, MINIMUM -> "_";
                };
        return json.operation(prefix + name(arithmetic), List.of(a, b));
    }

    Entry broadcasting(Arithmetic arithmetic, Entry a, Entry b) {
        return json.operation("broadcast_" + name(arithmetic), List.of(a, b));
    }

    /** Combines a node's inputs; {@code fused} is true if no gradients are needed. */
    Entry broadcasting(Node node, Operation.Binary o, Entry x, Entry y, boolean fused) {
        if (fused || o.arithmetic() != Arithmetic.MULTIPLY || !OneDnnFusion.scalesChannels(node)) {
            return broadcasting(o.arithmetic(), x, y);
        }
        // The gradient of a broadcast product takes several times as long.
        Shape one = new Shape(1, 1);
        Shape weight = new Shape(node.shape().get(1).value(), 1, 1, 1);
        return convolution(
                List.of(x, json.operation("Reshape", List.of(y), "shape", weight)),
                weight,
                new Operation.Convolution(one, new Shape(0, 0), one, (int) weight.get(0)));
    }

    private static String name(Arithmetic arithmetic) {
        return switch (arithmetic) {
            case ADD -> "add";
            case SUBTRACT -> "sub";
            case MULTIPLY -> "mul";
            case DIVIDE -> "div";
            case POWER -> "power";
            case MAXIMUM -> "maximum";
            case MINIMUM -> "minimum";
        };
    }

    Entry scalar(Entry x, Arithmetic arithmetic, double value) {
        String name =
                switch (arithmetic) {
                    case ADD -> "plus";
                    case SUBTRACT -> "minus";
                    default -> name(arithmetic);
                };
        return json.operation("_" + name + "_scalar", List.of(x), "scalar", value);
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
        // _np_reshape cannot read images in oneDNN's memory layout.
        return json.operation("Reshape", List.of(x), "shape", inferred.fixed());
    }

    Entry blockGradient(Entry x) {
        return json.operation("BlockGrad", List.of(x));
    }
}
