package io.residuum.vision.detect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.Loss;
import io.residuum.loss.LossException;
import io.residuum.loss.LossSpec;
import io.residuum.loss.Target;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The loss of boxes {@code (N, A, 4)} relative to anchors. Anchors without an object do not count.
 * The sum over the four numbers is divided by the number of anchors with an object.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param kind the distance. Default: smooth-l1
 * @param beta the error below which smooth L1 is a square. Default: 0.1111111111111111
 */
@TypeName("box")
public record BoxLoss(
        @Default("1.0") double weight,
        @Default("\"smooth-l1\"") Kind kind,
        @Default("0.1111111111111111") double beta)
        implements LossSpec {
    private static final double TINY = 1e-7;

    /** The distances of boxes. */
    public enum Kind {
        /** The absolute error. */
        L1,
        /** The absolute error, with a square around 0 (Girshick 2015, arXiv:1504.08083). */
        SMOOTH_L1,
        /** One minus the generalized IoU (Rezatofighi et al. 2019, arXiv:1902.09630). */
        GIOU
    }

    public BoxLoss {
        Check.notNegative("weight", weight);
        Check.positive("beta", beta);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        if (!(target instanceof Target.Numbers numbers)
                || !numbers.shape().equals(output)
                || output.get(output.dimension() - 1) != 4) {
            throw new LossException(
                    "box needs four numbers for each row of an output %s, got %s"
                            .formatted(output, target == null ? "none" : "other targets"));
        }
        int rows = numbers.values().length / 4;
        float[] filled = numbers.values().clone();
        float[] counts = new float[rows];
        int known = 0;
        for (int i = 0; i < rows; i++) {
            boolean counted = !Float.isNaN(filled[4 * i]);
            counts[i] = counted ? 1 : 0;
            known += counted ? 1 : 0;
            for (int k = 4 * i; k < 4 * i + 4 && !counted; k++) {
                filled[k] = 0;
            }
        }
        int counted = known;
        return new Loss() {
            @Override
            public double count() {
                return Math.max(1, counted);
            }

            @Override
            public NDArray sum(NDArray boxes) {
                NDManager manager = boxes.getManager();
                NDArray wanted = Values.create(manager, filled, new Shape(rows, 4), type);
                NDArray weights = Values.create(manager, counts, new Shape(rows, 1), type);
                NDArray found = boxes.reshape(rows, 4);
                NDArray errors = kind == Kind.GIOU ? giou(found, wanted) : linear(found, wanted);
                return errors.mul(weights).sum().reshape(1);
            }
        };
    }

    private NDArray linear(NDArray found, NDArray wanted) {
        Ops ops = Ops.of(found.getManager());
        NDArray error = found.sub(wanted).abs();
        if (kind == Kind.L1) {
            return error;
        }
        NDArray near = ops.minimum(error, beta);
        return ops.mul(near.square(), 0.5 / beta).add(error.sub(near));
    }

    /**
     * Returns one minus the generalized IoU of each row. Stretching both boxes does not change it,
     * so each anchor may be the unit square.
     */
    private static NDArray giou(NDArray found, NDArray wanted) {
        Ops ops = Ops.of(found.getManager());
        NDArray[] a = edges(ops, found);
        NDArray[] b = edges(ops, wanted);
        NDArray both = overlap(ops, a, b, 0).mul(overlap(ops, a, b, 1));
        NDArray union = area(a).add(area(b)).sub(both);
        NDArray hull = hull(a, b, 0).mul(hull(a, b, 1));
        NDArray iou = both.div(ops.add(union, TINY));
        NDArray rest = hull.sub(union).div(ops.add(hull, TINY));
        return ops.add(ops.mul(iou.sub(rest), -1), 1);
    }

    /** Returns left, top, right and bottom relative to the unit square around 0. */
    private static NDArray[] edges(Ops ops, NDArray code) {
        NDArray[] edges = new NDArray[4];
        for (int axis = 0; axis < 2; axis++) {
            NDArray centre = ops.slice(code, 1, axis, axis + 1);
            NDArray log = ops.minimum(ops.slice(code, 1, axis + 2, axis + 3), Anchors.LARGEST);
            NDArray half = ops.mul(log.exp(), 0.5);
            edges[axis] = centre.sub(half);
            edges[axis + 2] = centre.add(half);
        }
        return edges;
    }

    private static NDArray overlap(Ops ops, NDArray[] a, NDArray[] b, int axis) {
        NDArray from = a[axis].maximum(b[axis]);
        return ops.maximum(a[axis + 2].minimum(b[axis + 2]).sub(from), 0);
    }

    private static NDArray hull(NDArray[] a, NDArray[] b, int axis) {
        return a[axis + 2].maximum(b[axis + 2]).sub(a[axis].minimum(b[axis]));
    }

    private static NDArray area(NDArray[] edges) {
        return edges[2].sub(edges[0]).mul(edges[3].sub(edges[1]));
    }
}
