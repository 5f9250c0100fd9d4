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
}
