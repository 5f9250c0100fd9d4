package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * An affine map of the last axis, {@code (N, C) -> (N, units)} or {@code (N, T, C) -> (N, T,
 * units)}.
 *
 * @param units the width of the output
 * @param bias true to add a bias, initially 0. Default: true
 * @param init the initial weights. Default: Glorot and Bengio 2010, uniform
 */
@TypeName("linear")
public record Linear(
        @Default("\"\"") String name,
        int units,
        @Default("true") boolean bias,
        @Default("\"xavierUniform\"") InitSpec init)
        implements LayerSpec {
    public Linear {
        Check.positive("units", units);
    }

    /**
     * Creates a linear layer with a bias and the default initialization.
     *
     * @param name its name; may be empty
     * @param units the width of the output
     */
    public Linear(String name, int units) {
        this(name, units, true, new InitSpec.XavierUniform());
    }

    @Override
    public LayerSpec widened(int width) {
        return new Linear(name, width, bias, init);
    }

    @Override
    public LayerSpec withClasses(int classes) {
        return new Linear(name, classes, bias, init);
    }

    @Override
    public Layer newBlock(Shape input) {
        return newBlock(input, Init.ZEROS);
    }

    /** {@return the layer with an initialization of the bias} */
    public Layer newBlock(Shape input, Init biasInit) {
        return new LinearBlock(input, units, bias, init.toInit(), biasInit);
    }
}
