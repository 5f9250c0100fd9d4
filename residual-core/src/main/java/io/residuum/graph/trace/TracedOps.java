package io.residuum.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.engine.Ops;
import io.residuum.engine.TransposedWindow;
import io.residuum.graph.Operation;
import io.residuum.graph.Resize;
import io.residuum.graph.TransposedConvolution;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Records the operations whose implementation differs between engines. */
record TracedOps(TracingManager recorder) implements Ops {
    @Override
    public boolean captures() {
        return true;
    }

    @Override
    public int threads() {
        return 1;
    }

    /** Returns true: traced arrays hold no memory, so closing them early would waste time. */
    @Override
    public boolean closingWaits() {
        return true;
    }

    @Override
    public boolean recording() {
        return false;
    }

    @Override
    public Pause exclusive() {
        return () -> {};
    }

    @Override
    public Pause pauseRecording() {
        return () -> {};
    }

    @Override
    public boolean overwritesGradients() {
        return false;
    }

    @Override
    public NDArray batchNormTraining(
            NDArray x,
            NDArray gamma,
            NDArray beta,
            NDArray runningMean,
            NDArray runningVar,
            float eps,
            float momentum) {
        return recorder.record(
                new Operation.BatchNorm(eps, momentum, true),
                x.getShape(),
                x,
                gamma,
                beta,
                runningMean,
                runningVar);
    }

    @Override
    public NDArray batchNormInference(
            NDArray x, NDArray gamma, NDArray beta, NDArray mean, NDArray variance, float eps) {
        return recorder.record(
                new Operation.BatchNorm(eps, 0, false),
                x.getShape(),
                x,
                gamma,
                beta,
                mean,
                variance);
    }

    @Override
    public NDArray layerNorm(NDArray x, NDArray gamma, NDArray beta, float eps) {
        return recorder.record(new Operation.LayerNorm(eps), x.getShape(), x, gamma, beta);
    }

    @Override
    public NDArray dropout(NDArray x, float rate) {
        return recorder.record(new Operation.Dropout(rate), x.getShape(), x);
    }

    @Override
    public NDArray batchedProduct(NDArray a, NDArray b) {
        return TracedArray.of(a).product(TracedArray.of(b), false);
    }

    @Override
    public NDArray batchedProductTransposed(NDArray a, NDArray b) {
        return TracedArray.of(a).product(TracedArray.of(b), true);
    }

    @Override
    public NDArray pad(NDArray x, Shape before, Shape after, double value) {
        long[] dims = x.getShape().getShape().clone();
        for (int axis = 0; axis < before.dimension(); axis++) {
            dims[2 + axis] += before.get(axis) + after.get(axis);
        }
        return recorder.record(new Operation.Pad(before, after, value), new Shape(dims), x);
    }

    @Override
    public NDArray transposedConvolution(
            NDArray x, NDArray weight, @Nullable NDArray bias, TransposedWindow window) {
        Shape kernel = weight.getShape().slice(2);
        long[] dims = x.getShape().getShape().clone();
        dims[1] = weight.getShape().get(1) * window.groups();
        for (int i = 0; i < kernel.dimension(); i++) {
            dims[2 + i] = window.size(dims[2 + i], kernel.get(i), i);
        }
        return recorder.record(new TransposedConvolution(window), new Shape(dims), x, weight, bias);
    }

    @Override
    public NDArray resize(NDArray x, long height, long width, Interpolation interpolation) {
        Shape shape = new Shape(x.getShape().get(0), x.getShape().get(1), height, width);
        return recorder.record(new Resize(interpolation), shape, x);
    }

    @Override
    public NDArray drawn(
            NDManager manager, LongFunction<float[]> draw, long samples, DataType type) {
        return recorder.drawn(draw, new Shape(samples), type);
    }

    @Override
    public void write(NDArray target, long at, NDArray rows) {
        throw new UnsupportedOperationException("writing in place");
    }
}
