package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.nn.ActivationBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The binary cross-entropy of logits and numbers in [0, 1], for several labels of one sample and
 * for masks. The network ends before the sigmoid. A class counts as a label of 1 among labels of 0,
 * as in Wightman et al. 2021, "ResNet strikes back".
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param posWeights weights of the positive term, not negative: one for each class, or one for all.
 *     Values above 1 trade precision for recall. Default: empty, 1
 * @param labelSmoothing the share of the target of a class that is spread over all classes, in [0,
 *     1). Default: 0
 * @param threshold the target, in [0, 1), above which a label is 1, and else 0, before smoothing:
 *     0.2 makes both classes of mixed images labels. Default: none
 */
@TypeName("binaryCrossEntropy")
public record BinaryCrossEntropyLoss(
        @Default("1.0") double weight,
        @Default("[]") List<Double> posWeights,
        @Default("0.0") double labelSmoothing,
        @Nullable Double threshold)
        implements LossSpec {
    public BinaryCrossEntropyLoss {
        Losses.checkWeight(weight);
        posWeights = Losses.weights("posWeights", posWeights);
        Check.rate("labelSmoothing", labelSmoothing);
        if (threshold != null) {
            Check.rate("threshold", threshold);
        }
    }

    /**
     * Creates a loss with plain targets.
     *
     * @param weight the factor of this loss
     * @param posWeights the weights of the positive term
     */
    public BinaryCrossEntropyLoss(double weight, List<Double> posWeights) {
        this(weight, posWeights, 0, null);
    }

    @Override
    public boolean binaryLogits() {
        return true;
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        Target.Numbers numbers = numbers(target, output);
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

    private Target.Numbers numbers(@Nullable Target target, Shape output) {
        Target.Numbers given = Losses.oneHot("binaryCrossEntropy", target, output);
        float[] values = given.values().clone();
        double shared = labelSmoothing / output.get(Axes.classes(output));
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] > 1) {
                throw new LossException(
                        "the targets of binaryCrossEntropy must be in [0, 1], got %s"
                                .formatted(values[i]));
            }
            if (threshold != null && !Float.isNaN(values[i])) {
                values[i] = values[i] > threshold ? 1 : 0;
            }
            if (target instanceof Target.Classes) {
                values[i] = (float) ((1 - labelSmoothing) * values[i] + shared);
            }
        }
        return new Target.Numbers(values, given.shape());
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
