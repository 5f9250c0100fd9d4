package io.residuum.emit.torch;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Function;

/**
 * The fused convolutions of cuDNN: bias, sum and ReLU. PyTorch's own convolution reads and writes
 * its result again for the bias.
 */
final class CudnnKernels implements FusedKernels {

    /** Convolutions with groups have faster kernels of PyTorch's own. */
    @Override
    public boolean computes(Node node) {
        return node.operation() instanceof Operation.Convolution c
                && node.shape().dimension() == 4
                && c.groups() == 1
                && node.type() != DataType.FLOAT64
                && node.inputs().stream().allMatch(in -> in.type() == node.type());
    }

    @Override
    public boolean has(Group group) {
        return group.activation() == Function.RELU;
    }

    @Override
    public boolean reorderWeights() {
        return false;
    }

    @Override
    public String expression(
            Group group,
            java.util.function.Function<Node, String> names,
            java.util.function.Function<Node, String> reordered) {
        Node product = group.product();
        Operation.Convolution c = (Operation.Convolution) product.operation();
        String x = names.apply(product.input(0));
        String weight = names.apply(product.input(1));
        String bias = product.inputs().size() > 2 ? names.apply(product.input(2)) : "None";
        String geometry =
                "%s, %s, %s, 1"
                        .formatted(
                                TorchOperations.list(c.stride()),
                                TorchOperations.list(c.padding()),
                                TorchOperations.list(c.dilation()));
        return group.added() == null
                ? "torch.cudnn_convolution_relu(%s, %s, %s, %s)"
                        .formatted(x, weight, bias, geometry)
                : "torch.cudnn_convolution_add_relu(%s, %s, %s, 1.0, %s, %s)"
                        .formatted(x, weight, names.apply(group.added()), bias, geometry);
    }
}
