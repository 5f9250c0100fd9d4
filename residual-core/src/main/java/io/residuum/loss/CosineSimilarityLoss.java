package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The squared difference between the cosine of two vectors and a number (Reimers and Gurevych 2019,
 * arXiv:1908.10084, Section 3). The output is {@code (N, 2, D)}, the target {@code (N)}.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 */
@TypeName("cosineSimilarity")
public record CosineSimilarityLoss(@Default("1.0") double weight) implements LossSpec {
    public CosineSimilarityLoss {
        Losses.checkWeight(weight);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        if (output.dimension() != 3 || output.get(1) != 2) {
            throw new LossException(
                    "cosineSimilarity needs an output (N, 2, D) of pairs, got %s"
                            .formatted(output));
        }
        Shape rows = new Shape(output.get(0));
        float[] wanted = Losses.numbers("cosineSimilarity", target, rows).values().clone();
        boolean[] known = new boolean[wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            known[i] = !Float.isNaN(wanted[i]);
            wanted[i] = known[i] ? wanted[i] : 0;
        }
        return new RowLoss(
                known,
                type,
                y -> {
                    NDArray pairs = CosineLoss.normalized(y);
                    NDArray cosines =
                            pairs.get(new NDIndex(":, 0"))
                                    .mul(pairs.get(new NDIndex(":, 1")))
                                    .sum(new int[] {1});
                    return cosines.sub(Values.create(y.getManager(), wanted, rows, type)).square();
                });
    }
}
