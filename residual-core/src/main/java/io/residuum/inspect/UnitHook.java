package io.residuum.inspect;

import ai.djl.ndarray.NDList;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the units of one forward pass. What its methods replace is what the network goes on with.
 */
abstract class UnitHook implements ForwardHook {
    private final List<Unit> units;
    private final Map<Layer, Boolean> layers = new IdentityHashMap<>();
    private int next;

    UnitHook(List<Unit> units) {
        this.units = units;
        for (Unit unit : units) {
            layers.put(unit.layer(), true);
            unit.block().ifPresent(block -> layers.put(block.branch(), false));
        }
    }

    /** Runs before a unit, with what it reads. */
    void input(int unit, Layer layer, NDList inputs) {}

    /** Runs after the branch of a unit. */
    void branch(int unit, Layer layer, NDList outputs) {}

    /** Runs after a unit. */
    void unit(int unit, Layer layer, NDList outputs) {}

    @Override
    public final void before(Layer layer, NDList inputs) {
        if (Boolean.TRUE.equals(layers.get(layer))) {
            input(index(), layer, inputs);
        }
    }

    @Override
    public final void after(Layer layer, NDList outputs) {
        Boolean whole = layers.get(layer);
        if (whole == null) {
            return;
        }
        if (whole) {
            unit(index(), layer, outputs);
            next++;
        } else {
            branch(index(), layer, outputs);
        }
    }

    /** A hook may serve several passes. */
    private int index() {
        return next % units.size();
    }

    @Override
    public boolean needsUnusedOutputs() {
        return false;
    }
}
