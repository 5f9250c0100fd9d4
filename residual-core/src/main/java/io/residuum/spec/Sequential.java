package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Layers in sequence. An unnamed layer is named by its index, from 0.
 *
 * @param layers the layers, in order
 * @param stream connections between the layers, which are residual units or sequences of them that
 *     keep the shape. Default: none
 */
@TypeName("sequential")
public record Sequential(
        @Default("\"\"") String name, List<LayerSpec> layers, @Nullable Connections stream)
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

    /**
     * Creates a sequential without connections.
     *
     * @param name its name; may be empty
     * @param layers the layers, in order
     */
    public Sequential(String name, List<LayerSpec> layers) {
        this(name, layers, null);
    }

    /**
     * {@return these layers under another name}
     *
     * @param other the name; may be empty
     */
    public Sequential named(String other) {
        return new Sequential(other, layers, stream);
    }

    private Sequential of(List<LayerSpec> changed) {
        return new Sequential(name, changed, stream);
    }

    @Override
    public long layerCount() {
        return stream == null
                ? Build.layerCount(layers)
                : stream.connect(name, layers).layerCount();
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return of(layers.stream().map(change).toList());
    }

    @Override
    public LayerSpec expanded() {
        return stream == null
                ? SeveralInputs.super.expanded()
                : stream.connect(name, layers).expanded();
    }

    @Override
    public LayerSpec withClasses(int classes) {
        Check.that(!layers.isEmpty(), "layers must not be empty to have a head");
        List<LayerSpec> changed = new ArrayList<>(layers);
        int last = layers.size() - 1;
        changed.set(last, layers.get(last).withClasses(classes));
        return of(changed);
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        List<LayerSpec> changed = new ArrayList<>(layers);
        if (part.isEmpty()) {
            Check.that(!layers.isEmpty(), "layers must not be empty to have more units");
            LayerSpec last = layers.get(layers.size() - 1);
            Check.that(
                    last.name().isEmpty(),
                    "the last layer must have no name to be repeated, got \"%s\"",
                    last.name());
            changed.addAll(Collections.nCopies(added, last));
            return of(changed);
        }
        int dot = part.indexOf('.');
        String first = dot < 0 ? part : part.substring(0, dot);
        String rest = dot < 0 ? "" : part.substring(dot + 1);
        return changedAt(first, layer -> layer.deepened(rest, added));
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        if (stream != null) {
            return stream.connect(name, layers).newBlock(inputs);
        }
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
