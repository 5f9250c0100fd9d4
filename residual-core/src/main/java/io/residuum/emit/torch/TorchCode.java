package io.residuum.emit.torch;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.SymbolicDim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The method that computes a graph, one statement a node. */
final class TorchCode {
    private final Graph graph;
    private final Function<Node, String> held;
    private final Map<Node, String> names = new IdentityHashMap<>();
    private final List<String> statements = new ArrayList<>();
    private final Map<SymbolicDim, String> sizes = new HashMap<>();
    private final Map<DimExpr, String> places = new HashMap<>();
    private final TorchOperations operations;
    private final Fusion fusion;
    private final Splits splits;
    private final Map<List<?>, String> split = new HashMap<>();

    private TorchCode(Graph graph, Function<Node, String> held, String device, Fusion fusion) {
        this.graph = graph;
        this.held = held;
        this.operations = new TorchOperations(device, this::size);
        this.fusion = fusion;
        this.splits = Splits.of(graph);
    }

    /**
     * Writes a method.
     *
     * @param graph what it computes; inputs and then draws are its arguments
     * @param device an expression: where new tensors lie
     * @param held the expression of a weight, a prepared value or a constant, and of the packed
     *     weights of a fused product
     * @param fusion what is computed in one go
     * @return lines, indented for a class
     */
    static String forward(Graph graph, String device, Function<Node, String> held, Fusion fusion) {
        return new TorchCode(graph, held, device, fusion).method();
    }

    /** The names of a method's arguments. */
    static List<String> arguments(Graph graph) {
        List<String> arguments = new ArrayList<>();
        for (String name : graph.inputs().keySet()) {
            // Underscores are for variables.
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
            shaped(arguments.get(i), inputs.get(i).shape());
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
        if (operation instanceof Leaf.Drawn drawn) {
            return arguments.get(inputs + drawn.index());
        }
        if (operation.isLeaf() && !(operation instanceof Leaf.Fill)) {
            return held.apply(node);
        }
        if (operation instanceof Operation.WriteLast w) {
            String array = value(node.input(0));
            String last = "torch.slice(%s, 1, -%d)".formatted(array, w.rows());
            statements.add("    torch.copy_(%s, %s)".formatted(last, value(node.input(1))));
            return array;
        }
        String name = state(expression(node));
        shaped(name, node.shape());
        return name;
    }

    /** Gives a value a name. */
    private String state(String expression) {
        String name = "_" + statements.size();
        statements.add("    " + name + " = " + expression);
        return name;
    }

    private String expression(Node node) {
        Fusion.Fused fused = fusion.endingAt(node);
        if (fused != null) {
            return fused.expression(this::value, held.apply(fused.product()));
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
                split.computeIfAbsent(
                        List.of(whole, part.axis()),
                        key ->
                                state(
                                        "torch.split_with_sizes(%s, %s, %d)"
                                                .formatted(whole, part.sizes(), part.axis())));
        return all + "[" + part.index() + "]";
    }

    private String value(Node node) {
        return Objects.requireNonNull(names.get(node));
    }

    /** Says that a variable has a shape, from which open sizes can be read. */
    private void shaped(String name, Dims shape) {
        for (int axis = 0; axis < shape.dimension(); axis++) {
            places.putIfAbsent(shape.get(axis), "torch.size(" + name + ", " + axis + ")");
        }
    }

    /** Returns the variable of an open size. */
    private String size(SymbolicDim symbol) {
        String known = sizes.get(symbol);
        if (known != null) {
            return known;
        }
        String read = places.get(DimExpr.of(symbol));
        if (read == null) {
            throw new IllegalArgumentException(
                    "the size "
                            + symbol
                            + " must be one of an input's to be free, got "
                            + graph.inputs());
        }
        String name = "_" + symbol.label();
        statements.add("    " + name + " = " + read);
        sizes.put(symbol, name);
        return name;
    }
}
