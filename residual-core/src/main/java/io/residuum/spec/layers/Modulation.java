package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Scales and shifts channels by linear maps of a side input c: {@code (1 + g(c)) x + b(c)} (FiLM,
 * Perez et al. 2018, arXiv:1709.07871, Section 2). Keeps the shape. Its parameters are below {@code
 * linear}: the rows of g, then those of b.
 *
 * @param condition the side input
 * @param init the initial weights of the maps, whose biases start at 0. Default: Glorot and Bengio
 *     2010, uniform
 */
@TypeName("modulation")
public record Modulation(
        @Default("\"\"") String name,
        Condition condition,
        @Default("\"xavierUniform\"") InitSpec init)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return condition.modulation(input, init);
    }
}
