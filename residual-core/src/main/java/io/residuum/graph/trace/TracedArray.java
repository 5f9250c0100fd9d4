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
import io.residuum.graph.Batch;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An array without numbers. What is not overridden here cannot be captured, and says so: {@link
 * Capture} turns DJL's exception into one that names layer and operation.
 */
final class TracedArray extends NDArrayAdapter {
    private final TracingManager recorder;
    private final Node node;

    TracedArray(TracingManager recorder, Node node) {
        super(recorder, null, node.shape(), node.type(), "");
        this.recorder = recorder;
        this.node = node;
    }

    Node node() {
        return node;
    }

    private TracedArray made(Operation operation, Shape result) {
        return recorder.record(operation, List.of(this), result, node.type());
    }

    TracedArray unary(Function function, double alpha) {
        return made(new Operation.Unary(function, alpha), shape);
    }

    private TracedArray scalar(Arithmetic arithmetic, Number value) {
        return made(new Operation.Scalar(arithmetic, value.doubleValue()), shape);
    }

    TracedArray binary(Arithmetic arithmetic, NDArray other) {
        TracedArray o = of(other);
        return recorder.record(
                new Operation.Binary(arithmetic),
                List.of(this, o),
                broadcast(shape, o.shape),
                node.type());
    }

    /** An operand, which must be recorded as well. */
    static TracedArray of(NDArray array) {
        if (array instanceof TracedArray recorded) {
            return recorded;
        }
        throw new UnsupportedOperationException(
                "an array of an engine among those that are recorded: create constants by the"
                        + " pass's manager");
    }

    private static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.dimension(), b.dimension());
        long[] dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            int fromA = i - rank + a.dimension();
            int fromB = i - rank + b.dimension();
            long x = fromA < 0 ? 1 : a.get(fromA);
            long y = fromB < 0 ? 1 : b.get(fromB);
            if (x != y && x != 1 && y != 1) {
                throw new IllegalArgumentException(
                        "shapes must broadcast, got " + Batch.text(a) + " and " + Batch.text(b));
            }
            dims[i] = x == 1 ? y : x;
        }
        return new Shape(dims);
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
    public NDArray tanh() {
        return unary(Function.TANH, 0);
    }

    @Override
    public NDArray softmax(int axis) {
        return made(new Operation.Softmax(axis < 0 ? axis + shape.dimension() : axis), shape);
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
        List<Integer> positive =
                Arrays.stream(axes)
                        .map(a -> a < 0 ? a + shape.dimension() : a)
                        .sorted()
                        .boxed()
                        .toList();
        List<Long> dims = new ArrayList<>();
        for (int i = 0; i < shape.dimension(); i++) {
            boolean gone = positive.contains(i);
            if (!gone || keep) {
                dims.add(gone ? 1 : shape.get(i));
            }
        }
        return made(new Operation.Reduce(kind, positive, keep), new Shape(dims));
    }

    @Override
    public NDArray reshape(Shape target) {
        long[] dims = target.getShape().clone();
        long known = 1;
        int open = -1;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == -1) {
                open = i;
            } else {
                known *= dims[i];
            }
        }
        if (open >= 0) {
            dims[open] = shape.size() / known;
        }
        Shape result = new Shape(dims);
        if (result.size() != shape.size()) {
            throw new IllegalArgumentException(
                    "reshape must keep the number of elements, got "
                            + Batch.text(shape)
                            + " to "
                            + Batch.text(result));
        }
        if (Arrays.stream(dims).filter(Batch::isIn).count() > 1) {
            throw new UnsupportedOperationException(
                    "reshape to " + Batch.text(result) + ": the batch must be in one axis");
        }
        // As on an engine: an array of its own, which may get another name.
        return result.equals(shape)
                ? new TracedArray(recorder, node)
                : made(new Operation.Reshape(), result);
    }

    @Override
    public NDArray expandDims(int axis) {
        List<Long> dims = new ArrayList<>(Arrays.stream(shape.getShape()).boxed().toList());
        dims.add(axis < 0 ? axis + dims.size() + 1 : axis, 1L);
        return reshape(new Shape(dims));
    }

    @Override
    public NDArray squeeze(int[] axes) {
        List<Integer> gone =
                Arrays.stream(axes).map(a -> a < 0 ? a + shape.dimension() : a).boxed().toList();
        return reshape(
                new Shape(
                        IntStream.range(0, shape.dimension())
                                .filter(i -> !gone.contains(i))
                                .mapToLong(shape::get)
                                .toArray()));
    }

    @Override
    public NDArray transpose(int... order) {
        return made(
                new Operation.Transpose(Arrays.stream(order).boxed().toList()),
                new Shape(Arrays.stream(order).mapToLong(shape::get).toArray()));
    }

    @Override
    public NDArray broadcast(Shape target) {
        return target.equals(shape) ? this : made(new Operation.Expand(), target);
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
        // Tiles are repetitions of an axis of one ahead of this one.
        long[] dims = shape.getShape().clone();
        dims[axis] *= times;
        return of(of(expandDims(axis)).repeated(axis, times).reshape(new Shape(dims)));
    }

    @Override
    public NDArray repeat(int axis, long times) {
        return repeated(axis, times);
    }

    private TracedArray repeated(int axis, long times) {
        long[] dims = shape.getShape().clone();
        dims[axis] *= times;
        Operation operation =
                shape.get(axis) == 1 ? new Operation.Expand() : new Operation.Repeat(axis, times);
        return times == 1 ? this : made(operation, new Shape(dims));
    }

    TracedArray withLast(TracedArray rows) {
        Operation operation = new Operation.WriteLast(rows.shape.get(1));
        return recorder.record(operation, List.of(this, rows), shape, node.type());
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
        int rank = shape.dimension();
        int otherRank = other.shape.dimension();
        if (rank < 2 || otherRank < 2) {
            throw new UnsupportedOperationException(
                    "products of vectors: give operands two axes or more");
        }
        Shape batch = broadcast(shape.slice(0, rank - 2), other.shape.slice(0, otherRank - 2));
        long columns = other.shape.get(transposed ? otherRank - 2 : otherRank - 1);
        return recorder.record(
                new Operation.Product(transposed),
                List.of(this, other),
                batch.add(shape.get(rank - 2)).add(columns),
                node.type());
    }

    @Override
    public NDArray get(NDManager manager, NDIndex index) {
        NDIndexFullSlice slice =
                NDIndexFullSlice.fromIndex(index, shape)
                        .orElseThrow(
                                () ->
                                        new UnsupportedOperationException(
                                                "an index that is not of slices and numbers: use"
                                                        + " an embedding"));
        TracedArray some = this;
        for (int axis = 0; axis < shape.dimension(); axis++) {
            long from = slice.getMin()[axis];
            long to = slice.getMax()[axis];
            long step = slice.getStep()[axis];
            if (from != 0 || to != shape.get(axis) || step != 1) {
                long[] dims = some.shape.getShape().clone();
                dims[axis] = (to - from + step - 1) / step;
                some = some.made(new Operation.Slice(axis, from, to, step), new Shape(dims));
            }
        }
        return slice.getToSqueeze().length == 0 ? some : some.squeeze(slice.getToSqueeze());
    }

    @Override
    public NDArray toType(DataType type, boolean copy) {
        return type == node.type()
                ? this
                : recorder.record(new Operation.Cast(), List.of(this), shape, type);
    }

    @Override
    public NDArray duplicate() {
        // The same values, but another array: it may get another name.
        return new TracedArray(recorder, node);
    }

    TracedArray concat(NDList others, int axis) {
        List<TracedArray> all = new ArrayList<>(List.of(this));
        others.forEach(o -> all.add(of(o)));
        int along = axis < 0 ? axis + shape.dimension() : axis;
        long[] dims = shape.getShape().clone();
        dims[along] = all.stream().mapToLong(a -> a.shape.get(along)).sum();
        return recorder.record(new Operation.Concat(along), all, new Shape(dims), node.type());
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

    // What DJL's adapter leaves to its subclasses.
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
