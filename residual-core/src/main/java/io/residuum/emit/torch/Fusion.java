package io.residuum.emit.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The groups of operations that oneDNN computes in one kernel on a CPU: a convolution or linear
 * layer, the sum with another value, and the following activation. The weights are reordered once
 * for its kernels; otherwise every call reorders them. For inference only: these operations of
 * PyTorch have no gradients.
 */
final class Fusion {
    /** Fuses nothing. */
    static final Fusion NONE = new Fusion();

    private static final String NO_NUMBERS = "annotate(List[Optional[number]], [])";

    /** The activations that oneDNN fuses, with their names there. */
    private static final Map<Function, String> ACTIVATIONS =
            Map.of(
                    Function.RELU, "relu",
                    Function.GELU, "gelu",
                    Function.GELU_TANH, "gelu",
                    Function.RELU6, "hardtanh",
                    Function.HARD_SIGMOID, "hardsigmoid",
                    Function.HARD_SWISH, "hardswish",
                    Function.SIGMOID, "sigmoid",
                    Function.TANH, "tanh",
                    Function.SILU, "swish");

    private final Map<Node, Fused> byLast = new IdentityHashMap<>();
    private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

    private Fusion() {}

    /** A product, the value added to its result, and the activation of the sum. */
    record Fused(Node product, @Nullable Node added, @Nullable Function activation) {

        /** Returns the TorchScript expression from the names of values and packed weights. */
        String expression(java.util.function.Function<Node, String> names, String packed) {
            List<Node> inputs = product.inputs();
            String x = names.apply(inputs.get(0));
            String bias = inputs.size() > 2 ? names.apply(inputs.get(2)) : "None";
            if (product.operation() instanceof Operation.Convolution c) {
                return added == null
                        ? call("_convolution_pointwise", x, packed, bias, geometry(c), applied())
                        : call(
                                "_convolution_pointwise",
                                x,
                                names.apply(added),
                                packed,
                                bias,
                                geometry(c),
                                "\"add\", 1.0",
                                activation == null ? "None" : "\"relu\"",
                                NO_NUMBERS,
                                "None");
            }
            return added == null
                    ? call("_linear_pointwise", x, packed, bias, applied())
                    : call("_linear_pointwise", x, names.apply(added), packed, bias, "\"add\"");
        }

        private String applied() {
            String name =
                    activation == null
                            ? "none"
                            : Objects.requireNonNull(ACTIVATIONS.get(activation));
            String algorithm =
                    activation == Function.GELU
                            ? "\"none\""
                            : activation == Function.GELU_TANH ? "\"tanh\"" : "None";
            String numbers =
                    activation == Function.RELU6
                            ? "annotate(List[Optional[number]], [0.0, 6.0])"
                            : NO_NUMBERS;
            return "\"" + name + "\", " + numbers + ", " + algorithm;
        }
    }

    private static String geometry(Operation.Convolution c) {
        return String.join(
                ", ",
                TorchOperations.list(c.padding()),
                TorchOperations.list(c.stride()),
                TorchOperations.list(c.dilation()),
                Integer.toString(c.groups()));
    }

    private static String call(String function, String... arguments) {
        return "ops.mkldnn." + function + "(" + String.join(", ", arguments) + ")";
    }

    /**
     * {@return the expression that reorders the weights of a product for its kernel}
     *
     * @param product a fused product, or a product alone
     * @param weight the expression of its weights
     * @param batch the expected number of samples
     */
    static String pack(Node product, String weight, int batch) {
        if (product.operation() instanceof Operation.Convolution c) {
            Shape images = product.input(0).shape().at(batch);
            return call(
                    "_reorder_convolution_weight",
                    weight,
                    geometry(c),
                    TorchOperations.list(images));
        }
        return call("_reorder_linear_weight", weight, "None");
    }

    /** Finds groups to fuse. Every value is in at most one group. */
    static Fusion of(Graph graph) {
        Fusion fusion = new Fusion();
        Map<Node, List<Node>> readers = graph.readers();
        Set<Node> results = Collections.newSetFromMap(new IdentityHashMap<>());
        results.addAll(graph.outputs());
        for (Node node : graph.nodes()) {
            if (isProduct(node)) {
                fusion.fuse(node, readers, results);
            }
        }
        for (Node node : graph.nodes()) {
            if (isFixed(node) && fusion.onlyPacked(node, readers.getOrDefault(node, List.of()))) {
                fusion.absorbed.add(node);
            }
        }
        return fusion;
    }

    /** Returns the group that ends at a node; null if there is none. */
    @Nullable Fused endingAt(Node node) {
        return byLast.get(node);
    }

    /** Returns true if no statement needs the node's value. */
    boolean absorbs(Node node) {
        return absorbed.contains(node);
    }

    private void fuse(Node product, Map<Node, List<Node>> readers, Set<Node> results) {
        Node last = product;
        Node added = null;
        Function activation = null;
        boolean convolution = product.operation() instanceof Operation.Convolution;
        Node next = reader(last, readers, results);
        if (next != null && isSum(next) && !taken(next) && !(convolution && isThin(product))) {
            added = next.input(0) == last ? next.input(1) : next.input(0);
            absorbed.add(last);
            last = next;
            next = convolution ? reader(last, readers, results) : null;
        }
        if (next != null && next.operation() instanceof Operation.Unary u) {
            boolean fits =
                    added == null
                            ? ACTIVATIONS.containsKey(u.function())
                            : u.function() == Function.RELU;
            if (fits && next.type() == last.type()) {
                activation = u.function();
                absorbed.add(last);
                last = next;
            }
        }
        byLast.put(last, new Fused(product, added, activation));
    }

    /**
     * Returns true for images of one pixel or one channel. PyTorch cannot tell their memory format
     * from their strides, and then fails to add to them ("could not create a memory").
     */
    private static boolean isThin(Node images) {
        Shape shape = images.shape().at(1);
        return shape.get(1) == 1 || shape.get(2) * shape.get(3) == 1;
    }

    private boolean taken(Node node) {
        return byLast.containsKey(node) || absorbed.contains(node);
    }

    /** Returns the only reader of a value; null if there are several or the value is a result. */
    private static @Nullable Node reader(
            Node node, Map<Node, List<Node>> readers, Set<Node> results) {
        List<Node> all = readers.getOrDefault(node, List.of());
        return all.size() == 1 && !results.contains(node) ? all.get(0) : null;
    }

    private static boolean isSum(Node node) {
        return node.operation() instanceof Operation.Binary b
                && b.arithmetic() == Arithmetic.ADD
                && sameShapeAndType(node.input(0), node.input(1))
                && node.input(0) != node.input(1)
                && sameShapeAndType(node, node.input(0));
    }

    private static boolean sameShapeAndType(Node a, Node b) {
        return a.shape().equals(b.shape()) && a.type() == b.type();
    }

    private static boolean isProduct(Node node) {
        boolean images =
                node.operation() instanceof Operation.Convolution && node.shape().dimension() == 4;
        return (images && isFixedSize(node.input(0))
                        || node.operation() instanceof Operation.Linear)
                && isFixed(node.input(1))
                && (node.type() == DataType.FLOAT32 || node.type() == DataType.BFLOAT16)
                && node.inputs().stream().allMatch(in -> in.type() == node.type());
    }

    /** Images of another size than the weights' layout is for take several times longer. */
    private static boolean isFixedSize(Node images) {
        return !images.shape().isOpenBeyondBatch();
    }

    private static boolean isFixed(Node node) {
        return node.operation() instanceof Leaf.Weight || node.operation() instanceof Leaf.Prepared;
    }

    private boolean onlyPacked(Node weight, List<Node> readers) {
        return !readers.isEmpty()
                && readers.stream()
                        .allMatch(
                                r ->
                                        isProduct(r)
                                                && r.input(1) == weight
                                                && r.input(0) != weight
                                                && !r.inputs()
                                                        .subList(2, r.inputs().size())
                                                        .contains(weight));
    }
}
