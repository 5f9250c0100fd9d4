package io.residuum.loss;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of logits and classes, in nats. The classes of {@code (N, C)} and {@code (N, T,
 * C)} are on the last axis, those of images {@code (N, C, H, W)} on axis 1. Targets are labels or
 * probabilities.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param labelSmoothing the share of each target that is spread over all classes, in [0, 1).
 *     Default: 0
 * @param classWeights one weight per class, not negative. The mean over labels is weighted, as in
 *     PyTorch. Default: empty, all equal
 * @param ignoreIndex a further label that does not count, such as 255 in segmentation; -1 never
 *     counts. Default: none
 */
@TypeName("crossEntropy")
public record CrossEntropyLoss(
        @Default("1.0") double weight,
        @Default("0.0") double labelSmoothing,
        @Default("[]") List<Double> classWeights,
        @Nullable Integer ignoreIndex)
        implements LossSpec {
    public CrossEntropyLoss {
        Losses.checkWeight(weight);
        Check.rate("labelSmoothing", labelSmoothing);
        classWeights = Losses.weights("classWeights", classWeights);
    }

    /**
     * Creates a loss without class weights.
     *
     * @param weight the factor of this loss
     */
    public CrossEntropyLoss(double weight, double labelSmoothing) {
        this(weight, labelSmoothing, List.of(), null);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        Target.Classes classes = Losses.classes("crossEntropy", target, output);
        int count = Math.toIntExact(output.get(Axes.classes(output)));
        if (!classWeights.isEmpty() && classWeights.size() != count) {
            throw new LossException(
                    "classWeights must have one weight for each of the %d classes, got %d"
                            .formatted(count, classWeights.size()));
        }
        int[] labels = classes.labels();
        if (ignoreIndex != null) {
            labels =
                    Arrays.stream(labels)
                            .map(label -> label == ignoreIndex ? Target.IGNORED : label)
                            .toArray();
        }
        return new CrossEntropy(this, labels, classes.probabilities(), count, type);
    }
}
