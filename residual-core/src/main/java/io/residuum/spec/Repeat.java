package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.TiedBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A layer repeated several times. Copies with separate weights have the names {@code 0}, {@code 1},
 * and so on, and know their depth, as a scale by depth needs. A tied layer has one set of weights
 * (Liao and Poggio 2016, arXiv:1604.03640) and the name {@code 0}.
 *
 * @param times the number of repetitions, 1 or more
 * @param layer the layer to repeat
 * @param tied true to share one set of weights. Default: false
 */
@TypeName("repeat")
public record Repeat(
        @Default("\"\"") String name, int times, LayerSpec layer, @Default("false") boolean tied)
        implements SeveralInputs {
    public Repeat {
        Check.positive("times", times);
        Build.requireBuildable("times", layerCount(times, layer, tied));
    }

    private static long layerCount(int times, LayerSpec layer, boolean tied) {
        return 1 + (tied ? 1 : times) * Build.layerCount("0", layer);
    }

    @Override
    public long layerCount() {
        return layerCount(times, layer, tied);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new Repeat(name, times, change.apply(layer), tied);
    }

    /** {@return this layer; the layers of an untied repeat have their place in it} */
    @Override
    public LayerSpec atDepth(int unit, int units) {
        return tied ? SeveralInputs.super.atDepth(unit, units) : this;
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        Check.that(!tied, "repeat must not be tied to have more units: raise its times");
        Check.that(part.isEmpty(), "repeat has equal units, got a part \"%s\" of one", part);
        return new Repeat(name, Math.addExact(times, added), layer, false);
    }

    /** {@return this layer, as a sequential of its units, with a layer in one of them changed} */
    @Override
    public LayerSpec changedAt(String path, UnaryOperator<LayerSpec> change) {
        if (path.isEmpty()) {
            return change.apply(this);
        }
        Check.that(
                layer.name().isEmpty(),
                "the layer of a repeat must have no name so that a layer in it can change, got"
                        + " \"%s\"",
                layer.name());
        if (tied) {
            return SeveralInputs.super.changedAt(path, change);
        }
        List<LayerSpec> units = IntStream.range(0, times).mapToObj(this::at).toList();
        return new Sequential(name, units).changedAt(path, change);
    }

    private LayerSpec at(int unit) {
        return Build.within(Integer.toString(unit), layer, () -> layer.atDepth(unit, times));
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        if (tied) {
            return new TiedBlock("0", Build.child("0", layer, inputs), times);
        }
        Map<String, Layer> blocks = new LinkedHashMap<>();
        List<Shape> shapes = inputs;
        for (int i = 0; i < times; i++) {
            Layer block = Build.child(Integer.toString(i), at(i), shapes);
            blocks.put(Integer.toString(i), block);
            shapes = block.outputShapes();
        }
        return new Chain(inputs, blocks);
    }
}
