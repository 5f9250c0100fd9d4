package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.Maps;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * An earlier layer of the same graph, used again with the same weights. It may read images of
 * another size, as heads on several levels of features do.
 *
 * @param name the name of the output. Default: empty
 * @param layer the name of the earlier layer
 */
@TypeName("use")
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

    /**
     * Returns the shared layer as it would be built for other inputs: the layer itself for equal
     * shapes. Other sizes of images need the same parameters.
     */
    Layer built(Layer shared, LayerSpec spec, List<Shape> inputs) {
        if (Shapes.same(shared.inputShapes(), inputs)) {
            return shared;
        }
        Layer other = areImages(shared.inputShapes(), inputs) ? spec.newBlock(inputs) : null;
        Check.that(
                other != null && parameters(other).equals(parameters(shared)),
                "a shared layer must read equal shapes, got %s for \"%s\" that is built for %s",
                Shapes.text(inputs),
                layer,
                Shapes.text(shared.inputShapes()));
        return Objects.requireNonNull(other);
    }

    private static boolean areImages(List<Shape> these, List<Shape> others) {
        return these.size() == others.size()
                && Stream.of(these, others)
                        .flatMap(List::stream)
                        .allMatch(shape -> shape.dimension() == 4 && Shapes.isSpatial(shape));
    }

    private static Map<String, Shape> parameters(Layer layer) {
        return Maps.transformValues(layer.namedParameters(), Parameter::getShape);
    }
}
