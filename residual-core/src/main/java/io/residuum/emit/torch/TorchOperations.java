package io.residuum.emit.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.TorchExpressions;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.OperationVisitor;
import io.residuum.graph.Resize;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.TransposedConvolution;
import io.residuum.graph.WriteLast;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Writes operations as TorchScript expressions.
 *
 * @param device the expression of the device of new tensors
 * @param symbols returns the variables of open sizes
 */
record TorchOperations(String device, Function<SymbolicDim, String> symbols) {
    /** The least units of a linear layer for which padding is worth a copy of its weight. */
    private static final int LARGE = 1024;

    private static final long MULTIPLE = 8;

    /** Returns the expression of a node, given the names of its inputs. */
    String expression(Node node, List<String> in) {
        return node.operation().accept(new Expression(node, in));
    }

    private final class Expression implements OperationVisitor<String> {
        private final Node node;
        private final List<String> in;
        private final String x;

        Expression(Node node, List<String> in) {
            this.node = node;
            this.in = in;
            this.x = in.isEmpty() ? "" : in.get(0);
        }

        private String optional(int i) {
            return i < in.size() ? in.get(i) : "None";
        }

        /** Fails: {@link TorchCode} reads most leaves from arguments and fields. */
        private String unknown() {
            throw new IllegalArgumentException("TorchScript has no " + node);
        }

        @Override
        public String leaf(Leaf leaf) {
            return leaf.fold(
                    input -> unknown(),
                    weight -> unknown(),
                    prepared -> unknown(),
                    drawn -> unknown(),
                    constant -> unknown(),
                    fill ->
                            "torch.full(%s, %s, dtype=%d, layout=None, device=%s, pin_memory=None)"
                                    .formatted(
                                            sizes(node.shape(), TorchOperations.this::size),
                                            number(node, fill.value()),
                                            TorchTypes.code(node.type()),
                                            device));
        }

        @Override
        public String convolution(Operation.Convolution o) {
            return TorchWindows.convolution(o, x, in.get(1), optional(2));
        }

        @Override
        public String transposedConvolution(TransposedConvolution o) {
            return TorchExpressions.transposedConvolution(o.window(), x, in.get(1), optional(2));
        }

        @Override
        public String pool(Operation.Pool o) {
            return TorchWindows.pool(o, x, onGpu());
        }

        @Override
        public String globalPool(Operation.GlobalPool o) {
            return TorchWindows.globalPool(o, x, node.input(0).shape().slice(2), onGpu());
        }

        @Override
        public String resize(Resize o) {
            String size = sizes(node.shape().slice(2), TorchOperations.this::size);
            return TorchExpressions.resize(o.interpolation(), x, size);
        }

        @Override
        public String linear(Operation.Linear o) {
            long units = node.input(1).shape().fixed().get(0);
            long padding = padding(units);
            if (padding == 0) {
                return call("linear", x, in.get(1), optional(2));
            }
            String weight = call("constant_pad_nd", in.get(1), "[0, 0, 0, " + padding + "]", 0);
            String bias =
                    in.size() > 2
                            ? call("constant_pad_nd", in.get(2), "[0, " + padding + "]", 0)
                            : "None";
            return call("slice", call("linear", x, weight, bias), -1, 0, units, 1);
        }

        /**
         * Returns the number of rows to add to a weight. GPUs multiply 16-bit matrices fast only if
         * their rows are multiples of 16 bytes, which matters for vocabularies such as GPT-2's
         * 50,257.
         */
        private long padding(long units) {
            int positions = node.shape().dimension() - 2;
            boolean single = positions > 0 && node.shape().get(positions).equals(DimExpr.of(1));
            boolean low = node.type() != DataType.FLOAT32 && node.type() != DataType.FLOAT64;
            return onGpu() && low && !single && units >= LARGE
                    ? Math.floorMod(-units, MULTIPLE)
                    : 0;
        }

        @Override
        public String product(Operation.Product o) {
            String second = o.transposed() ? call("transpose", in.get(1), -2, -1) : in.get(1);
            return call("matmul", x, second);
        }

        /**
         * Adds a fourth axis if heads are folded into the batch: PyTorch's fast kernels need it.
         */
        @Override
        public String attention(Operation.Attention o) {
            boolean folded = node.shape().dimension() == 3;
            UnaryOperator<String> whole = y -> folded ? call("unsqueeze", y, 0) : y;
            String bias = "None";
            if (in.size() > 3) {
                boolean flat = node.input(3).shape().dimension() <= 2;
                bias = flat ? in.get(3) : call("unsqueeze", in.get(3), 0);
            }
            String all =
                    call(
                            "scaled_dot_product_attention",
                            whole.apply(x),
                            whole.apply(in.get(1)),
                            whole.apply(in.get(2)),
                            bias,
                            o.dropout(),
                            flag(o.causal()),
                            "scale=" + o.scale());
            return folded ? call("squeeze", all, 0) : all;
        }

        @Override
        public String embedding(Operation.Embedding o) {
            return call("embedding", in.get(1), to(x, 4), -1, "False", "False");
        }

        @Override
        public String batchNorm(Operation.BatchNorm o) {
            return call(
                    "batch_norm",
                    x,
                    in.get(1),
                    in.get(2),
                    in.get(3),
                    in.get(4),
                    flag(o.training()),
                    o.momentum(),
                    o.eps(),
                    "True");
        }

        @Override
        public String layerNorm(Operation.LayerNorm o) {
            String width = "[" + size(node.shape().last()) + "]";
            return call("layer_norm", x, width, in.get(1), in.get(2), o.eps(), "True");
        }

        @Override
        public String softmax(Operation.Softmax o) {
            return call("softmax", x, o.axis(), "None");
        }

        @Override
        public String dropout(Operation.Dropout o) {
            return call("dropout", x, o.rate(), "True");
        }

        @Override
        public String reduce(Operation.Reduce o) {
            return switch (o.kind()) {
                case MAX -> call("amax", x, o.axes(), flag(o.keep()));
                case MEAN -> call("mean", x, o.axes(), flag(o.keep()), "dtype=None");
                case SUM -> call("sum", x, o.axes(), flag(o.keep()), "dtype=None");
            };
        }

        @Override
        public String pad(Operation.Pad o) {
            String sides = TorchWindows.sides(o.before(), o.after());
            return call("constant_pad_nd", x, sides, number(node, o.value()));
        }

        private boolean onGpu() {
            return device.contains("cuda");
        }

        @Override
        public String unary(Operation.Unary o) {
            return switch (o.function()) {
                case NEGATE -> call("neg", x);
                case GELU -> call("gelu", x, "approximate=\"none\"");
                case GELU_TANH -> call("gelu", x, "approximate=\"tanh\"");
                case LEAKY_RELU -> call("leaky_relu", x, o.alpha());
                case ELU -> call("elu", x, o.alpha());
                case STOP_GRADIENT -> call("detach", x);
                case HARD_SIGMOID -> call("hardsigmoid", x);
                case HARD_SWISH -> call("hardswish", x);
                case RELU, RELU6, SIGMOID, TANH, EXP, LOG, SIN, COS, SQRT, SQUARE, SILU ->
                        call(o.function().name().toLowerCase(Locale.ROOT), x);
            };
        }

        @Override
        public String fakeQuantize(FakeQuantize o) {
            String levels = o.scale() + ", " + o.zeroPoint() + ", 0, " + FakeQuantize.LEVELS;
            return call("fake_quantize_per_tensor_affine", x, levels);
        }

        @Override
        public String binary(Operation.Binary o) {
            return call(name(o.arithmetic()), x, in.get(1));
        }

        @Override
        public String scalar(Operation.Scalar o) {
            String function =
                    switch (o.arithmetic()) {
                        case MAXIMUM -> "clamp_min";
                        case MINIMUM -> "clamp_max";
                        default -> name(o.arithmetic());
                    };
            return call(function, x, number(node, o.value()));
        }

        /** Writes -1 for the first open size, so that the batch is read only if others are open. */
        @Override
        public String reshape(Operation.Reshape o) {
            StringJoiner sizes = new StringJoiner(", ", "[", "]");
            boolean first = true;
            for (DimExpr size : node.shape().sizes()) {
                boolean inferred = first && !size.isFixed();
                sizes.add(inferred ? "-1" : size(size));
                first &= !inferred;
            }
            return call("reshape", x, sizes);
        }

        /** Writes -1 for an unchanged axis, so that the batch is read only if it is new. */
        @Override
        public String expand(Operation.Expand o) {
            Dims from = node.input(0).shape();
            Dims to = node.shape();
            int added = to.dimension() - from.dimension();
            StringJoiner sizes = new StringJoiner(", ", "[", "]");
            for (int i = 0; i < to.dimension(); i++) {
                boolean stays = i >= added && from.get(i - added).equals(to.get(i));
                sizes.add(stays ? "-1" : size(to.get(i)));
            }
            return call("expand", x, sizes);
        }

        @Override
        public String transpose(Operation.Transpose o) {
            return call("permute", x, o.order());
        }

        @Override
        public String slice(Operation.Slice o) {
            return call("slice", x, o.axis(), size(o.from()), size(o.to()), o.step());
        }

        @Override
        public String concat(Operation.Concat o) {
            return call("cat", in, o.axis());
        }

        /** Throws: {@link TorchCode} writes two statements for it. */
        @Override
        public String writeLast(WriteLast o) {
            return unknown();
        }

        @Override
        public String repeat(Operation.Repeat o) {
            return call("repeat_interleave", x, size(o.times()), o.axis());
        }

        @Override
        public String cast(Operation.Cast o) {
            return to(x, TorchTypes.code(node.type()));
        }

        @Override
        public String channelsLast(Operation.ChannelsLast o) {
            return call("contiguous", x, "memory_format=2");
        }
    }

    private static String name(Operation.Arithmetic arithmetic) {
        return switch (arithmetic) {
            case ADD -> "add";
            case SUBTRACT -> "sub";
            case MULTIPLY -> "mul";
            case DIVIDE -> "div";
            case POWER -> "pow";
            case MAXIMUM -> "maximum";
            case MINIMUM -> "minimum";
        };
    }

    private static String to(String x, int type) {
        return call("to", x, type);
    }

    private String size(DimExpr size) {
        String product = size.factor() == 1 && !size.isFixed() ? "" : Long.toString(size.factor());
        for (SymbolicDim symbol : size.symbols()) {
            String variable = symbols.apply(symbol);
            product = product.isEmpty() ? variable : call("mul", variable, product);
        }
        return product;
    }

    /** Writes a number in the node's type: adding 1.0 would turn integers into floats. */
    private static String number(Node node, double value) {
        if (node.type().isInteger() && value == Math.rint(value)) {
            return Long.toString((long) value);
        }
        if (Double.isFinite(value)) {
            return Double.toString(value);
        }
        String name = Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        return "float(\"" + name + "\")";
    }

    private static String flag(boolean value) {
        return value ? "True" : "False";
    }

    static String list(Shape shape) {
        return sizes(Dims.of(shape.getShape()), DimExpr::toString);
    }

    private static String sizes(Dims shape, Function<DimExpr, String> each) {
        return shape.sizes().stream().map(each).collect(Collectors.joining(", ", "[", "]"));
    }

    static String call(String function, Object... arguments) {
        return Arrays.stream(arguments)
                .map(Object::toString)
                .collect(Collectors.joining(", ", "torch." + function + "(", ")"));
    }
}
