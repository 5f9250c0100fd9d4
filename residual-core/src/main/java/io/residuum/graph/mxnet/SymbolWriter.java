package io.residuum.graph.mxnet;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Batch;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.mxnet.SymbolJson.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Writes each operation of a graph as operations of MXNet. */
final class SymbolWriter {
    /** Sent through softmax, it leaves nothing of a position; infinities would leave NaN. */
    private static final double HIDDEN = -1e9;

    private final SymbolJson json = new SymbolJson();
    private final Map<Node, Entry> done = new IdentityHashMap<>();
    private final Map<String, Node> variables = new LinkedHashMap<>();
    private final Map<Object, Entry> constants = new HashMap<>();
    private final Map<DataType, Entry> samples = new HashMap<>();
    private final List<Statistics> statistics = new ArrayList<>();
    private final List<Entry> statisticsHeads = new ArrayList<>();

    private final boolean fused;

    private SymbolWriter(boolean fused) {
        this.fused = fused;
    }

    /**
     * A graph as a symbol.
     *
     * @param json what MXNet loads; behind the graph's own outputs come, for each of the
     *     statistics, the batch's mean and variance
     * @param variables the leaf behind each argument, by the argument's name; a {@link
     *     Operation.Fill} here may be none of the graph's
     * @param statistics the norms that train
     */
    record Written(String json, Map<String, Node> variables, List<Statistics> statistics) {}

    /**
     * A norm whose running statistics follow the batch's.
     *
     * @param mean the running mean
     * @param variance the running variance
     * @param momentum the weight of the batch's statistics
     * @param x what is normalized
     */
    record Statistics(Node mean, Node variance, double momentum, Node x) {}

    /** The argument of a draw. */
    static String drawn(int index) {
        return "drawn" + index;
    }

    /**
     * Writes a graph.
     *
     * @param graph the graph
     * @param fused whether oneDNN is to fuse the symbol
     */
    static Written write(Graph graph, boolean fused) {
        SymbolWriter writer = new SymbolWriter(fused);
        // In their order: arguments of a loaded model are matched by position.
        graph.inputs().values().forEach(writer::entry);
        graph.nodes().forEach(writer::entry);
        List<Entry> heads = new ArrayList<>();
        for (Node output : graph.outputs()) {
            Entry entry = writer.entry(output);
            heads.add(
                    output.operation().isLeaf()
                            ? writer.json.operation("_copy", List.of(entry))
                            : entry);
        }
        heads.addAll(writer.statisticsHeads);
        return new Written(writer.json.json(heads), writer.variables, writer.statistics);
    }

    /** Whether a graph computes what only training does. */
    static boolean trains(Graph graph) {
        return graph.nodes().stream()
                .map(Node::operation)
                .anyMatch(
                        o ->
                                o instanceof Operation.Dropout
                                        || o instanceof Operation.BatchNorm norm
                                                && norm.training());
    }

    private Entry entry(Node node) {
        Entry entry = done.get(node);
        if (entry == null) {
            entry = node.operation().isLeaf() ? leaf(node) : computed(node);
            done.put(node, entry);
        }
        return entry;
    }

    private Entry leaf(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Input input) {
            return variable(input.name(), node);
        }
        if (operation instanceof Operation.Weight weight) {
            return variable(weight.path(), node);
        }
        if (operation instanceof Operation.Prepared prepared) {
            return variable("prepared" + prepared.index(), node);
        }
        if (operation instanceof Operation.Drawn drawn) {
            return variable(drawn(drawn.index()), node);
        }
        if (operation instanceof Operation.Fill fill) {
            Shape one = Batch.of(node.shape(), 1);
            Entry value = filled(fill.value(), one, node.type());
            return one.equals(node.shape()) ? value : expanded(value, one, node);
        }
        return variable("constant" + variables.size(), node);
    }

    private Entry variable(String name, Node leaf) {
        variables.put(name, leaf);
        return json.variable(name);
    }

    private Entry filled(double value, Shape shape, DataType type) {
        return constants.computeIfAbsent(
                List.of(value, shape, type), key -> unshared(value, shape, type));
    }

    private Entry unshared(double value, Shape shape, DataType type) {
        return variable(
                "constant" + variables.size(),
                new Node(new Operation.Fill(value), List.of(), shape, type, ""));
    }

    private Entry computed(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Convolution o) {
            return convolution(node, o);
        }
        if (operation instanceof Operation.Linear) {
            return linear(inputs(node), node.input(1).shape().get(0));
        }
        if (operation instanceof Operation.Product o) {
            return product(node, o.transposed());
        }
        if (operation instanceof Operation.BatchNorm o) {
            return batchNorm(node, o);
        }
        if (operation instanceof Operation.LayerNorm o) {
            return json.operation("LayerNorm", inputs(node), "axis", -1, "eps", o.eps());
        }
        if (operation instanceof Operation.Pool o) {
            return pool(node, o);
        }
        if (operation instanceof Operation.GlobalPool o) {
            return json.operation(
                    "Pooling",
                    inputs(node),
                    "kernel",
                    "(1, 1)",
                    "global_pool",
                    true,
                    "pool_type",
                    o.kind() == Aggregate.MAX ? "max" : "avg");
        }
        if (operation instanceof Operation.Unary o) {
            return unary(entry(node.input(0)), o);
        }
        if (operation instanceof Operation.Binary o) {
            return binary(node, o.arithmetic());
        }
        if (operation instanceof Operation.Scalar o) {
            return scalar(entry(node.input(0)), o.arithmetic(), o.value());
        }
        if (operation instanceof Operation.Softmax o) {
            return json.operation("softmax", inputs(node), "axis", o.axis());
        }
        if (operation instanceof Operation.Reduce o) {
            return reduce(node, o);
        }
        if (operation instanceof Operation.Attention o) {
            return attention(node, o);
        }
        return moved(node);
    }

    /** Operations that do no arithmetic. */
    private Entry moved(Node node) {
        Operation operation = node.operation();
        Entry x = entry(node.input(0));
        if (operation instanceof Operation.Reshape) {
            return reshaped(x, node.shape());
        }
        if (operation instanceof Operation.Expand) {
            return expanded(x, node.input(0).shape(), node);
        }
        if (operation instanceof Operation.Transpose o) {
            return json.operation("transpose", List.of(x), "axes", o.order());
        }
        if (operation instanceof Operation.Slice o) {
            return slice(node, o);
        }
        if (operation instanceof Operation.Concat o) {
            int count = node.inputs().size();
            return json.operation("Concat", inputs(node), "num_args", count, "dim", o.axis());
        }
        if (operation instanceof Operation.Repeat o) {
            return json.operation("repeat", List.of(x), "repeats", o.times(), "axis", o.axis());
        }
        if (operation instanceof Operation.Embedding) {
            Shape table = node.input(1).shape();
            return json.operation(
                    "Embedding",
                    inputs(node),
                    "input_dim",
                    table.get(0),
                    "output_dim",
                    table.get(1),
                    "dtype",
                    name(node.type()));
        }
        if (operation instanceof Operation.Cast) {
            return cast(x, node.type());
        }
        if (operation instanceof Operation.Dropout o) {
            return json.operation("Dropout", List.of(x), "p", o.rate(), "mode", "always");
        }
        if (operation instanceof Operation.ChannelsLast) {
            // oneDNN lays images out as its kernels want them.
            return x;
        }
        throw new IllegalArgumentException(
                "an operation must be one that MXNet has, got " + operation + ": add it here");
    }

    private List<Entry> inputs(Node node) {
        return node.inputs().stream().map(this::entry).toList();
    }

    private Entry convolution(Node node, Operation.Convolution o) {
        Shape weight = node.input(1).shape();
        return json.operation(
                "Convolution",
                inputs(node),
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
                node.inputs().size() == 2);
    }

    private Entry linear(List<Entry> inputs, long width) {
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

    private Entry product(Node node, boolean transposed) {
        Shape a = node.input(0).shape();
        Shape b = node.input(1).shape();
        Entry x = entry(node.input(0));
        Entry y = entry(node.input(1));
        if (b.dimension() == 2) {
            return transposed
                    ? linear(List.of(x, y), b.get(0))
                    : json.operation("dot", List.of(x, y));
        }
        int batch = a.dimension() - 2;
        if (a.dimension() != b.dimension() || !a.slice(0, batch).equals(b.slice(0, batch))) {
            return json.operation("_npi_matmul", List.of(x, transposed ? swapped(y, b) : y));
        }
        if (batch == 1) {
            return batched(x, y, transposed);
        }
        Entry all = batched(reshaped(x, matrices(a)), reshaped(y, matrices(b)), transposed);
        return reshaped(all, node.shape());
    }

    private static Shape matrices(Shape shape) {
        int batch = shape.dimension() - 2;
        return new Shape(shape.slice(0, batch).size()).addAll(shape.slice(batch));
    }

    private Entry swapped(Entry x, Shape shape) {
        int last = shape.dimension() - 1;
        return json.operation("SwapAxis", List.of(x), "dim1", last - 1, "dim2", last);
    }

    private Entry batched(Entry a, Entry b, boolean transposed) {
        return json.operation("batch_dot", List.of(a, b), "transpose_b", transposed);
    }

    private Entry batchNorm(Node node, Operation.BatchNorm o) {
        List<Entry> in = new ArrayList<>(inputs(node));
        if (o.training()) {
            // MXNet would fold the biased variance into the running one, and only in the backward
            // pass: it is given others, which a momentum of 1 leaves alone.
            Shape channels = node.input(3).shape();
            in.set(3, unshared(0, channels, node.type()));
            in.set(4, unshared(1, channels, node.type()));
        }
        Entry norm =
                json.operation(
                        "BatchNorm",
                        in,
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
        if (o.training()) {
            statistics.add(
                    new Statistics(node.input(3), node.input(4), o.momentum(), node.input(0)));
            // The third output is 1 / sqrt(variance + eps).
            Entry squared = scalar(constant(norm.output(2)), Arithmetic.POWER, -2);
            statisticsHeads.add(constant(norm.output(1)));
            statisticsHeads.add(scalar(squared, Arithmetic.SUBTRACT, o.eps()));
        }
        return norm;
    }

    /** Without a gradient. */
    private Entry constant(Entry x) {
        return json.operation("BlockGrad", List.of(x));
    }

    private Entry pool(Node node, Operation.Pool o) {
        return json.operation(
                "Pooling",
                inputs(node),
                "kernel",
                o.kernel(),
                "stride",
                o.stride(),
                "pad",
                o.padding(),
                "pool_type",
                o.kind() == Aggregate.MAX ? "max" : "avg");
    }

    private Entry unary(Entry x, Operation.Unary o) {
        List<Entry> in = List.of(x);
        return switch (o.function()) {
            case RELU, SIGMOID, TANH -> activation(x, o.function().name());
            case EXP, LOG, SQRT, SQUARE ->
                    json.operation(o.function().name().toLowerCase(Locale.ROOT), in);
            case NEGATE -> json.operation("negative", in);
            case GELU -> json.operation("LeakyReLU", in, "act_type", "gelu");
            case GELU_TANH -> geluTanh(x);
            case SILU -> product(x, activation(x, "SIGMOID"));
            case LEAKY_RELU ->
                    json.operation("LeakyReLU", in, "act_type", "leaky", "slope", o.alpha());
            case ELU -> json.operation("LeakyReLU", in, "act_type", "elu", "slope", o.alpha());
        };
    }

    private Entry activation(Entry x, String function) {
        return json.operation(
                "Activation", List.of(x), "act_type", function.toLowerCase(Locale.ROOT));
    }

    private Entry product(Entry a, Entry b) {
        return json.operation("elemwise_mul", List.of(a, b));
    }

    /** {@code (1 + tanh(u)) / 2 = sigmoid(2 u)}, which takes fewer operations. */
    private Entry geluTanh(Entry x) {
        double c = 2 * Math.sqrt(2 / Math.PI);
        Entry square = json.operation("square", List.of(x));
        Entry slope = scalar(scalar(square, Arithmetic.MULTIPLY, c * 0.044715), Arithmetic.ADD, c);
        return product(x, activation(product(x, slope), "SIGMOID"));
    }

    private Entry binary(Node node, Arithmetic arithmetic) {
        Node a = node.input(0);
        Node b = node.input(1);
        boolean alike = a.shape().equals(b.shape());
        if (alike && arithmetic == Arithmetic.ADD && fused && !convolved(a) && !convolved(b)) {
            // Of the sum that it would fuse with a linear layer, MXNet cannot build the gradient,
            // which nobody asks for.
            return json.operation("_npi_add", List.of(entry(a), entry(b)));
        }
        String operation =
                switch (arithmetic) {
                    case ADD -> alike ? "elemwise_add" : "broadcast_add";
                    case SUBTRACT -> alike ? "elemwise_sub" : "broadcast_sub";
                    case MULTIPLY -> alike ? "elemwise_mul" : "broadcast_mul";
                    case DIVIDE -> alike ? "elemwise_div" : "broadcast_div";
                    case POWER -> alike ? "_power" : "broadcast_power";
                    case MAXIMUM -> alike ? "_maximum" : "broadcast_maximum";
                    case MINIMUM -> alike ? "_minimum" : "broadcast_minimum";
                };
        return json.operation(operation, List.of(typed(a, node.type()), typed(b, node.type())));
    }

    private static boolean convolved(Node node) {
        Node from = node;
        while (from.operation() instanceof Operation.Unary
                || from.operation() instanceof Operation.BatchNorm) {
            from = from.input(0);
        }
        return from.operation() instanceof Operation.Convolution;
    }

    private Entry typed(Node node, DataType type) {
        return node.type() == type ? entry(node) : cast(entry(node), type);
    }

    private Entry cast(Entry x, DataType type) {
        return json.operation("Cast", List.of(x), "dtype", name(type));
    }

    private static String name(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private Entry scalar(Entry x, Arithmetic arithmetic, double value) {
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

    private Entry reduce(Node node, Operation.Reduce o) {
        String operation =
                switch (o.kind()) {
                    case MAX -> "_np_max";
                    case MEAN -> "_npi_mean";
                    case SUM -> "_np_sum";
                };
        return json.operation(operation, inputs(node), "axis", o.axes(), "keepdims", o.keep());
    }

    private Entry attention(Node node, Operation.Attention o) {
        Shape queries = node.input(0).shape();
        Shape keys = node.input(1).shape();
        Entry scaled = scalar(entry(node.input(0)), Arithmetic.MULTIPLY, o.scale());
        Entry scores = batched(scaled, entry(node.input(1)), true);
        if (node.inputs().size() == 4) {
            Shape all = new Shape(queries.get(0), queries.get(1), keys.get(1));
            String sum = node.input(3).shape().equals(all) ? "elemwise_add" : "broadcast_add";
            scores = json.operation(sum, List.of(scores, entry(node.input(3))));
        }
        if (o.causal()) {
            Entry mask = causal(queries.get(1), keys.get(1), node.type());
            scores = json.operation("broadcast_add", List.of(scores, mask));
        }
        Entry shares = json.operation("softmax", List.of(scores), "axis", -1);
        return batched(shares, entry(node.input(2)), false);
    }

    /** Queries are those of several heads on top of each other, or of one. */
    private Entry causal(long queries, long keys, DataType type) {
        Shape shape = new Shape(1, queries, keys);
        return constants.computeIfAbsent(
                List.of("causal", shape, type),
                key -> {
                    double[] mask = new double[Math.toIntExact(queries * keys)];
                    for (int i = 0; i < mask.length; i++) {
                        mask[i] = i % keys > i / keys % keys ? HIDDEN : 0;
                    }
                    return variable(
                            "constant" + variables.size(),
                            new Node(new Operation.Constant(mask), List.of(), shape, type, ""));
                });
    }

    private Entry reshaped(Entry x, Shape shape) {
        return json.operation("Reshape", List.of(x), "shape", Batch.of(shape, -1));
    }

    private Entry slice(Node node, Operation.Slice o) {
        Shape shape = node.input(0).shape();
        boolean toEnd = o.to() == shape.get(o.axis());
        if (Batch.isIn(o.from()) || Batch.isIn(o.to()) && !toEnd) {
            throw new IllegalArgumentException(
                    "a slice must begin and end where the batch does not matter, got "
                            + o
                            + " in the layer "
                            + node.layer());
        }
        List<Entry> in = inputs(node);
        String end = toEnd ? "None" : Long.toString(o.to());
        if (o.step() == 1) {
            return json.operation(
                    "slice_axis", in, "axis", o.axis(), "begin", o.from(), "end", end);
        }
        return json.operation(
                "slice",
                in,
                "begin",
                along(shape, o.axis(), o.from()),
                "end",
                along(shape, o.axis(), end),
                "step",
                along(shape, o.axis(), o.step()));
    }

    private static List<Object> along(Shape shape, int axis, Object value) {
        List<Object> all = new ArrayList<>(Collections.nCopies(shape.dimension(), "None"));
        all.set(axis, value);
        return all;
    }

    private Entry expanded(Entry x, Shape from, Node node) {
        Shape to = node.shape();
        int rank = to.dimension();
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        int added = rank - from.dimension();
        IntStream.range(added, rank).forEach(i -> dims[i] = from.get(i - added));
        Entry all = added == 0 ? x : reshaped(x, new Shape(dims));
        List<Integer> fixed =
                IntStream.range(0, rank)
                        .filter(i -> dims[i] != to.get(i) && !Batch.isIn(to.get(i)))
                        .boxed()
                        .toList();
        if (!fixed.isEmpty()) {
            all =
                    json.operation(
                            "broadcast_axis",
                            List.of(all),
                            "axis",
                            fixed,
                            "size",
                            fixed.stream().map(to::get).toList());
        }
        for (int i = 0; i < rank; i++) {
            if (dims[i] != to.get(i) && Batch.isIn(to.get(i))) {
                all = overBatch(all, to, i, node.type());
            }
        }
        return all;
    }

    /** Repeats an axis of one as often as a multiple of the batch says. */
    private Entry overBatch(Entry x, Shape to, int axis, DataType type) {
        long times = to.get(axis) / Batch.SIZE;
        Entry repeated =
                json.operation(
                        "broadcast_like",
                        List.of(x, samples(type)),
                        "lhs_axes",
                        List.of(axis),
                        "rhs_axes",
                        "(0,)");
        return times == 1
                ? repeated
                : json.operation("repeat", List.of(repeated), "repeats", times, "axis", axis);
    }

    /** One number for each sample of the batch, which an input knows the size of. */
    private Entry samples(DataType type) {
        return samples.computeIfAbsent(
                type,
                t -> {
                    Node input =
                            variables.values().stream()
                                    .filter(leaf -> leaf.shape().dimension() > 0)
                                    .filter(leaf -> leaf.shape().get(0) == Batch.SIZE)
                                    .findFirst()
                                    .orElseThrow(
                                            () ->
                                                    new IllegalArgumentException(
                                                            "a graph whose shapes depend on the"
                                                                    + " batch must have an input"
                                                                    + " that begins with it"));
                    int rank = input.shape().dimension();
                    List<Object> ends = new ArrayList<>(Collections.nCopies(rank, 1));
                    ends.set(0, "None");
                    Entry one =
                            json.operation(
                                    "slice",
                                    List.of(entry(input)),
                                    "begin",
                                    Collections.nCopies(rank, 0),
                                    "end",
                                    ends);
                    Entry flat = reshaped(one, new Shape(Batch.SIZE));
                    return constant(input.type() == t ? flat : cast(flat, t));
                });
    }
}
