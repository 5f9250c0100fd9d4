package io.residuum.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/** A set of arrays that training keeps a parameter in. */
public sealed interface ConstraintSpec
        permits ConstraintSpec.UnitNorm, ConstraintSpec.MaxNorm, ConstraintSpec.Orthogonal {

    /**
     * Requires a shape that the constraint fits.
     *
     * @param path the path of the parameter
     */
    void require(String path, Shape shape);

    /**
     * {@return the array of the set that is nearest to a parameter}
     *
     * @param ops the operations
     * @param x the parameter
     */
    NDArray project(Ops ops, NDArray x);

    /** {@return this constraint for initial and averaged weights, which may be far from the set} */
    default ConstraintSpec atStart() {
        return this;
    }

    /** {@return true if an array of zeros is in the set, or has a nearest array there} */
    default boolean acceptsZeros() {
        return false;
    }

    private static void requireAxis(int axis, String path, Shape shape) {
        Check.that(
                axis < shape.dimension(),
                "axis must be below %s, the axes of %s with shape %s, got %s",
                shape.dimension(),
                path,
                shape,
                axis);
    }

    /** Returns the Euclidean norms along an axis. */
    private static NDArray norms(Ops ops, NDArray x, int axis) {
        return ops.add(x.square().sum(new int[] {axis}, true), 1e-24).sqrt();
    }

    /**
     * Vectors of norm 1 along an axis: nGPT (Loshchilov et al. 2024, arXiv:2410.01131, Section 2)
     * keeps all matrices so, along the axis of the embedding.
     *
     * @param axis the axis of the vectors: 1 for the rows of a linear map, which are its outputs.
     *     Default: 1
     */
    @TypeName("unitNorm")
    record UnitNorm(@Default("1") int axis) implements ConstraintSpec {
        public UnitNorm {
            Check.notNegative("axis", axis);
        }

        @Override
        public void require(String path, Shape shape) {
            requireAxis(axis, path, shape);
        }

        @Override
        public NDArray project(Ops ops, NDArray x) {
            return x.div(norms(ops, x, axis));
        }
    }

    /**
     * Vectors of at most a norm along an axis (Srebro et al. 2005; with dropout Srivastava et al.
     * 2014, Section 5.1).
     *
     * @param norm the largest norm, positive
     * @param axis the axis of the vectors: 1 for the rows of a linear map, which are its outputs.
     *     Default: 1
     */
    @TypeName("maxNorm")
    record MaxNorm(double norm, @Default("1") int axis) implements ConstraintSpec {
        public MaxNorm {
            Check.positive("norm", norm);
            Check.notNegative("axis", axis);
        }

        @Override
        public void require(String path, Shape shape) {
            requireAxis(axis, path, shape);
        }

        @Override
        public boolean acceptsZeros() {
            return true;
        }

        @Override
        public NDArray project(Ops ops, NDArray x) {
            NDArray factor = ops.mul(ops.pow(norms(ops, x, axis), -1), norm);
            return x.mul(ops.minimum(factor, 1));
        }
    }

    /**
     * Matrices whose rows, or columns if there are fewer, are orthonormal. The nearest one is the
     * orthogonal factor of the polar decomposition, by iterations of Newton and Schulz, {@code X <-
     * 1.5 X - 0.5 X X' X} (Higham 1986). Filters of a convolution are its rows.
     *
     * @param iterations the iterations. After a step of training a few are enough; before the first
     *     step there are 30. Default: 5
     */
    @TypeName("orthogonal")
    record Orthogonal(@Default("5") int iterations) implements ConstraintSpec {
        private static final int AT_START = 30;

        public Orthogonal {
            Check.positive("iterations", iterations);
        }

        @Override
        public void require(String path, Shape shape) {
            Check.that(
                    shape.dimension() >= 2,
                    "orthogonal needs a matrix or filters, got %s with shape %s",
                    path,
                    shape);
        }

        @Override
        public ConstraintSpec atStart() {
            return new Orthogonal(Math.max(iterations, AT_START));
        }

        @Override
        public NDArray project(Ops ops, NDArray x) {
            Shape shape = x.getShape();
            NDArray m = x.reshape(shape.get(0), -1);
            boolean wide = m.getShape().get(0) <= m.getShape().get(1);
            NDArray rows = wide ? m : m.transpose(1, 0);
            // The largest sum of a row bounds the squares of all singular values.
            NDArray bound = gram(rows).abs().sum(new int[] {1}).max();
            rows = rows.div(bound.sqrt());
            for (int i = 0; i < iterations; i++) {
                rows = ops.mul(rows, 1.5).sub(ops.mul(gram(rows).matMul(rows), 0.5));
            }
            return (wide ? rows : rows.transpose(1, 0)).reshape(shape);
        }

        private static NDArray gram(NDArray rows) {
            return rows.matMul(rows.transpose(1, 0));
        }
    }
}
