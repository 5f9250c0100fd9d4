package io.residuum.transformer.pyramid;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.ActivationSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * StarReLU, {@code gamma max(0, x)^2 + beta} with two learned numbers, 1 and 0 at the start (Yu et
 * al. 2022, arXiv:2210.13452, Section 3.3). Parameters: {@code affine.gamma (1)} and {@code
 * affine.beta (1)}.
 */
@TypeName("starRelu")
public record StarRelu() implements ActivationSpec {
    @Override
    public Layer newBlock(Shape input) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put("square", new ActivationSpec.ReluSquared().newBlock(input));
        layers.put("affine", new ScaleSpec.Affine(1, false).newBlock(input));
        return new Chain(input, layers);
    }
}
