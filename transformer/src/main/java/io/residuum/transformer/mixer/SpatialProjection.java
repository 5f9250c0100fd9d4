package io.residuum.transformer.mixer;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.spatial.PermuteBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A linear map over the positions of a sequence, the same for each channel, {@code (N, T, C) -> (N,
 * T, C)} (Liu et al. 2021, arXiv:2105.08050, Section 2.1). It fixes the number of positions.
 *
 * <p>Parameters: {@code linear.weight} {@code (T, T)}, {@code linear.bias} {@code (T)}.
 *
 * @param init initial weights. Default: Glorot and Bengio 2010, uniform
 * @param bias initial value of the biases. Default: 0
 */
@TypeName("spatialProjection")
public record SpatialProjection(
        @Default("\"\"") String name,
        @Default("\"xavierUniform\"") InitSpec init,
        @Default("0.0") double bias)
        implements LayerSpec {
    public SpatialProjection {
        Check.finite("bias", bias);
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 3,
                "the input of spatialProjection must be (N, T, C), got %s",
                input);
        int positions = Math.toIntExact(input.get(1));
        PermuteBlock columns = new PermuteBlock(input, false, new int[] {0, 2, 1});
        Shape turned = columns.outputShape();
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put("columns", columns);
        layers.put(
                "linear",
                new LinearBlock(
                        turned, positions, true, init.toInit(), Init.constant((float) bias)));
        layers.put("rows", new PermuteBlock(turned, false, new int[] {0, 2, 1}));
        return new Chain(input, layers);
    }
}
