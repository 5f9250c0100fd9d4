package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.ParallelBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers side by side on one input, whose outputs of equal shape are added. An unnamed layer is
 * named by its index.
 *
 * @param name its name. Default: empty
 * @param layers one or more layers
 */
@TypeName("parallel")
@Doc("Layers side by side on one input, whose outputs are added.")
public record Parallel(@Default("\"\"") String name, List<LayerSpec> layers) implements LayerSpec {
    public Parallel {
        layers = List.copyOf(layers);
        Check.that(!layers.isEmpty(), "layers must not be empty");
        Build.requireDistinctNames(layers);
    }

    @Override
    public long layerCount() {
        return Build.layerCount(layers);
    }

    @Override
    public LayerSpec expanded() {
        return new Parallel(name, layers.stream().map(LayerSpec::expanded).toList());
    }

    @Override
    public Layer newBlock(Shape input) {
        Map<String, Layer> blocks = new LinkedHashMap<>();
        for (int i = 0; i < layers.size(); i++) {
            String child = Build.nameOf(layers.get(i), i);
            blocks.put(child, Build.child(child, layers.get(i), input));
        }
        return new ParallelBlock(input, blocks);
    }
}
