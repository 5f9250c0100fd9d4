package io.residuum.model.quantize;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rounds the weights of a quantized network in place for a pass of training, and restores them. The
 * gradients of the rounded weights then update the weights in float: the straight-through estimator
 * (Bengio et al. 2013, arXiv:1308.3432). The engine computes everything, so that a GPU need not
 * wait.
 */
public final class WeightRounding {
    private static final int MOST = 127;
    private static final int LEAST_OF_FOUR = -8;
    private static final int MOST_OF_FOUR = 7;
    private static final double FIRST_LEVEL = 6;
    private static final double LAST_LEVEL = 10;
    private static final double LEVEL_STEP = 0.5;
    private static final int[] COLUMNS = {1};

    private final Ops ops;
    private final Map<String, QuantizedFormat> formats;
    private final Network network;

    /** The multiples of a scale next to the weights, before and after clipping. */
    private record Levels(NDArray scales, NDArray nearest, NDArray clipped) {}

    /** A weight in float, and 1 for each value that was not clipped; null if none can be. */
    private record Saved(String path, NDArray weight, @Nullable NDArray kept) {}

    /**
     * Prepares the rounding of the quantized layers that the network has now; none if it is in
     * float.
     */
    public WeightRounding(Network network) {
        this.network = network;
        this.ops = network.backend().ops();
        this.formats = network.metadata().quantization().formats();
    }

    /** {@return the weights to round, by path} */
    public List<String> paths() {
        return List.copyOf(formats.keySet());
    }

    /**
     * Rounds the weights.
     *
     * @param scratch owns the saved values
     * @return restores the weights after a pass, whose gradients by path it gets. It zeroes those
     *     of clipped weights
     */
    public Restore round(NDManager scratch) {
        List<Saved> all = new ArrayList<>();
        formats.forEach((path, format) -> all.add(round(path, format, scratch)));
        return gradients -> {
            for (Saved saved : all) {
                saved.weight.copyTo(array(saved.path));
                NDArray gradient = gradients.get(saved.path);
                if (saved.kept != null && gradient != null) {
                    gradient.muli(saved.kept);
                }
            }
        };
    }

    /** Restores weights. */
    @FunctionalInterface
    public interface Restore {
        /**
         * Restores the weights.
         *
         * @param gradients the gradients of the pass by path, changed in place; frozen weights have
         *     none
         */
        void restore(Map<String, NDArray> gradients);
    }

    private NDArray array(String path) {
        return Objects.requireNonNull(network.state().get(path), path).getArray();
    }

    private Saved round(String path, QuantizedFormat format, NDManager scratch) {
        NDArray array = array(path);
        NDArray original = array.duplicate();
        original.attach(scratch);
        NDArray kept = null;
        // The search for scales of large weights takes several times their memory.
        try (NDManager temporary = scratch.newSubManager()) {
            NDArray weight = original.duplicate();
            weight.attach(temporary);
            NDArray groups = grouped(weight, format);
            Levels levels = format.bits() == 8 ? levelsOf8(groups) : levelsOf4(groups);
            shaped(levels.clipped.mul(levels.scales), array.getShape()).copyTo(array);
            if (format.bits() == 4) {
                NDArray same = levels.nearest.eq(levels.clipped).toType(DataType.FLOAT32, false);
                kept = shaped(same, array.getShape()).duplicate();
                kept.attach(scratch);
            }
        }
        return new Saved(path, original, kept);
    }

    /** Returns a row for each scale, with zeros at the end of groups that have fewer weights. */
    private static NDArray grouped(NDArray weight, QuantizedFormat format) {
        long rows = weight.getShape().get(0);
        long columns = weight.size() / rows;
        long width = format.group() == 0 ? columns : format.group();
        long wide = format.scales(columns) * width;
        NDArray matrix = weight.reshape(rows, columns);
        if (wide > columns) {
            NDArray zeros = weight.getManager().zeros(new Shape(rows, wide - columns));
            matrix = NDArrays.concat(new NDList(matrix, zeros), 1);
        }
        return matrix.reshape(-1, width);
    }

    /** Returns a weight of groups without the zeros that fill them. */
    private static NDArray shaped(NDArray groups, Shape shape) {
        long rows = shape.get(0);
        NDArray matrix = groups.reshape(rows, groups.size() / rows);
        long columns = shape.size() / rows;
        return (groups.size() == shape.size() ? matrix : matrix.get(":, :{}", columns))
                .reshape(shape);
    }

    private Levels levelsOf8(NDArray groups) {
        NDArray largest = groups.abs().max(COLUMNS, true);
        NDArray scales = ops.maximum(ops.div(largest, MOST), Float.MIN_NORMAL);
        NDArray nearest = groups.div(scales).round();
        return new Levels(scales, nearest, nearest);
    }

    /** Finds the scales with the smallest squared errors, among fewer than the saved model does. */
    private Levels levelsOf4(NDArray groups) {
        NDArray high = groups.max(COLUMNS, true);
        NDArray low = groups.min(COLUMNS, true);
        NDArray extreme = NDArrays.where(high.gte(low.neg()), high, low);
        extreme = NDArrays.where(extreme.eq(extreme.zerosLike()), extreme.onesLike(), extreme);
        NDArray best = null;
        NDArray least = null;
        for (double level = FIRST_LEVEL; level <= LAST_LEVEL; level += LEVEL_STEP) {
            NDArray scales = ops.div(extreme, -level);
            NDArray rounded = levelsOf4(groups, scales).clipped.mul(scales);
            NDArray error = groups.sub(rounded).square().sum(COLUMNS, true);
            best = best == null ? scales : NDArrays.where(error.lt(least), scales, best);
            least = least == null ? error : NDArrays.minimum(error, least);
        }
        return levelsOf4(groups, Objects.requireNonNull(best));
    }

    private Levels levelsOf4(NDArray groups, NDArray scales) {
        NDArray nearest = groups.div(scales).round();
        NDArray clipped = ops.maximum(ops.minimum(nearest, MOST_OF_FOUR), LEAST_OF_FOUR);
        return new Levels(scales, nearest, clipped);
    }
}
