package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * An earlier layer of the same graph, used again with the same weights.
 *
 * @param name the name of the output. Default: empty
 * @param layer the name of the earlier layer
 */
@TypeName("use")
@Doc("An earlier layer of the same graph, used again with the same weights.")
public record Use(@Default("\"\"") String name, String layer) implements SeveralInputs {
    public Use {
        Check.that(!layer.isBlank(), "layer must name a layer of the graph, got a blank name");
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        throw new SpecException(
                "use must stand among the layers of a graph, got \"%s\" elsewhere"
                        .formatted(layer));
    }

    @Override
    public long layerCount() {
        return 0;
    }

    /** Requires the inputs for which the shared layer is built. */
    Layer shared(Layer built, List<Shape> inputs) {
        Check.that(
                Shapes.same(built.inputShapes(), inputs),
                "a shared layer must read equal shapes, got %s for \"%s\" that is built for %s",
                Shapes.text(inputs),
                layer,
                Shapes.text(built.inputShapes()));
        return built;
    }
}
