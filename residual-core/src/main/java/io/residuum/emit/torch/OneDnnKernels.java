package io.residuum.emit.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Function;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fused convolutions and linear layers of oneDNN on a CPU. The weights are reordered once for
 * its kernels; otherwise every call reorders them.
 */
final class OneDnnKernels implements FusedKernels {
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

    @Override
    public boolean computes(Node node) {
        boolean images =
                node.operation() instanceof Operation.Convolution && node.shape().dimension() == 4;
        return (images && isFixedSize(node.input(0))
                        || node.operation() instanceof Operation.Linear)
                && Fusion.isWeight(node.input(1))
                && (node.type() == DataType.FLOAT32 || node.type() == DataType.BFLOAT16)
                && node.inputs().stream().allMatch(in -> in.type() == node.type());
    }

    /** Images of another size than the weights' layout is for take several times longer. */
    private static boolean isFixedSize(Node images) {
        return !images.shape().isOpenBeyondBatch();
    }

    @Override
    public boolean has(Group group) {
        Function activation = group.activation();
        if (group.added() == null) {
            return activation == null || ACTIVATIONS.containsKey(activation);
        }
        return group.product().operation() instanceof Operation.Convolution
                ? !isThin(group.product()) && (activation == null || activation == Function.RELU)
                : activation == null;
    }

    /**
     * Returns true for images of one pixel or one channel. PyTorch cannot tell their memory format
     * from their strides, and then fails to add to them ("could not create a memory").
     */
    private static boolean isThin(Node images) {
        Shape shape = images.shape().at(1);
        return shape.get(1) == 1 || shape.get(2) * shape.get(3) == 1;
    }

    @Override
    public boolean reorderWeights() {
        return true;
    }

    @Override
    public String expression(
            Group group,
            java.util.function.Function<Node, String> names,
            java.util.function.Function<Node, String> reordered) {
        List<Node> inputs = group.product().inputs();
        String x = names.apply(inputs.get(0));
        String weight = reordered.apply(group.product());
        String bias = inputs.size() > 2 ? names.apply(inputs.get(2)) : "None";
        Node added = group.added();
        if (group.product().operation() instanceof Operation.Convolution c) {
            return added == null
                    ? call(
                            "_convolution_pointwise",
                            x,
                            weight,
                            bias,
                            geometry(c),
                            applied(group.activation()))
                    : call(
                            "_convolution_pointwise",
                            x,
                            names.apply(added),
                            weight,
                            bias,
                            geometry(c),
                            "\"add\", 1.0",
                            group.activation() == null ? "None" : "\"relu\"",
                            NO_NUMBERS,
                            "None");
        }
        return added == null
                ? call("_linear_pointwise", x, weight, bias, applied(group.activation()))
                : call("_linear_pointwise", x, names.apply(added), weight, bias, "\"add\"");
    }

    private static String applied(@Nullable Function activation) {
        String name =
                activation == null ? "none" : Objects.requireNonNull(ACTIVATIONS.get(activation));
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
     * @param weight the expression of its weights
     * @param batch the expected number of samples
     */
    static String reorder(Node product, String weight, int batch) {
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
}
