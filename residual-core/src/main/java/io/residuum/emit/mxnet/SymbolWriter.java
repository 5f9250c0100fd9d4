package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.OperationVisitor;
import io.residuum.graph.Resize;
import io.residuum.graph.TransposedConvolution;
import io.residuum.graph.WriteLast;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** Writes each operation of a graph as operations of MXNet. */
final class SymbolWriter {
    /** The score of a masked position: 0 after softmax. Infinities could become NaN. */
    private static final double MASKED = -1e9;

    private final Map<Node, List<Node>> readers;
    private final boolean fused;
    private final SymbolJson json = new SymbolJson();
    private final Symbols symbols = new Symbols(json);
    private final SymbolShapes shapes = new SymbolShapes(json, symbols);
    private final SymbolNorms norms = new SymbolNorms(json, symbols, this::constant);
    private final Map<Node, Entry> done = new IdentityHashMap<>();
    private final Map<String, Node> variables = new LinkedHashMap<>();
    private final Map<Entry, String> names = new HashMap<>();
    private final Set<Entry> auxiliary = new HashSet<>();
    private final Map<List<Object>, Entry> constants = new HashMap<>();
    private final List<Statistics> statistics = new ArrayList<>();
    private final List<Entry> statisticsHeads = new ArrayList<>();

    private SymbolWriter(Graph graph, boolean fused) {
        this.readers = graph.readers();
        this.fused = fused;
    }

    /**
     * A graph as a symbol.
     *
     * @param json the symbol for MXNet. After the graph's outputs come the batch's mean and
     *     variance for each element of statistics
     * @param variables the leaf of each argument by name, also of constants not in the graph
     * @param auxiliary the arguments that MXNet treats as auxiliary states, changed by training
     * @param statistics the batch norms in training
     */
    record Written(
            String json,
            Map<String, Node> variables,
            Set<String> auxiliary,
            List<Statistics> statistics) {}

    /**
     * A batch norm whose running statistics are updated.
     *
     * @param mean the running mean
     * @param variance the running variance
     * @param momentum the weight of the batch's statistics
     * @param x the norm's input
     */
    record Statistics(Node mean, Node variance, double momentum, Node x) {}

    static String drawn(int index) {
        return "drawn" + index;
    }

    /** Returns true if a graph contains dropout or batch norms in training. */
    static boolean trains(Graph graph) {
        return graph.nodes().stream()
                .map(Node::operation)
                .anyMatch(
                        o ->
                                o instanceof Operation.Dropout
                                        || o instanceof Operation.BatchNorm norm
                                                && norm.training());
    }

    /** Writes a graph; {@code fused} is true if oneDNN will fuse the symbol. */
    static Written write(Graph graph, boolean fused) {
        SymbolShapes.needingFixedSize(graph)
                .ifPresent(
                        node -> {
                            throw new IllegalArgumentException(
                                    ("MXNet needs a number for an open size of %s%s: capture"
                                                    + " at a fixed size")
                                            .formatted(
                                                    node,
                                                    node.layer().isEmpty()
                                                            ? ""
                                                            : " at " + node.layer()));
                        });
        SymbolWriter writer = new SymbolWriter(graph, fused);
        // Inputs first and in order: arguments of a loaded model are matched by position.
        graph.inputs().values().forEach(writer::entry);
        graph.nodes().forEach(writer::entry);
        List<Entry> heads = new ArrayList<>();
        for (Node output : graph.outputs()) {
            Entry entry = writer.entry(output);
            boolean copies = output.operation().isLeaf() || graph.outputs().size() > 1;
            // MXNet calls an output like its operation, with "_output" at the end.
            String name = graph.outputNames().get(heads.size());
            heads.add(copies ? writer.json.named("_copy", name, entry) : entry);
        }
        heads.addAll(writer.statisticsHeads);
        Set<String> auxiliary = new HashSet<>();
        writer.auxiliary.forEach(entry -> auxiliary.add(writer.names.get(entry)));
        return new Written(writer.json.json(heads), writer.variables, auxiliary, writer.statistics);
    }

    private Entry entry(Node node) {
        Entry entry = done.get(node);
        if (entry == null) {
            List<Entry> in = node.inputs().stream().map(this::entry).toList();
            entry = node.operation().accept(new Operators(node, in));
            done.put(node, entry);
        }
        return entry;
    }

    private Entry recordBatchInput(Entry variable, Node leaf) {
        shapes.recordBatchInput(variable, leaf.shape(), leaf.type());
        return variable;
    }

    private Entry constant(Leaf values, Dims shape, DataType type) {
        Node leaf = new Node(values, List.of(), shape, type, "");
        return variable("constant" + variables.size(), leaf);
    }

    private Entry variable(String name, Node leaf) {
        Entry entry = json.variable(name);
        variables.put(name, leaf);
        names.put(entry, name);
        return entry;
    }

    /** Writes the MXNet operations for one node. */
    private final class Operators implements OperationVisitor<Entry> {
        private final Node node;
        private final List<Entry> in;

        Operators(Node node, List<Entry> in) {
            this.node = node;
            this.in = in;
        }

        @Override
        public Entry leaf(Leaf leaf) {
            return leaf.fold(
                    input -> recordBatchInput(variable(input.name(), node), node),
                    weight -> variable(weight.path(), node),
                    prepared -> variable("prepared" + prepared.index(), node),
                    drawn -> recordBatchInput(variable(drawn(drawn.index()), node), node),
                    constant -> constant(constant, node.shape(), node.type()),
                    fill -> {
                        Dims one = node.shape().map(n -> n.hasBatch() ? DimExpr.of(1) : n);
                        return shapes.expanded(shared(fill, one), one, node.shape(), node.type());
                    });
        }

        @Override
        public Entry convolution(Operation.Convolution o) {
            return symbols.convolution(in, node.input(1).shape().fixed(), o);
        }

        @Override
        public Entry transposedConvolution(TransposedConvolution o) {
            return symbols.transposedConvolution(in, node.input(1).shape(), o.window(), fused);
        }

        @Override
        public Entry resize(Resize o) {
            BiFunction<double[], Dims, Entry> table = (v, s) -> shared(new Leaf.Constant(v), s);
            return new SymbolResize(symbols, o.interpolation(), table)
                    .resized(in.get(0), node.input(0).shape(), node.shape());
        }

        private Entry shared(Leaf leaf, Dims shape) {
            return constants.computeIfAbsent(
                    List.of(leaf, shape, node.type()), key -> constant(leaf, shape, node.type()));
        }

        @Override
        public Entry linear(Operation.Linear o) {
            return symbols.linear(in, node.input(1).shape().get(0).value());
        }

        @Override
        public Entry product(Operation.Product o) {
            return symbols.product(
                    in.get(0),
                    node.input(0).shape(),
                    in.get(1),
                    node.input(1).shape(),
                    o.transposed(),
                    node.shape());
        }

        @Override
        public Entry batchNorm(Operation.BatchNorm o) {
            if (o.training()) {
                return trainingNorm(o);
            }
            if (node.shape().dimension() == 2) {
                return symbols.vectorNorm(in, o.eps());
            }
            auxiliary.addAll(in.subList(3, 5));
            return symbols.batchNorm(in, o);
        }

        private Entry trainingNorm(Operation.BatchNorm o) {
            // MXNet adds the biased variance, and only in backward: scratch ones stay unchanged.
            Dims channels = node.input(3).shape();
            Entry mean = constant(new Leaf.Fill(0), channels, node.type());
            Entry variance = constant(new Leaf.Fill(1), channels, node.type());
            Entry norm =
                    symbols.batchNorm(List.of(in.get(0), in.get(1), in.get(2), mean, variance), o);
            statistics.add(
                    new Statistics(node.input(3), node.input(4), o.momentum(), node.input(0)));
            // The third output is 1 / sqrt(variance + eps).
            Entry squared =
                    symbols.scalar(symbols.blockGradient(norm.output(2)), Arithmetic.POWER, -2);
            statisticsHeads.add(symbols.blockGradient(norm.output(1)));
            statisticsHeads.add(symbols.scalar(squared, Arithmetic.SUBTRACT, o.eps()));
            return norm;
        }

        @Override
        public Entry layerNorm(Operation.LayerNorm o) {
            return !fused && SymbolNorms.isTrainable(node)
                    ? norms.layerNorm(in, node, o.eps())
                    : json.operation("LayerNorm", in, "axis", -1, "eps", o.eps());
        }

        @Override
        public Entry pad(Operation.Pad o) {
            return symbols.pad(in.get(0), o);
        }

        @Override
        public Entry pool(Operation.Pool o) {
            return symbols.pool(in.get(0), o);
        }

        @Override
        public Entry globalPool(Operation.GlobalPool o) {
            return symbols.globalPool(in.get(0), node.shape().dimension(), o, fused);
        }

        @Override
        public Entry unary(Operation.Unary o) {
            boolean apart = fused && OneDnnFusion.confuses(node, o, readers, done);
            return symbols.unary(apart ? symbols.blockGradient(in.get(0)) : in.get(0), o);
        }

        @Override
        public Entry binary(Operation.Binary o) {
            Arithmetic arithmetic = o.arithmetic();
            Node a = node.input(0);
            Node b = node.input(1);
            Entry x = castTo(a, node.type());
            Entry y = castTo(b, node.type());
            if (!a.shape().equals(b.shape())) {
                return symbols.broadcasting(node, o, x, y, fused);
            }
            if (arithmetic == Arithmetic.ADD && fused && !OneDnnFusion.fusesSum(node, readers)) {
                return json.operation("_npi_add", List.of(in.get(0), y));
            }
            return symbols.elementwise(arithmetic, x, y);
        }

        @Override
        public Entry scalar(Operation.Scalar o) {
            return symbols.scalar(in.get(0), o.arithmetic(), o.value());
        }

        @Override
        public Entry softmax(Operation.Softmax o) {
            return symbols.softmax(in.get(0), o.axis());
        }

        @Override
        public Entry reduce(Operation.Reduce o) {
            return symbols.reduce(in.get(0), o);
        }

        @Override
        public Entry attention(Operation.Attention o) {
            Dims queries = node.input(0).shape();
            Dims keys = node.input(1).shape();
            int rank = queries.dimension();
            Dims all = queries.slice(0, rank - 1).add(keys.get(rank - 2));
            Entry scaled = symbols.scalar(in.get(0), Arithmetic.MULTIPLY, o.scale());
            Entry scores = symbols.product(scaled, queries, in.get(1), keys, true, all);
            if (in.size() == 4) {
                // Broadcasting is no slower for the rare bias in the full shape of the scores.
                scores = symbols.broadcasting(Arithmetic.ADD, scores, in.get(3));
            }
            if (o.causal()) {
                Entry mask = causal(all.slice(rank - 2).fixed(), node.type());
                scores = symbols.broadcasting(Arithmetic.ADD, scores, mask);
            }
            Entry weights = symbols.softmax(scores, rank - 1);
            return symbols.product(
                    weights, all, in.get(2), node.input(2).shape(), false, node.shape());
        }

        @Override
        public Entry embedding(Operation.Embedding o) {
            return symbols.embedding(in, node.input(1).shape().fixed(), node.type());
        }

        @Override
        public Entry cast(Operation.Cast o) {
            return symbols.cast(in.get(0), node.type());
        }

        @Override
        public Entry dropout(Operation.Dropout o) {
            return json.operation("Dropout", in, "p", o.rate(), "mode", "always");
        }

        @Override
        public Entry reshape(Operation.Reshape o) {
            return shapes.reshaped(node, in.get(0), fused);
        }

        @Override
        public Entry expand(Operation.Expand o) {
            return shapes.expanded(in.get(0), node.input(0).shape(), node.shape(), node.type());
        }

        @Override
        public Entry transpose(Operation.Transpose o) {
            return symbols.transposed(in.get(0), o.order());
        }

        @Override
        public Entry slice(Operation.Slice o) {
            return shapes.slice(node, in, o);
        }

        @Override
        public Entry concat(Operation.Concat o) {
            return shapes.concat(node, in, o.axis(), fused);
        }

        @Override
        public Entry writeLast(WriteLast o) {
            return shapes.writeLast(in, o.rows());
        }

        @Override
        public Entry repeat(Operation.Repeat o) {
            return symbols.repeated(in.get(0), o.times(), o.axis());
        }

        @Override
        public Entry fakeQuantize(FakeQuantize o) {
            return symbols.fakeQuantize(in.get(0), o, fused);
        }

        /** Returns the input: oneDNN chooses the memory layout itself. */
        @Override
        public Entry channelsLast(Operation.ChannelsLast o) {
            return in.get(0);
        }
    }

    private Entry castTo(Node node, DataType type) {
        return node.type() == type ? entry(node) : symbols.cast(entry(node), type);
    }

    private Entry causal(Shape shape, DataType type) {
        return constants.computeIfAbsent(
                List.of("causal", shape, type),
                key -> {
                    double[] mask = new double[Math.toIntExact(shape.size())];
                    for (int i = 0; i < mask.length; i++) {
                        long position = i / shape.get(1);
                        mask[i] = i % shape.get(1) > position ? MASKED : 0;
                    }
                    return constant(new Leaf.Constant(mask), Dims.of(shape.getShape()), type);
                });
    }
}
