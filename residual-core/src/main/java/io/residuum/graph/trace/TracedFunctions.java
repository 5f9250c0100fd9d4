package io.residuum.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Function;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The neural network functions of a {@link TracedArray}, with the names and parameters of DJL's
 * {@link NDArrayEx}. That interface has some seventy methods. The public methods of this class are
 * captured; all others throw {@link UnsupportedOperationException}.
 */
final class TracedFunctions {
    private final TracedArray x;

    private TracedFunctions(TracedArray x) {
        this.x = x;
    }

    static NDArrayEx of(TracedArray x) {
        TracedFunctions functions = new TracedFunctions(x);
        InvocationHandler handler =
                (proxy, method, args) -> {
                    Method ours;
                    try {
                        ours =
                                TracedFunctions.class.getMethod(
                                        method.getName(), method.getParameterTypes());
                    } catch (NoSuchMethodException e) {
                        throw new UnsupportedOperationException(method.getName(), e);
                    }
                    try {
                        return ours.invoke(functions, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        return (NDArrayEx)
                Proxy.newProxyInstance(
                        NDArrayEx.class.getClassLoader(),
                        new Class<?>[] {NDArrayEx.class},
                        handler);
    }

    public NDArray relu() {
        return x.unary(Function.RELU, 0);
    }

    public NDArray sigmoid() {
        return x.unary(Function.SIGMOID, 0);
    }

    public NDArray tanh() {
        return x.unary(Function.TANH, 0);
    }

    public NDArray gelu() {
        return x.unary(Function.GELU, 0);
    }

    public NDArray swish(float beta) {
        if (beta != 1) {
            throw new UnsupportedOperationException("swish with a beta other than 1");
        }
        return x.unary(Function.SILU, 0);
    }

    public NDArray leakyRelu(float slope) {
        return x.unary(Function.LEAKY_RELU, slope);
    }

    public NDArray elu(float alpha) {
        return x.unary(Function.ELU, alpha);
    }

    public NDArray maxPool(Shape kernel, Shape stride, Shape padding, boolean ceil) {
        return pool(Aggregate.MAX, kernel, stride, padding, ceil);
    }

    public NDArray avgPool(
            Shape kernel, Shape stride, Shape padding, boolean ceil, boolean countIncludePad) {
        boolean padded = Arrays.stream(padding.getShape()).anyMatch(size -> size > 0);
        if (padded && !countIncludePad) {
            throw new UnsupportedOperationException("avgPool that does not count the padding");
        }
        return pool(Aggregate.MEAN, kernel, stride, padding, ceil);
    }

    private TracedArray pool(
            Aggregate kind, Shape kernel, Shape stride, Shape padding, boolean ceil) {
        if (ceil) {
            throw new UnsupportedOperationException("pooling that rounds up");
        }
        Shape s = x.getShape();
        boolean whole =
                kernel.equals(s.slice(2))
                        && Arrays.stream(padding.getShape()).allMatch(size -> size == 0);
        long[] dims = s.getShape().clone();
        for (int i = 0; i < kernel.dimension(); i++) {
            dims[2 + i] = positions(s.get(2 + i), kernel.get(i), stride.get(i), padding.get(i));
        }
        Operation operation =
                whole
                        ? new Operation.GlobalPool(kind)
                        : new Operation.Pool(kind, kernel, stride, padding);
        return recorder().record(operation, List.of(x), new Shape(dims), x.getDataType());
    }

    private static long positions(long size, long window, long stride, long padding) {
        return (size + 2 * padding - window) / stride + 1;
    }

    public NDList convolution(
            NDArray input,
            NDArray weight,
            @Nullable NDArray bias,
            Shape stride,
            Shape padding,
            Shape dilation,
            int groups) {
        Shape s = input.getShape();
        Shape w = weight.getShape();
        sameWidth("a convolution", s.get(1), groups * w.get(1));
        long[] dims = s.getShape().clone();
        dims[1] = w.get(0);
        for (int i = 0; i < stride.dimension(); i++) {
            long window = (w.get(2 + i) - 1) * dilation.get(i) + 1;
            dims[2 + i] = positions(s.get(2 + i), window, stride.get(i), padding.get(i));
        }
        return new NDList(
                recorder()
                        .record(
                                new Operation.Convolution(stride, padding, dilation, groups),
                                new Shape(dims),
                                input,
                                weight,
                                bias));
    }

    public NDList linear(NDArray input, NDArray weight, @Nullable NDArray bias) {
        Shape s = input.getShape();
        Shape rows = s.slice(0, s.dimension() - 1);
        sameWidth("a linear map", s.get(s.dimension() - 1), weight.getShape().get(1));
        return new NDList(
                recorder()
                        .record(
                                new Operation.Linear(),
                                rows.add(weight.getShape().get(0)),
                                input,
                                weight,
                                bias));
    }

    public NDList embedding(NDArray ids, NDArray table, SparseFormat format) {
        Shape shape = ids.getShape().add(table.getShape().get(1));
        return new NDList(
                recorder()
                        .record(
                                new Operation.Embedding(),
                                List.of(TracedArray.of(ids), TracedArray.of(table)),
                                shape,
                                table.getDataType()));
    }

    public NDList layerNorm(NDArray input, Shape width, NDArray gamma, NDArray beta, float eps) {
        if (width.dimension() != 1) {
            throw new UnsupportedOperationException("layerNorm over several axes");
        }
        Shape s = input.getShape();
        sameWidth("a layer norm", s.get(s.dimension() - 1), gamma.getShape().get(0));
        return new NDList(recorder().record(new Operation.LayerNorm(eps), s, input, gamma, beta));
    }

    private static void sameWidth(String what, long found, long weights) {
        if (found != weights) {
            throw new IllegalArgumentException(
                    "the input of %s must have width %d, got %d".formatted(what, weights, found));
        }
    }

    public NDArray concat(NDList others, int axis) {
        List<TracedArray> all = new ArrayList<>(List.of(x));
        others.forEach(o -> all.add(TracedArray.of(o)));
        int along = axis < 0 ? axis + x.getShape().dimension() : axis;
        long size = all.stream().mapToLong(a -> a.getShape().get(along)).sum();
        return recorder()
                .record(
                        new Operation.Concat(along),
                        all,
                        TracedShapes.with(x.getShape(), along, size),
                        x.getDataType());
    }

    private TracingManager recorder() {
        return (TracingManager) x.getManager();
    }
}
