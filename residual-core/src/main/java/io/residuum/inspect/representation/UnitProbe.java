package io.residuum.inspect.representation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.ejml.data.DMatrixRMaj;

/**
 * Stops a forward pass at one run of a unit, where an action may use the unit as a function of its
 * first input: masks and other inputs are those of the pass.
 */
final class UnitProbe implements ForwardHook {
    private final Layer layer;
    private final Consumer<AtPoint> action;
    private final Backend backend;
    private int left;

    /**
     * Creates the hook of one pass.
     *
     * @param run the run of the layer, from 1
     * @param action receives the unit's Jacobian, unless the unit reads integers
     */
    UnitProbe(Layer layer, int run, Consumer<AtPoint> action, Backend backend) {
        this.layer = layer;
        this.left = run;
        this.action = action;
        this.backend = backend;
    }

    @Override
    public Layer replace(Layer reached) {
        // The action runs the layer too.
        if (reached != layer || left-- != 1) {
            return reached;
        }
        return new Substitute(
                layer,
                (pass, in) -> {
                    if (in.head().getDataType().isFloating()) {
                        action.accept(new AtPoint(pass, in));
                    }
                    return layer.forward(pass, in);
                });
    }

    @Override
    public void after(Layer computed, NDList outputs) {}

    @Override
    public boolean needsUnusedOutputs() {
        return false;
    }

    /** The Jacobian of the unit at a point. */
    final class AtPoint implements LinearMap {
        /** The step of a difference quotient in float64, relative to the norm of the point. */
        private static final double STEP = 1e-9;

        private static final double SHIFT = 1e-4;

        private final ForwardPass pass;
        private final NDList in;
        private final Shape shape;
        private final double[] point;
        private final double[] value;
        private final Shape valueShape;

        private AtPoint(ForwardPass pass, NDList in) {
            this(pass, in, in.head().toDoubleArray());
        }

        private AtPoint(ForwardPass pass, NDList in, double[] point) {
            this.pass = pass;
            this.in = in;
            this.shape = in.head().getShape();
            this.point = point;
            try (NDManager manager = backend.newManager()) {
                NDArray y = output(array(manager, point));
                this.value = y.toDoubleArray();
                this.valueShape = y.getShape();
            }
        }

        /**
         * Returns the Jacobian at a point close by. No rectifier reads exactly 0 there, where a
         * difference quotient is no derivative.
         */
        AtPoint moved(SplittableRandom random) {
            double scale = SHIFT * Lanczos.norm(point) / Math.sqrt(point.length);
            double[] other = point.clone();
            for (int i = 0; i < other.length; i++) {
                other[i] += scale * random.nextGaussian();
            }
            return new AtPoint(pass, in, other);
        }

        private NDArray array(NDManager manager, double[] values) {
            return Values.create(manager, values, shape, DataType.FLOAT64);
        }

        private NDArray output(NDArray x) {
            NDList inputs = new NDList(in);
            inputs.set(0, x);
            return layer.forward(pass, inputs).head();
        }

        @Override
        public int inputs() {
            return point.length;
        }

        @Override
        public int outputs() {
            return value.length;
        }

        /** Returns a difference quotient: neither engine has forward derivatives. */
        @Override
        public double[] times(double[] v) {
            double size = Lanczos.norm(point);
            double step = STEP * (size > 0 ? size : 1) / Lanczos.norm(v);
            double[] there = new double[point.length];
            for (int i = 0; i < there.length; i++) {
                there[i] = point[i] + step * v[i];
            }
            try (NDManager manager = backend.newManager()) {
                double[] y = output(array(manager, there)).toDoubleArray();
                for (int i = 0; i < y.length; i++) {
                    y[i] = (y[i] - value[i]) / step;
                }
                return y;
            }
        }

        /** Returns the gradient of the inner product of the output and u. */
        @Override
        public double[] transposedTimes(double[] u) {
            try (NDManager manager = backend.newManager()) {
                NDArray x = array(manager, point);
                x.setRequiresGradient(true);
                try (GradientCollector collector = backend.newGradientCollector()) {
                    NDArray y = output(x);
                    NDArray weights = Values.create(manager, u, valueShape, DataType.FLOAT64);
                    collector.backward(y.mul(weights).sum());
                }
                return x.getGradient().toDoubleArray();
            }
        }

        /** Returns all rows, for a pass over copies of one sample: each copy gives one. */
        DMatrixRMaj matrix() {
            int copies = (int) shape.get(0);
            int rows = value.length / copies;
            int columns = point.length / copies;
            DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
            for (int first = 0; first < rows; first += copies) {
                int count = Math.min(copies, rows - first);
                double[] u = new double[value.length];
                for (int i = 0; i < count; i++) {
                    u[i * rows + first + i] = 1;
                }
                System.arraycopy(
                        transposedTimes(u), 0, matrix.data, first * columns, count * columns);
            }
            return matrix;
        }
    }
}
