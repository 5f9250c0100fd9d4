package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The Kullback-Leibler divergence from the softmax of the output to probabilities, per position.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param temperature divides the logits, positive. The loss is multiplied by its square, so that
 *     gradients keep their size (Hinton et al. 2015, arXiv:1503.02531, Section 2). Default: 1
 */
@TypeName("kl")
public record KlDivergenceLoss(@Default("1.0") double weight, @Default("1.0") double temperature)
        implements LossSpec {
    public KlDivergenceLoss {
        Losses.checkWeight(weight);
        Losses.positive("temperature", temperature);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        Target.Classes classes = Losses.classes("kl", target, output);
        float[] rows = classes.probabilities();
        if (rows == null) {
            throw Losses.wrongKind("kl", "probabilities", target);
        }
        int count = Math.toIntExact(output.get(Axes.classes(output)));
        double negativeEntropy = 0;
        for (int i = 0; i < rows.length; i++) {
            if (classes.labels()[i / count] != Target.IGNORED && rows[i] > 0) {
                negativeEntropy += rows[i] * Math.log(rows[i]);
            }
        }
        return new Divergence(
                CrossEntropy.ofRows(rows, classes.labels(), count, type),
                negativeEntropy,
                temperature);
    }

    /** Adds to a cross-entropy what does not depend on the output. */
    private record Divergence(CrossEntropy entropy, double negativeEntropy, double temperature)
            implements ClassLoss {
        @Override
        public double count() {
            return entropy.count();
        }

        @Override
        public int[] labels() {
            return entropy.labels();
        }

        @Override
        public NDArray sum(NDArray output) {
            Ops ops = Ops.of(output.getManager());
            NDArray cross = entropy.sum(ops.mul(output, 1 / temperature));
            return ops.mul(ops.add(cross, negativeEntropy), temperature * temperature);
        }

        @Override
        public NDArray correct(NDArray output) {
            return entropy.correct(output);
        }
    }
}
