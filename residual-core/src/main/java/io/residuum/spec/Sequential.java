package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers in sequence. An unnamed layer is named by its index, from 0.
 *
 * @param name its name. Default: empty
 * @param layers the layers, in order
 */
@TypeName("sequential")
@Doc("Layers in sequence.")
public record Sequential(@Default("\"\"") String name, List<LayerSpec> layers)
        implements SeveralInputs {
    public Sequential {
        layers = List.copyOf(layers);
        Build.requireDistinctNames(layers);
    }

    /**
     * Creates a sequential.
     *
     * @param name its name; may be empty
     * @param layers the layers, in order
     */
    public Sequential(String name, LayerSpec... layers) {
        this(name, List.of(layers));
    }

    @Override
    public long layerCount() {
        return Build.layerCount(layers);
    }

    @Override
    public LayerSpec expanded() {
        return new Sequential(name, layers.stream().map(LayerSpec::expanded).toList());
    }

    @Override
    public LayerSpec atDepth(int unit, int units) {
        return new Sequential(
                name, layers.stream().map(layer -> layer.atDepth(unit, units)).toList());
    }

    @Override
    public LayerSpec withClasses(int classes) {
        Check.that(!layers.isEmpty(), "layers must not be empty to have a head");
        List<LayerSpec> changed = new ArrayList<>(layers);
        int last = layers.size() - 1;
        changed.set(last, layers.get(last).withClasses(classes));
        return new Sequential(name, changed);
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        Map<String, Layer> blocks = new LinkedHashMap<>();
        List<Shape> shapes = inputs;
        for (int i = 0; i < layers.size(); i++) {
            String child = Build.nameOf(layers.get(i), i);
            Layer block = Build.child(child, layers.get(i), shapes);
            blocks.put(child, block);
            shapes = block.outputShapes();
        }
        return new Chain(inputs, blocks);
    }
}
