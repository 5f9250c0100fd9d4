package io.residuum.emit.torch;

import static io.residuum.emit.torch.TorchOperations.call;
import static io.residuum.emit.torch.TorchOperations.list;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Dims;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/** Writes convolutions and pools over one, two or three axes of positions. */
final class TorchWindows {
    private TorchWindows() {}

    static String convolution(Operation.Convolution o, String x, String weight, String bias) {
        return call(
                "conv" + o.stride().dimension() + "d",
                x,
                weight,
                bias,
                list(o.stride()),
                list(o.padding()),
                list(o.dilation()),
                o.groups());
    }

    static String pool(Operation.Pool o, String x, boolean onGpu) {
        int axes = o.kernel().dimension();
        return switch (o.kind()) {
            case MAX ->
                    call(
                            "max_pool" + axes + "d",
                            x,
                            window(o, o.padding()),
                            list(filled(axes, 1)),
                            "False");
            case MEAN -> averagePool(o, x, onGpu);
            case SUM -> throw new IllegalArgumentException("TorchScript has no pooling by sums");
        };
    }

    private static String averagePool(Operation.Pool o, String x, boolean onGpu) {
        int axes = o.kernel().dimension();
        boolean padded = Arrays.stream(o.padding().getShape()).anyMatch(size -> size > 0);
        // PyTorch 2.11's own padding gives wrong gradients on GPUs in channels-last layout.
        boolean separate = onGpu && padded;
        String images =
                separate ? call("constant_pad_nd", x, sides(o.padding(), o.padding()), 0) : x;
        String window = window(o, separate ? filled(axes, 0) : o.padding());
        String function = "avg_pool" + axes + "d";
        return axes == 1
                ? call(function, images, window, "False", "True")
                : call(function, images, window, "False", "True", "None");
    }

    private static String window(Operation.Pool o, Shape padding) {
        return String.join(", ", list(o.kernel()), list(o.stride()), list(padding));
    }

    private static Shape filled(int axes, long size) {
        return new Shape(IntStream.range(0, axes).mapToLong(i -> size).toArray());
    }

    /** Returns the padding before and after each axis, the last axis first. */
    static String sides(Shape before, Shape after) {
        StringJoiner sides = new StringJoiner(", ", "[", "]");
        for (int axis = before.dimension() - 1; axis >= 0; axis--) {
            sides.add(before.get(axis) + ", " + after.get(axis));
        }
        return sides.toString();
    }

    /** Returns a pool over all positions, of the sizes given. */
    static String globalPool(Operation.GlobalPool o, String x, Dims positions, boolean onGpu) {
        int axes = positions.dimension();
        String all = Arrays.toString(IntStream.range(2, 2 + axes).toArray());
        if (o.kind() == Aggregate.MEAN) {
            return call("mean", x, all, "True", "dtype=None");
        }
        if (o.kind() == Aggregate.MAX && !positions.isFixed()) {
            return call("amax", x, all, "True");
        }
        Shape window = positions.fixed();
        return pool(
                new Operation.Pool(o.kind(), window, filled(axes, 1), filled(axes, 0)), x, onGpu);
    }
}
