package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Saves its input for later layers of the innermost {@code stream} and returns it.
 *
 * @param as the name of the state
 */
@TypeName("save")
public record Save(@Default("\"\"") String name, String as) implements LayerSpec {
    public Save {
        Check.that(!as.isBlank(), "as must name the state, got \"%s\"", as);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new SaveBlock(input, as);
    }
}
