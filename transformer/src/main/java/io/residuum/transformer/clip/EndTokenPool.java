package io.residuum.transformer.clip;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The position of the end of each text, {@code (N, T, C) -> (N, C)}: the first with a certain id
 * (CLIP, Radford et al. 2021, arXiv:2103.00020, Section 2.4). The side input {@value
 * EndTokenPoolBlock#IDS} {@code (N, T)} holds the ids.
 *
 * @param end id of the end; -1 for the largest id of each text. Default: -1
 */
@TypeName("endTokenPool")
public record EndTokenPool(@Default("\"\"") String name, @Default("-1") int end)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new EndTokenPoolBlock(input, end);
    }
}
