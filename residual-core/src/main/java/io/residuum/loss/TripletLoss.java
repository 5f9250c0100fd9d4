package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The triplet loss (Schroff et al. 2015, arXiv:1503.03832) of Euclidean distances, as PyTorch's
 * TripletMarginLoss. The output is {@code (N, 3, D)}: anchor, positive and negative vectors.
 * Targets are not read.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param margin how much farther the negative must be than the positive, not negative. Default: 1
 */
@TypeName("triplet")
public record TripletLoss(@Default("1.0") double weight, @Default("1.0") double margin)
        implements LossSpec {
    /** Added to each difference, as PyTorch does: the root has no gradient at 0. */
    private static final double EPS = 1e-6;

    public TripletLoss {
        Losses.checkWeight(weight);
        Losses.notNegative("margin", margin);
    }

    @Override
    public boolean needsTarget() {
        return false;
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        if (output.dimension() != 3 || output.get(1) != 3) {
            throw new LossException(
                    "triplet needs an output (N, 3, D) of anchors, positives and negatives, got %s"
                            .formatted(output));
        }
        boolean[] all = new boolean[Math.toIntExact(output.get(0))];
        Arrays.fill(all, true);
        return new RowLoss(all, type, this::errors);
    }

    private NDArray errors(NDArray output) {
        Ops ops = Ops.of(output.getManager());
        NDArray near = distance(ops, output, 1);
        NDArray far = distance(ops, output, 2);
        return ops.add(near.sub(far), margin).getNDArrayInternal().relu();
    }

    private static NDArray distance(Ops ops, NDArray output, int other) {
        NDArray difference =
                output.get(new NDIndex(":, 0")).sub(output.get(new NDIndex(":, {}", other)));
        return ops.add(difference, EPS).square().sum(new int[] {1}).sqrt();
    }
}
