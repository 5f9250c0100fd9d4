package io.residuum.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.full.NDIndexFullSlice;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import io.residuum.graph.WriteLast;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An array without values. {@link Capture} names layer and operation of what is missing here. */
final class TracedArray extends NDArrayAdapter {
    private final TracingManager recorder;
    private final Node node;

    TracedArray(TracingManager recorder, Node node, Shape shape) {
        super(recorder, null, shape, node.type(), "");
        this.recorder = recorder;
        this.node = node;
    }

    Node node() {
        return node;
    }

    private TracedArray traced(Operation operation, Shape result) {
        return recorder.record(operation, List.of(this), result, node.type());
    }

    TracedArray unary(Function function, double alpha) {
        return traced(new Operation.Unary(function, alpha), shape);
    }

    private TracedArray scalar(Arithmetic arithmetic, Number value) {
        return traced(new Operation.Scalar(arithmetic, value.doubleValue()), shape);
    }

    TracedArray binary(Arithmetic arithmetic, NDArray other) {
        TracedArray o = of(other);
        return recorder.record(
                new Operation.Binary(arithmetic),
                List.of(this, o),
                TracedShapes.broadcast(shape, o.shape),
                node.type());
    }

    /** {@return an operand, which must be a traced array} */
    static TracedArray of(NDArray array) {
        if (array instanceof TracedArray recorded) {
            return recorded;
        }
        throw new UnsupportedOperationException(
                "an engine's array as an operand: create constants with the pass's manager");
    }

    @Override
    public NDArray add(Number n) {
        return scalar(Arithmetic.ADD, n);
    }

    @Override
    public NDArray add(NDArray other) {
        return binary(Arithmetic.ADD, other);
    }

    @Override
    public NDArray sub(Number n) {
        return scalar(Arithmetic.SUBTRACT, n);
    }

    @Override
    public NDArray sub(NDArray other) {
        return binary(Arithmetic.SUBTRACT, other);
    }

    @Override
    public NDArray mul(Number n) {
        return scalar(Arithmetic.MULTIPLY, n);
    }

    @Override
    public NDArray mul(NDArray other) {
        return binary(Arithmetic.MULTIPLY, other);
    }

    @Override
    public NDArray div(Number n) {
        return scalar(Arithmetic.DIVIDE, n);
    }

    @Override
    public NDArray div(NDArray other) {
        return binary(Arithmetic.DIVIDE, other);
    }

    @Override
    public NDArray pow(Number n) {
        return scalar(Arithmetic.POWER, n);
    }

    @Override
    public NDArray pow(NDArray other) {
        return binary(Arithmetic.POWER, other);
    }

    @Override
    public NDArray maximum(Number n) {
        return scalar(Arithmetic.MAXIMUM, n);
    }

    @Override
    public NDArray maximum(NDArray other) {
        return binary(Arithmetic.MAXIMUM, other);
    }

    @Override
    public NDArray minimum(Number n) {
        return scalar(Arithmetic.MINIMUM, n);
    }

    @Override
    public NDArray minimum(NDArray other) {
        return binary(Arithmetic.MINIMUM, other);
    }

    @Override
    public NDArray neg() {
        return unary(Function.NEGATE, 0);
    }

    @Override
    public NDArray stopGradient() {
        return unary(Function.STOP_GRADIENT, 0);
    }

    @Override
    public NDArray square() {
        return unary(Function.SQUARE, 0);
    }

    @Override
    public NDArray sqrt() {
        return unary(Function.SQRT, 0);
    }

    @Override
    public NDArray exp() {
        return unary(Function.EXP, 0);
    }

    @Override
    public NDArray log() {
        return unary(Function.LOG, 0);
    }

    @Override
    public NDArray sin() {
        return unary(Function.SIN, 0);
    }

    @Override
    public NDArray cos() {
        return unary(Function.COS, 0);
    }

    @Override
    public NDArray tanh() {
        return unary(Function.TANH, 0);
    }

    @Override
    public NDArray softmax(int axis) {
        return traced(new Operation.Softmax(axis < 0 ? axis + shape.dimension() : axis), shape);
    }

    @Override
    public NDArray mean(int[] axes, boolean keep) {
        return reduced(Aggregate.MEAN, axes, keep);
    }

    @Override
    public NDArray sum(int[] axes, boolean keep) {
        return reduced(Aggregate.SUM, axes, keep);
    }

    @Override
    public NDArray max(int[] axes, boolean keep) {
        return reduced(Aggregate.MAX, axes, keep);
    }

    private TracedArray reduced(Aggregate kind, int[] axes, boolean keep) {
        int[] positive = TracedShapes.positive(shape, axes);
        List<Integer> along = Arrays.stream(positive).boxed().toList();
        return traced(
                new Operation.Reduce(kind, along, keep),
                TracedShapes.without(shape, keep, positive));
    }

    @Override
    public NDArray reshape(Shape target) {
        Shape result = TracedShapes.reshaped(shape, target);
        return result.equals(shape) ? duplicate() : traced(new Operation.Reshape(), result);
    }

    @Override
    public NDArray expandDims(int axis) {
        List<Long> dims = new ArrayList<>(Arrays.stream(shape.getShape()).boxed().toList());
        dims.add(axis < 0 ? axis + dims.size() + 1 : axis, 1L);
        return reshape(new Shape(dims));
    }

    @Override
    public NDArray squeeze(int[] axes) {
        return reshape(TracedShapes.without(shape, false, TracedShapes.positive(shape, axes)));
    }

    @Override
    public NDArray transpose(int... order) {
        return traced(
                new Operation.Transpose(Arrays.stream(order).boxed().toList()),
                new Shape(Arrays.stream(order).mapToLong(shape::get).toArray()));
    }

    @Override
    public NDArray broadcast(Shape target) {
        return target.equals(shape) ? this : traced(new Operation.Expand(), target);
    }

    @Override
    public NDArray tile(long[] times) {
        TracedArray all = this;
        for (int axis = 0; axis < times.length; axis++) {
            if (times[axis] > 1) {
                all = all.tiled(axis, times[axis]);
            }
        }
        return all;
    }

    private TracedArray tiled(int axis, long times) {
        if (shape.get(axis) == 1) {
            return repeated(axis, times);
        }
        // Tiling repeats a new axis of length 1 before this one.
        Shape all = TracedShapes.with(shape, axis, shape.get(axis) * times);
        return of(of(expandDims(axis)).repeated(axis, times).reshape(all));
    }

    @Override
    public NDArray repeat(int axis, long times) {
        return repeated(axis, times);
    }

    private TracedArray repeated(int axis, long times) {
        Operation operation =
                shape.get(axis) == 1
                        ? new Operation.Expand()
                        : new Operation.Repeat(axis, BatchProbe.dim(times));
        Shape all = TracedShapes.with(shape, axis, shape.get(axis) * times);
        return times == 1 ? this : traced(operation, all);
    }

    TracedArray withLast(TracedArray rows) {
        WriteLast write = new WriteLast(rows.shape.get(1));
        return recorder.record(write, List.of(this, rows), shape, node.type());
    }

    @Override
    public NDArray matMul(NDArray other) {
        return product(of(other), false);
    }

    @Override
    public NDArray batchDot(NDArray other) {
        return product(of(other), false);
    }

    TracedArray product(TracedArray other, boolean transposed) {
        return recorder.record(
                new Operation.Product(transposed),
                List.of(this, other),
                TracedShapes.product(shape, other.shape, transposed),
                node.type());
    }

    @Override
    public NDArray get(NDManager manager, NDIndex index) {
        NDIndexFullSlice slice =
                NDIndexFullSlice.fromIndex(index, shape)
                        .orElseThrow(
                                () ->
                                        new UnsupportedOperationException(
                                                "an index other than slices and numbers: use an"
                                                        + " embedding"));
        TracedArray some = this;
        for (int axis = 0; axis < shape.dimension(); axis++) {
            long from = slice.getMin()[axis];
            long to = slice.getMax()[axis];
            long step = slice.getStep()[axis];
            if (from != 0 || to != shape.get(axis) || step != 1) {
                some = some.sliced(axis, from, to, step);
            }
        }
        return slice.getToSqueeze().length == 0 ? some : some.squeeze(slice.getToSqueeze());
    }

    @Override
    public NDList split(long[] indices, int axis) {
        NDList parts = new NDList(indices.length + 1);
        for (int i = 0; i <= indices.length; i++) {
            long from = i == 0 ? 0 : indices[i - 1];
            long to = i == indices.length ? shape.get(axis) : indices[i];
            parts.add(from == 0 && to == shape.get(axis) ? this : sliced(axis, from, to, 1));
        }
        return parts;
    }

    private TracedArray sliced(int axis, long from, long to, long step) {
        long size = (to - from + step - 1) / step;
        boolean ofBatch = BatchProbe.isIn(shape.get(axis));
        if (ofBatch && !BatchProbe.isIn(size) && size > BatchProbe.SIZE / 2) {
            throw new UnsupportedOperationException(
                    "a slice that drops a fixed number of samples: a slice along the batch must"
                            + " keep a fixed number or the complete batch");
        }
        Operation slice = new Operation.Slice(axis, BatchProbe.dim(from), BatchProbe.dim(to), step);
        return traced(slice, TracedShapes.with(shape, axis, size));
    }

    @Override
    public NDArray toType(DataType type, boolean copy) {
        return type == node.type()
                ? this
                : recorder.record(new Operation.Cast(), List.of(this), shape, type);
    }

    @Override
    public NDArray duplicate() {
        // The values are the same, but a separate array may get another name.
        return new TracedArray(recorder, node, shape);
    }

    @Override
    public NDArrayEx getNDArrayInternal() {
        return TracedFunctions.of(this);
    }

    @Override
    public void attach(NDManager other) {}

    @Override
    public void close() {}

    @Override
    public NDManager getManager() {
        return recorder;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return node.toString();
    }

    @Override
    public void intern(NDArray replaced) {
        throw new UnsupportedOperationException("intern");
    }

    @Override
    public void detach() {}

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
        throw new UnsupportedOperationException("the values of an array");
    }
}
