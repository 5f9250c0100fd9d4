package io.residuum.emit.torch;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.WriteLast;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes the method that computes a graph, with one statement per node. */
final class TorchCode {
    private final Graph graph;
    private final Function<Node, String> held;
    private final Map<Node, String> names = new IdentityHashMap<>();
    private final List<String> statements = new ArrayList<>();
    private final Map<SymbolicDim, String> sizes = new HashMap<>();
    private final Map<DimExpr, String> sizeSources = new HashMap<>();
    private final TorchOperations operations;
    private final Fusion fusion;
    private final Splits splits;
    private final Map<List<?>, String> splitNames = new HashMap<>();

    private TorchCode(Graph graph, Function<Node, String> held, String device, Fusion fusion) {
        this.graph = graph;
        this.held = held;
        this.operations = new TorchOperations(device, this::size);
        this.fusion = fusion;
        this.splits = Splits.of(graph);
    }

    /**
     * Writes the method.
     *
     * @param graph the graph; its inputs and then its draws become arguments
     * @param device the expression of the device of new tensors
     * @param held returns the expression of a weight, prepared value or constant, and of a fused
     *     product's reordered weights
     * @param fusion the groups of fused operations
     * @return lines, indented for a class
     */
    static String forward(Graph graph, String device, Function<Node, String> held, Fusion fusion) {
        return new TorchCode(graph, held, device, fusion).method();
    }

    /** Returns the names of the method's arguments. */
    static List<String> arguments(Graph graph) {
        List<String> arguments = new ArrayList<>();
        for (String name : graph.inputs().keySet()) {
            // Names that begin with an underscore belong to variables.
            boolean usable = !name.startsWith("_") && TorchNames.isUsable(name);
            arguments.add(usable ? name : "_input" + arguments.size());
        }
        for (int i = 0; i < graph.draws().size(); i++) {
            arguments.add("_drawn" + i);
        }
        return arguments;
    }

    private String method() {
        List<String> arguments = arguments(graph);
        List<Node> inputs = List.copyOf(graph.inputs().values());
        for (int i = 0; i < inputs.size(); i++) {
            names.put(inputs.get(i), arguments.get(i));
            recordShape(arguments.get(i), inputs.get(i).shape());
        }
        for (Node node : graph.nodes()) {
            if (!fusion.absorbs(node)) {
                names.computeIfAbsent(node, n -> name(n, inputs.size(), arguments));
            }
        }
        String body = String.join("\n", statements);
        String results = graph.outputs().stream().map(names::get).collect(Collectors.joining(", "));
        boolean one = graph.outputs().size() == 1;
        return "  def forward(self%s) -> %s:\n%s\n    return %s\n"
                .formatted(
                        arguments.stream()
                                .map(a -> ", " + a + ": Tensor")
                                .collect(Collectors.joining()),
                        one ? "Tensor" : "List[Tensor]",
                        body,
                        one ? results : "[" + results + "]");
    }

    private String name(Node node, int inputs, List<String> arguments) {
        Operation operation = node.operation();
        if (operation instanceof Leaf leaf) {
            return leaf.fold(
                    input -> held.apply(node),
                    weight -> held.apply(node),
                    prepared -> held.apply(node),
                    drawn -> arguments.get(inputs + drawn.index()),
                    constant -> held.apply(node),
                    fill -> computed(node));
        }
        if (operation instanceof WriteLast w) {
            String array = value(node.input(0));
            String last = "torch.slice(%s, 1, -%d)".formatted(array, w.rows());
            statements.add("    torch.copy_(%s, %s)".formatted(last, value(node.input(1))));
            return array;
        }
        return computed(node);
    }

    private String computed(Node node) {
        String name = assign(expression(node));
        recordShape(name, node.shape());
        return name;
    }

    /** Adds a statement that assigns a value to a new variable, and returns the variable. */
    private String assign(String expression) {
        String name = "_" + statements.size();
        statements.add("    " + name + " = " + expression);
        return name;
    }

    private String expression(Node node) {
        FusedKernels.Group fused = fusion.endingAt(node);
        if (fused != null) {
            return fused.expression(this::value, held);
        }
        Splits.Part part = splits.at(node);
        if (part != null) {
            return part(part);
        }
        return operations.expression(node, node.inputs().stream().map(this::value).toList());
    }

    private String part(Splits.Part part) {
        String whole = value(part.whole());
        String all =
                splitNames.computeIfAbsent(
                        List.of(whole, part.axis()),
                        key ->
                                assign(
                                        "torch.split_with_sizes(%s, %s, %d)"
                                                .formatted(whole, part.sizes(), part.axis())));
        return all + "[" + part.index() + "]";
    }

    private String value(Node node) {
        return Objects.requireNonNull(names.get(node));
    }

    /** Stores a variable's shape, from which the code can read open sizes. */
    private void recordShape(String name, Dims shape) {
        for (int axis = 0; axis < shape.dimension(); axis++) {
            sizeSources.putIfAbsent(shape.get(axis), "torch.size(" + name + ", " + axis + ")");
        }
    }

    /** Returns the variable that holds an open size. */
    private String size(SymbolicDim symbol) {
        String known = sizes.get(symbol);
        if (known != null) {
            return known;
        }
        String read = sizeSources.get(DimExpr.of(symbol));
        if (read == null) {
            throw new IllegalArgumentException(
                    "the open size %s must be the size of an input's axis, got inputs %s"
                            .formatted(symbol, graph.inputs()));
        }
        String name = "_" + symbol.label();
        statements.add("    " + name + " = " + read);
        sizes.put(symbol, name);
        return name;
    }
}
