package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.AffineLayer;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Bounds the spectral norm of the map of a linear layer or a convolution (i-ResNet, Behrmann et al.
 * 2019, arXiv:1811.00995, Section 2.1). A larger weight is divided by its norm. Gram iteration
 * (Delattre et al. 2023, arXiv:2305.16173, Algorithm 1) computes an upper bound of the norm from
 * the weight alone, so that no state changes between two passes. The map of a convolution has at
 * most the norm of its weight as a matrix, times the root of the number of elements in its window.
 */
public final class SpectralNormBlock extends Layer {
    private final AffineLayer layer;
    private final double bound;
    private final int iterations;

    /**
     * Creates the block.
     *
     * @param layer the layer, which becomes the child {@code layer}
     * @param bound the largest norm
     * @param iterations the number of Gram iterations
     */
    public SpectralNormBlock(AffineLayer layer, double bound, int iterations) {
        super(layer.inputShape());
        this.layer = child("layer", layer);
        this.bound = bound;
        this.iterations = iterations;
    }

    /** {@return a Lipschitz constant of this layer; empty with low-rank branches} */
    public OptionalDouble lipschitz() {
        return layer.branches().isEmpty() ? OptionalDouble.of(bound) : OptionalDouble.empty();
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray weight = pass.value(layer.weight());
        Shape shape = weight.getShape();
        long columns = shape.size() / shape.get(0);
        NDArray rows = weight.reshape(shape.get(0), columns);
        // Else it would belong to the manager of the parameter, which never closes it.
        rows.attach(x.getManager());
        NDArray norm = norm(pass, shape.get(0) > columns ? rows.transpose(1, 0) : rows);
        double window = shape.dimension() > 2 ? shape.slice(2).size() : 1;
        NDArray relative = pass.ops().mul(norm, Math.sqrt(window) / bound);
        NDArray bounded = rows.div(pass.ops().maximum(relative, 1));
        return layer.apply(pass, x, bounded.reshape(shape));
    }

    /** Returns an upper bound of the largest singular value, {@code (1, 1)}. */
    private NDArray norm(ForwardPass pass, NDArray matrix) {
        List<NDArray> norms = new ArrayList<>();
        NDArray gram = matrix;
        for (int i = 0; i < iterations; i++) {
            NDArray norm = frobenius(pass, gram);
            norms.add(norm);
            NDArray unit = gram.div(norm);
            gram = unit.matMul(unit.transpose(1, 0));
        }
        NDArray bound = frobenius(pass, gram);
        for (int i = iterations - 1; i >= 0; i--) {
            bound = bound.sqrt().mul(norms.get(i));
        }
        return bound;
    }

    private static NDArray frobenius(ForwardPass pass, NDArray matrix) {
        // A weight of zeros has a gradient.
        return pass.ops().add(matrix.square().sum(new int[] {0, 1}, true), 1e-30).sqrt();
    }

    @Override
    public Shape outputShape(Shape in) {
        return layer.outputShape(in);
    }

    @Override
    public String describe() {
        return "SpectralNorm(" + bound + ")";
    }
}
