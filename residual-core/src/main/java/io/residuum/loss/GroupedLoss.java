package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * A loss of groups of rows, which one network computes in one forward pass, as siamese networks do
 * (Bromley et al. 1993). It groups the output {@code (N * size, ...)} to {@code (N, size, ...)},
 * the form in which losses such as {@link InfoNceLoss} and {@link TripletLoss} read it.
 *
 * @param size the number of rows in a group, such as 2 for pairs
 * @param loss the loss of the grouped output
 */
@TypeName("grouped")
public record GroupedLoss(int size, LossSpec loss) implements LossSpec {
    public GroupedLoss {
        Check.positive("size", size);
        Check.that(!(loss instanceof GroupedLoss), "a grouped loss must not hold another one");
    }

    @Override
    public double weight() {
        return loss.weight();
    }

    @Override
    public boolean needsTarget() {
        return loss.needsTarget();
    }

    @Override
    public boolean comparesSamples() {
        return loss.comparesSamples();
    }

    @Override
    public boolean binaryLogits() {
        return loss.binaryLogits();
    }

    @Override
    public LossSpec written() {
        return new GroupedLoss(size, loss.written());
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        long rows = output.get(0);
        if (rows % size != 0) {
            throw new LossException(
                    "a grouped loss needs a multiple of %d rows, got %s".formatted(size, output));
        }
        Shape grouped = new Shape(rows / size, size).addAll(output.slice(1));
        Loss inner = loss.of(target, grouped, type);
        return inner instanceof ClassLoss classes
                ? new GroupedClasses(classes, grouped)
                : new Grouped(inner, grouped);
    }

    private record Grouped(Loss inner, Shape shape) implements Loss {
        @Override
        public double count() {
            return inner.count();
        }

        @Override
        public NDArray sum(NDArray output) {
            return inner.sum(output.reshape(shape));
        }
    }

    private record GroupedClasses(ClassLoss inner, Shape shape) implements ClassLoss {
        @Override
        public double count() {
            return inner.count();
        }

        @Override
        public int[] labels() {
            return inner.labels();
        }

        @Override
        public NDArray sum(NDArray output) {
            return inner.sum(output.reshape(shape));
        }

        @Override
        public NDArray correct(NDArray output) {
            return inner.correct(output.reshape(shape));
        }
    }
}
