package io.residuum.emit.torch;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.SymbolicDim;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Each operation as an expression of TorchScript. */
final class TorchOperations {
    private final String device;
    private final Function<SymbolicDim, String> free;

    /**
     * Operations on a device.
     *
     * @param device an expression: where new tensors lie
     * @param free the variables of free sizes
     */
    TorchOperations(String device, Function<SymbolicDim, String> free) {
        this.device = device;
        this.free = free;
    }

    /** What a node computes, from the names of its inputs. */
    String expression(Node node, List<String> in) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Unary u) {
            return unary(u, in.get(0));
        }
        if (operation instanceof Operation.Binary b) {
            return call(name(b.arithmetic()), in.get(0), in.get(1));
        }
        if (operation instanceof Operation.Scalar s) {
            return scalar(node, s, in.get(0));
        }
        if (operation instanceof Operation.Convolution c) {
            return call(
                    "conv2d",
                    in.get(0),
                    in.get(1),
                    optional(in, 2),
                    list(c.stride()),
                    list(c.padding()),
                    list(c.dilation()),
                    c.groups());
        }
        if (operation instanceof Operation.Linear) {
            return call("linear", in.get(0), in.get(1), optional(in, 2));
        }
        if (operation instanceof Operation.Product p) {
            String second = p.transposed() ? call("transpose", in.get(1), -2, -1) : in.get(1);
            return call("matmul", in.get(0), second);
        }
        if (operation instanceof Operation.Attention a) {
            return attention(node, a, in);
        }
        if (operation instanceof Operation.Embedding) {
            return call("embedding", in.get(1), to(in.get(0), 4), -1, "False", "False");
        }
        if (operation instanceof Operation.Fill f) {
            return "torch.full(%s, %s, dtype=%d, layout=None, device=%s, pin_memory=None)"
                    .formatted(
                            sizes(node.shape(), this::size),
                            number(node, f.value()),
                            TorchTypes.code(node.type()),
                            device);
        }
        String normalized = normalization(node, in);
        return normalized != null ? normalized : arrangement(node, in);
    }

    private @Nullable String normalization(Node node, List<String> in) {
        Operation operation = node.operation();
        if (operation instanceof Operation.BatchNorm b) {
            return call(
                    "batch_norm",
                    in.get(0),
                    in.get(1),
                    in.get(2),
                    in.get(3),
                    in.get(4),
                    flag(b.training()),
                    b.momentum(),
                    b.eps(),
                    "True");
        }
        if (operation instanceof Operation.LayerNorm l) {
            Shape shape = node.shape();
            String width = "[" + size(shape.get(shape.dimension() - 1)) + "]";
            return call("layer_norm", in.get(0), width, in.get(1), in.get(2), l.eps(), "True");
        }
        if (operation instanceof Operation.Softmax s) {
            return call("softmax", in.get(0), s.axis(), "None");
        }
        if (operation instanceof Operation.Dropout d) {
            return call("dropout", in.get(0), d.rate(), "True");
        }
        if (operation instanceof Operation.Reduce r) {
            return switch (r.kind()) {
                case MAX -> call("amax", in.get(0), r.axes(), flag(r.keep()));
                case MEAN -> call("mean", in.get(0), r.axes(), flag(r.keep()), "dtype=None");
                case SUM -> call("sum", in.get(0), r.axes(), flag(r.keep()), "dtype=None");
            };
        }
        if (operation instanceof Operation.Pool p) {
            return pool(p.kind(), in.get(0), p.kernel(), p.stride(), p.padding());
        }
        if (operation instanceof Operation.GlobalPool p) {
            Shape image = node.input(0).shape().slice(2);
            if (p.kind() == Aggregate.MEAN) {
                return call("mean", in.get(0), "[2, 3]", "True", "dtype=None");
            }
            return p.kind() == Aggregate.MAX && DimExpr.isFree(image)
                    ? call("amax", in.get(0), "[2, 3]", "True")
                    : pool(p.kind(), in.get(0), image, new Shape(1, 1), new Shape(0, 0));
        }
        return null;
    }

    private String arrangement(Node node, List<String> in) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Reshape) {
            return call("reshape", in.get(0), reshaped(node.shape()));
        }
        if (operation instanceof Operation.Expand) {
            return expand(node, in.get(0));
        }
        if (operation instanceof Operation.Transpose t) {
            return call("permute", in.get(0), t.order());
        }
        if (operation instanceof Operation.Slice s) {
            return call("slice", in.get(0), s.axis(), size(s.from()), size(s.to()), s.step());
        }
        if (operation instanceof Operation.Concat c) {
            return call("cat", in, c.axis());
        }
        if (operation instanceof Operation.Repeat r) {
            return call("repeat_interleave", in.get(0), size(r.times()), r.axis());
        }
        if (operation instanceof Operation.Cast) {
            return to(in.get(0), TorchTypes.code(node.type()));
        }
        if (operation instanceof Operation.ChannelsLast) {
            return call("contiguous", in.get(0), "memory_format=2");
        }
        throw new IllegalArgumentException("TorchScript has no " + node);
    }

    /** The first free size is open, so that the batch is computed only where others are free. */
    private String reshaped(Shape shape) {
        StringJoiner sizes = new StringJoiner(", ", "[", "]");
        boolean open = true;
        for (long size : shape.getShape()) {
            boolean follows = open && DimExpr.isFree(size);
            sizes.add(follows ? "-1" : size(size));
            open &= !follows;
        }
        return sizes.toString();
    }

    private static String unary(Operation.Unary u, String x) {
        return switch (u.function()) {
            case NEGATE -> call("neg", x);
            case GELU -> call("gelu", x, "approximate=\"none\"");
            case GELU_TANH -> call("gelu", x, "approximate=\"tanh\"");
            case LEAKY_RELU -> call("leaky_relu", x, u.alpha());
            case ELU -> call("elu", x, u.alpha());
            case RELU, SIGMOID, TANH, EXP, LOG, SQRT, SQUARE, SILU ->
                    call(u.function().name().toLowerCase(Locale.ROOT), x);
        };
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

    private static String scalar(Node node, Operation.Scalar s, String x) {
        String function =
                switch (s.arithmetic()) {
                    case MAXIMUM -> "clamp_min";
                    case MINIMUM -> "clamp_max";
                    default -> name(s.arithmetic());
                };
        return call(function, x, number(node, s.value()));
    }

    /** PyTorch's fast kernels want four axes; where heads are in the batch, there are three. */
    private static String attention(Node node, Operation.Attention a, List<String> in) {
        boolean folded = node.shape().dimension() == 3;
        UnaryOperator<String> whole = x -> folded ? call("unsqueeze", x, 0) : x;
        String bias = "None";
        if (in.size() > 3) {
            boolean flat = node.input(3).shape().dimension() <= 2;
            bias = flat ? in.get(3) : call("unsqueeze", in.get(3), 0);
        }
        String all =
                call(
                        "scaled_dot_product_attention",
                        whole.apply(in.get(0)),
                        whole.apply(in.get(1)),
                        whole.apply(in.get(2)),
                        bias,
                        a.dropout(),
                        flag(a.causal()),
                        "scale=" + a.scale());
        return folded ? call("squeeze", all, 0) : all;
    }

    private static String pool(
            Aggregate kind, String x, Shape kernel, Shape stride, Shape padding) {
        return switch (kind) {
            case MAX ->
                    call(
                            "max_pool2d",
                            x,
                            list(kernel),
                            list(stride),
                            list(padding),
                            "[1, 1]",
                            "False");
            case MEAN ->
                    call(
                            "avg_pool2d",
                            x,
                            list(kernel),
                            list(stride),
                            list(padding),
                            "False",
                            "True",
                            "None");
            case SUM -> throw new IllegalArgumentException("TorchScript has no pooling by sums");
        };
    }

    /**
     * An axis that stays as it is takes -1, so that the batch is computed only where it appears.
     */
    private String expand(Node node, String x) {
        Shape from = node.input(0).shape();
        Shape to = node.shape();
        int added = to.dimension() - from.dimension();
        StringJoiner sizes = new StringJoiner(", ", "[", "]");
        for (int i = 0; i < to.dimension(); i++) {
            boolean stays = i >= added && from.get(i - added) == to.get(i);
            sizes.add(stays ? "-1" : size(to.get(i)));
        }
        return call("expand", x, sizes);
    }

    private static String to(String x, int type) {
        return call("to", x, type);
    }

    /** A size, what is free in terms of the actual ones. */
    private String size(long size) {
        DimExpr parts = DimExpr.of(size);
        String product = parts.factor() == 1 ? "" : Long.toString(parts.factor());
        for (SymbolicDim f : parts.free()) {
            String factor = free.apply(f);
            product = product.isEmpty() ? factor : call("mul", factor, product);
        }
        return product.isEmpty() ? "1" : product;
    }

    /** A number as the node's type has it: adding 1.0 would make floats of integers. */
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

    private static String optional(List<String> in, int i) {
        return i < in.size() ? in.get(i) : "None";
    }

    private static String flag(boolean value) {
        return value ? "True" : "False";
    }

    static String list(Shape shape) {
        return sizes(shape, Long::toString);
    }

    private static String sizes(Shape shape, LongFunction<String> each) {
        return Arrays.stream(shape.getShape())
                .mapToObj(each)
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String call(String function, Object... arguments) {
        return Arrays.stream(arguments)
                .map(Object::toString)
                .collect(Collectors.joining(", ", "torch." + function + "(", ")"));
    }
}
