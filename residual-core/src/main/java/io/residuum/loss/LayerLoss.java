package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A loss that a layer without parameters computes, for instance a graph with the inputs {@code
 * output} and {@code target}. Both have the same shape; classes arrive as one-hot rows. The loss is
 * the mean of the layer's output: one number for each number of the target, or as many for each
 * sample. Unknown targets do not count; they need one number for each.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param layer the layer, with two inputs and one output
 */
@TypeName("layer")
public record LayerLoss(@Default("1.0") double weight, LayerSpec layer) implements LossSpec {
    public LayerLoss {
        Losses.checkWeight(weight);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        Target.Numbers numbers = Losses.oneHot("layer", target, output);
        Layer built = built(output);
        return new NumberLoss(numbers, type, (y, wanted) -> computed(built, type, y, wanted));
    }

    private Layer built(Shape output) {
        long[] dims = output.getShape().clone();
        dims[0] = -1;
        Layer built;
        try {
            built = layer.newBlock(List.of(new Shape(dims), new Shape(dims)));
        } catch (SpecException | IllegalArgumentException e) {
            throw new LossException("layer: " + e.getMessage());
        }
        if (built.outputNames().size() != 1 || !built.namedParameters().isEmpty()) {
            throw new LossException(
                    "the layer of a loss must have one output and no parameters, which training would not change, got the outputs %s and the parameters %s: move layers with parameters into the network"
                            .formatted(built.outputNames(), built.namedParameters().keySet()));
        }
        return built;
    }

    private static NDArray computed(Layer layer, DataType type, NDArray output, NDArray target) {
        layer.initialize(output.getManager(), type, output.getShape(), target.getShape());
        ParameterStore none = new ParameterStore(output.getManager(), false);
        return layer.forward(
                        ForwardPass.of(none, new NDList(output), true), new NDList(output, target))
                .head();
    }
}
