package io.residuum.vision.detect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.Loss;
import io.residuum.loss.LossException;
import io.residuum.loss.LossSpec;
import io.residuum.loss.Target;
import io.residuum.nn.ActivationBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The focal loss of logits {@code (N, A, classes)} (Lin et al. 2017, arXiv:1708.02002, Section 3):
 * a binary cross-entropy that counts easy examples less. Targets are labels; one more than the last
 * class is the background. The sum is divided by the number of labels that are no background.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param alpha the weight of the class, {@code 1 - alpha} of all others; 0.5 for equal ones.
 *     Default: 0.25
 * @param gamma the exponent of one minus the probability of the right answer. Default: 2
 */
@TypeName("focal")
public record FocalLoss(
        @Default("1.0") double weight, @Default("0.25") double alpha, @Default("2.0") double gamma)
        implements LossSpec {
    public FocalLoss {
        Check.notNegative("weight", weight);
        Check.that(alpha > 0 && alpha < 1, "alpha must be in (0, 1), got %s", alpha);
        Check.notNegative("gamma", gamma);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        int classes = Math.toIntExact(output.get(output.dimension() - 1));
        if (!(target instanceof Target.Classes given)
                || (long) given.labels().length * classes != output.size()) {
            throw new LossException(
                    "focal needs one label for each row of an output %s, got %s"
                            .formatted(output, target == null ? "none" : "other targets"));
        }
        int[] labels = given.labels();
        float[] wanted = new float[labels.length * classes];
        float[] weights = new float[wanted.length];
        int objects = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == Target.IGNORED) {
                continue;
            }
            if (labels[i] < 0 || labels[i] > classes) {
                throw new LossException(
                        "labels must be in [0, %d), %d for the background, or -1 if they do not count, got %d"
                                .formatted(classes, classes, labels[i]));
            }
            for (int c = 0; c < classes; c++) {
                boolean right = c == labels[i];
                wanted[i * classes + c] = right ? 1 : 0;
                weights[i * classes + c] = (float) (right ? alpha : 1 - alpha);
            }
            objects += labels[i] < classes ? 1 : 0;
        }
        int counted = objects;
        return new Loss() {
            @Override
            public double count() {
                // Images without an object still teach what the background is.
                return Math.max(1, counted);
            }

            @Override
            public NDArray sum(NDArray logits) {
                NDArray y = Values.create(logits.getManager(), wanted, output, type);
                NDArray w = Values.create(logits.getManager(), weights, output, type);
                return errors(logits, y).mul(w).sum().reshape(1);
            }
        };
    }

    private NDArray errors(NDArray logits, NDArray wanted) {
        Ops ops = Ops.of(logits.getManager());
        // The logit of the wrong answer, z: the loss is sigmoid(z)^gamma softplus(z).
        NDArray z = logits.sub(ops.mul(logits.mul(wanted), 2));
        NDArray entropy = ActivationBlock.softplus(z);
        if (gamma == 0) {
            return entropy;
        }
        // log sigmoid(z) = z - softplus(z), so that no power of 0 is derived.
        return ops.mul(z.sub(entropy), gamma).exp().mul(entropy);
    }
}
