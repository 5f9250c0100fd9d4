package io.residuum.graph.torch;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Batch;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The method that computes a graph, one statement a node. */
final class TorchCode {
    /** The variable of the batch size. */
    static final String BATCH = "_batch";

    private final Graph graph;
    private final Function<Node, String> held;
    private final Map<Node, String> names = new IdentityHashMap<>();
    private final List<String> statements = new ArrayList<>();
    private final TorchOperations operations;
    private final Fusion fusion;

    private TorchCode(
            Graph graph, Function<Node, String> held, TorchOperations operations, Fusion fusion) {
        this.graph = graph;
        this.held = held;
        this.operations = operations;
        this.fusion = fusion;
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
        return new TorchCode(graph, held, new TorchOperations(device), fusion).method();
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
        }
        for (Node node : graph.nodes()) {
            if (!fusion.absorbs(node)) {
                names.computeIfAbsent(node, n -> name(n, inputs.size(), arguments));
            }
        }
        String body = String.join("\n", statements);
        if (body.contains(BATCH)) {
            body = batch() + "\n" + body;
        }
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
        if (operation instanceof Operation.Drawn drawn) {
            return arguments.get(inputs + drawn.index());
        }
        if (operation.isLeaf() && !(operation instanceof Operation.Fill)) {
            return held.apply(node);
        }
        String name = "_" + statements.size();
        statements.add("    " + name + " = " + expression(node));
        return name;
    }

    private String expression(Node node) {
        Fusion.Fused fused = fusion.endingAt(node);
        if (fused != null) {
            return fused.expression(this::value, held.apply(fused.product()));
        }
        return operations.expression(node, node.inputs().stream().map(this::value).toList());
    }

    private String value(Node node) {
        return Objects.requireNonNull(names.get(node));
    }

    private String batch() {
        List<String> arguments = arguments(graph);
        int i = 0;
        for (Node input : graph.inputs().values()) {
            Shape shape = input.shape();
            if (shape.dimension() > 0 && shape.get(0) == Batch.SIZE) {
                return "    " + BATCH + " = torch.size(" + arguments.get(i) + ", 0)";
            }
            i++;
        }
        throw new IllegalArgumentException(
                "a graph whose operations need the batch size must have an input (N, ...), got "
                        + graph.inputs());
    }
}
