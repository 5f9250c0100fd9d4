package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A norm whose output is scaled and shifted by a side input c: {@code (1 + g(c)) norm(x) + b(c)}
 * (adaLN of DiT, Peebles and Xie 2023, arXiv:2212.09748, Section 3.2; with instance norm AdaIN,
 * Huang and Belongie 2017, arXiv:1703.06868). Parameters are below {@code norm} and {@code
 * modulation.linear}.
 *
 * @param norm the norm, with its own weight and bias. Default: layer
 * @param condition the side input
 * @param init the initial weights of g and b, whose biases start at 0. Default: 0
 */
@TypeName("adaptive")
@Doc("A norm, scaled and shifted by a side input: adaLN of DiT.")
public record AdaptiveNorm(
        @Default("\"layer\"") NormSpec norm,
        Condition condition,
        @Default("{\"type\": \"constant\", \"value\": 0}") InitSpec init)
        implements NormSpec {
    @Override
    public Layer newBlock(Shape input) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put("norm", norm.newBlock(input));
        layers.put("modulation", condition.modulation(input, init));
        layers.values().removeIf(IdentityBlock.class::isInstance);
        return new Chain(input, layers);
    }

    @Override
    public NormSpec withInit(double weight) {
        return new AdaptiveNorm(norm.withInit(weight), condition, init);
    }
}
