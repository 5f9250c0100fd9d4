package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import java.util.List;

/** A layer that may have several inputs. */
public interface SeveralInputs extends LayerSpec {

    @Override
    Layer newBlock(List<Shape> inputs);

    @Override
    default Layer newBlock(Shape input) {
        return newBlock(List.of(input));
    }

    /** Requires two or more values to join. With one, a join would silently do nothing. */
    static void requireSeveral(List<Shape> inputs) {
        Check.that(
                inputs.size() > 1,
                "the layer must join two or more values, got one: name them in \"from\"");
    }
}
