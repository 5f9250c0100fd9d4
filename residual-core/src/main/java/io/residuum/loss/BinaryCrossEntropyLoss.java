package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.nn.ActivationBlock;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The binary cross-entropy of logits and numbers in [0, 1], for several labels of one sample and
 * for masks. The network ends before the sigmoid.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param posWeights weights of the positive term, not negative: one for each class, or one for all.
 *     Values above 1 trade precision for recall. Default: empty, 1
 */
@TypeName("binaryCrossEntropy")
@Doc("The binary cross-entropy of logits and numbers in [0, 1], for several labels of one sample.")
public record BinaryCrossEntropyLoss(
        @Default("1.0") double weight, @Default("[]") List<Double> posWeights) implements LossSpec {
    public BinaryCrossEntropyLoss {
        Losses.checkWeight(weight);
        posWeights = Losses.weights("posWeights", posWeights);
    }

    @Override
    public boolean binaryLogits() {
        return true;
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        Target.Numbers numbers = Losses.numbers("binaryCrossEntropy", target, output);
        for (float value : numbers.values()) {
            if (value < 0 || value > 1) {
                throw new LossException(
                        "the targets of binaryCrossEntropy must be in [0, 1], got %s"
                                .formatted(value));
            }
        }
        int axis = Axes.classes(output);
        int count = posWeights.size();
        if (count > 1 && count != output.get(axis)) {
            throw new LossException(
                    "posWeights must have one weight for each of the %d classes, or one for all, got %d"
                            .formatted(output.get(axis), count));
        }
        long[] dims = new long[output.dimension()];
        Arrays.fill(dims, 1);
        dims[axis] = Math.max(1, count);
        return new NumberLoss(numbers, type, (x, y) -> errors(x, y, new Shape(dims), type));
    }

    private NDArray errors(NDArray logits, NDArray target, Shape broadcast, DataType type) {
        Ops ops = Ops.of(logits.getManager());
        // -y log sigmoid(x) - (1 - y) log(1 - sigmoid(x)) = (1 - y) x + softplus(-x)
        NDArray positive = ActivationBlock.softplus(ops.mul(logits, -1));
        if (!posWeights.isEmpty()) {
            double[] extra = posWeights.stream().mapToDouble(w -> w - 1).toArray();
            NDArray factors = Values.create(logits.getManager(), extra, broadcast, type);
            positive = positive.mul(ops.add(target.mul(factors), 1));
        }
        return logits.sub(logits.mul(target)).add(positive);
    }
}
