package io.residuum.emit.torch;

import io.residuum.graph.Node;
import io.residuum.graph.Operation.Function;
import org.jspecify.annotations.Nullable;

/** The operations of PyTorch that compute a product, a following sum and an activation at once. */
interface FusedKernels {

    /** A product, the value added to its result, and the activation of the sum. */
    record Group(
            FusedKernels kernels,
            Node product,
            @Nullable Node added,
            @Nullable Function activation) {

        /** {@return the TorchScript expression, see {@link FusedKernels#expression}} */
        String expression(
                java.util.function.Function<Node, String> names,
                java.util.function.Function<Node, String> reordered) {
            return kernels.expression(this, names, reordered);
        }
    }

    /** {@return true if a kernel computes this node, a convolution or linear layer} */
    boolean computes(Node node);

    /** {@return true if one operation of PyTorch computes a group} */
    boolean has(Group group);

    /** {@return true if kernels read reordered weights only} */
    boolean reorderWeights();

    /**
     * {@return the TorchScript expression of a group}
     *
     * @param names returns the variable of a value
     * @param reordered returns the expression of the reordered weights of a product
     */
    String expression(
            Group group,
            java.util.function.Function<Node, String> names,
            java.util.function.Function<Node, String> reordered);
}
