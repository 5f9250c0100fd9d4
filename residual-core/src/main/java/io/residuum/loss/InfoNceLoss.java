package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * InfoNCE (van den Oord et al. 2018, arXiv:1807.03748): the cross-entropy of choosing a vector's
 * partner among all partners of the batch by the cosine. The output is {@code (N, V, D)}: two views
 * of each sample, and negatives of it, which are further wrong choices for all samples. Targets are
 * not read. A batch of one sample without negatives does not count.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param temperature divides the cosines, positive. Default: 0.1
 * @param symmetric true for the mean over both directions, as in CLIP (Radford et al. 2021,
 *     arXiv:2103.00020, Figure 3); false to look for partners of the first views only. Second views
 *     do not choose among negatives. Default: true
 */
@TypeName("infoNce")
public record InfoNceLoss(
        @Default("1.0") double weight,
        @Default("0.1") double temperature,
        @Default("true") boolean symmetric)
        implements LossSpec {
    public InfoNceLoss {
        Losses.checkWeight(weight);
        Losses.positive("temperature", temperature);
    }

    @Override
    public boolean needsTarget() {
        return false;
    }

    @Override
    public boolean comparesSamples() {
        return true;
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        if (output.dimension() != 3 || output.get(1) < 2) {
            throw new LossException(
                    "infoNce needs an output (N, V, D) of two views of each sample and negatives, got %s"
                            .formatted(output));
        }
        int samples = Math.toIntExact(output.get(0));
        int candidates = Math.toIntExact(samples * (output.get(1) - 1));
        return new Choice(
                among(candidates, samples, type),
                symmetric ? among(samples, samples, type) : null,
                temperature);
    }

    /** Returns the choice of each sample's partner, which has the sample's index. */
    private static CrossEntropy among(int candidates, int samples, DataType type) {
        // A sample alone has nothing to be compared with, such as the last one of an evaluation.
        int[] partners =
                candidates == 1
                        ? new int[] {Target.IGNORED}
                        : IntStream.range(0, samples).toArray();
        return CrossEntropy.ofLabels(partners, candidates, 0, type);
    }

    /** The choice of partners, each of which is a class, and the choice of first views by them. */
    private record Choice(CrossEntropy entropy, @Nullable CrossEntropy back, double temperature)
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
            NDArray logits = logits(output);
            NDArray sum = entropy.sum(logits);
            if (back == null) {
                return sum;
            }
            long samples = output.getShape().get(0);
            NDArray partners =
                    logits.getShape().get(1) == samples
                            ? logits
                            : logits.get(new NDIndex(":, 0:{}", samples));
            return Ops.of(output.getManager()).mul(sum.add(back.sum(partners.transpose())), 0.5);
        }

        @Override
        public NDArray correct(NDArray output) {
            return entropy.correct(logits(output));
        }

        private NDArray logits(NDArray output) {
            NDArray views = CosineLoss.normalized(output);
            Shape shape = output.getShape();
            NDArray first = views.get(new NDIndex(":, 0"));
            NDArray others =
                    shape.get(1) == 2
                            ? views.get(new NDIndex(":, 1"))
                            : views.get(new NDIndex(":, 1:"))
                                    .transpose(1, 0, 2)
                                    .reshape(-1, shape.get(2));
            NDArray cosines = first.matMul(others.transpose());
            return Ops.of(output.getManager()).mul(cosines, 1 / temperature);
        }
    }
}
