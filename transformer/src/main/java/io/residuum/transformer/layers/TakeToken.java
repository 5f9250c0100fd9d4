package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * One position of a sequence, {@code (N, T, C) -> (N, C)}.
 *
 * @param index index of the position, from 0. Default: 0
 */
@TypeName("takeToken")
public record TakeToken(@Default("\"\"") String name, @Default("0") int index)
        implements LayerSpec {
    public TakeToken {
        Check.notNegative("index", index);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new TakeTokenBlock(input, index);
    }
}
