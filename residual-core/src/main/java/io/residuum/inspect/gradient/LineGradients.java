package io.residuum.inspect.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.data.Seeds;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.inspect.Batch;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Subject;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of a random combination of the outputs' channels at inputs between two
 * samples. The inputs are the first array of real numbers that a layer reads or returns: images and
 * rows themselves, the embeddings of tokens.
 */
final class LineGradients {
    private final Subject subject;
    private final Batch batch;
    private final float[] starts;
    private final Shape shape;
    private @Nullable NDArray start;

    /** Finds the inputs of a batch. */
    LineGradients(Subject subject, Batch batch) {
        this.subject = subject;
        this.batch = batch;
        try (Ops.Pause pause = backend().ops().pauseRecording()) {
            subject.observe(
                    batch,
                    new FirstNumbers(
                            x -> {
                                start = x;
                                return x;
                            }));
        }
        NDArray found = start;
        if (found == null || found.getShape().get(0) != batch.size()) {
            throw new InspectionException(
                    "shattering needs layers that read or return real numbers for each sample,"
                            + " found none");
        }
        this.starts = Values.floats(found);
        this.shape = found.getShape().slice(1);
    }

    private Backend backend() {
        return subject.network().backend();
    }

    /** Replaces the first array of real numbers in a pass. */
    private static final class FirstNumbers implements ForwardHook {
        private final UnaryOperator<NDArray> replacement;
        private boolean done;

        FirstNumbers(UnaryOperator<NDArray> replacement) {
            this.replacement = replacement;
        }

        @Override
        public void before(Layer layer, NDList inputs) {
            replace(inputs);
        }

        @Override
        public void after(Layer layer, NDList outputs) {
            replace(outputs);
        }

        private void replace(NDList arrays) {
            if (!done && arrays.head().getDataType().isFloating()) {
                done = true;
                arrays.set(0, replacement.apply(arrays.head()));
            }
        }

        @Override
        public boolean needsUnusedOutputs() {
            return false;
        }
    }

    /**
     * Returns the gradients at some of the points between a sample and the next, one a row.
     *
     * @param sample the first sample
     * @param first the first point
     * @param end the point after the last
     * @param points the number of points on the complete line
     * @param owner the owner of the result
     */
    NDArray between(int sample, int first, int end, int points, NDManager owner) {
        try (NDManager manager = backend().newManager()) {
            NDArray x = line(manager, sample, first, end, points);
            x.setRequiresGradient(true);
            Batch repeated = batch.repeated(sample, end - first, manager);
            try (GradientCollector collector = backend().newGradientCollector()) {
                NDList outputs = subject.observe(repeated, new FirstNumbers(unused -> x));
                collector.backward(combination(outputs));
            }
            NDArray gradient = x.getGradient();
            gradient.attach(manager);
            NDArray rows = gradient.reshape(end - first, -1).duplicate();
            rows.attach(owner);
            return rows;
        }
    }

    private NDArray line(NDManager manager, int sample, int first, int end, int points) {
        int size = Math.toIntExact(shape.size());
        float[] values = new float[(end - first) * size];
        for (int point = first; point < end; point++) {
            double t = (double) point / (points - 1);
            int row = (point - first) * size;
            for (int i = 0; i < size; i++) {
                double from = starts[sample * size + i];
                double to = starts[(sample + 1) * size + i];
                values[row + i] = (float) (from + t * (to - from));
            }
        }
        return Values.create(
                manager,
                values,
                new Shape(end - first).addAll(shape),
                subject.network().state().values().iterator().next().getArray().getDataType());
    }

    private NDArray combination(NDList outputs) {
        SplittableRandom random = Seeds.random(subject.seed());
        NDArray sum = null;
        for (NDArray y : outputs) {
            int axis = Shapes.channelAxis(y.getShape());
            long[] dims = new long[y.getShape().dimension()];
            Arrays.fill(dims, 1);
            dims[axis] = y.getShape().get(axis);
            float[] weights = new float[Math.toIntExact(dims[axis])];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) random.nextGaussian();
            }
            NDArray factors =
                    Values.create(y.getManager(), weights, new Shape(dims), y.getDataType());
            NDArray one = y.mul(factors).sum();
            sum = sum == null ? one : sum.add(one);
        }
        return Objects.requireNonNull(sum);
    }
}
