package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import java.util.List;
import java.util.function.UnaryOperator;

/** A family of networks, such as ResNet: a short record that expands to plain layers. */
public interface Family extends LayerSpec {

    /**
     * Returns the network as plain layers. Their JSON reads back to the same parameters with the
     * same names.
     *
     * @return layers without a family among them
     */
    LayerSpec expand();

    @Override
    default LayerSpec expanded() {
        return expand().expanded();
    }

    @Override
    default LayerSpec atDepth(int unit, int units) {
        return expand().atDepth(unit, units);
    }

    @Override
    default LayerSpec deepened(String part, int added) {
        return expand().deepened(part, added);
    }

    @Override
    default LayerSpec changedAt(String path, UnaryOperator<LayerSpec> change) {
        return path.isEmpty() ? change.apply(this) : expand().changedAt(path, change);
    }

    @Override
    default long layerCount() {
        return expand().layerCount();
    }

    @Override
    default Layer newBlock(List<Shape> inputs) {
        return expand().newBlock(inputs);
    }

    @Override
    default Layer newBlock(Shape input) {
        return expand().newBlock(input);
    }
}
