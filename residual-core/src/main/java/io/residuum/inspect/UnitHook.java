package io.residuum.inspect;

import ai.djl.ndarray.NDList;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.residual.Merge;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the units of one forward pass. A method may replace the arrays of a list, and the network
 * continues with the new ones.
 */
public abstract class UnitHook implements ForwardHook {
    private final List<Unit> units;
    private final Map<Layer, Part> parts = new IdentityHashMap<>();
    private int next;

    private enum Part {
        UNIT,
        BRANCH,
        SHORTCUT,
        GATE
    }

    /**
     * Creates a hook for passes from the first unit to the last.
     *
     * @param units all units, in the order of computation
     */
    protected UnitHook(List<Unit> units) {
        this.units = units;
        for (Unit unit : units) {
            unit.block()
                    .ifPresent(
                            block -> {
                                parts.put(block.branch(), Part.BRANCH);
                                parts.put(block.shortcut(), Part.SHORTCUT);
                                if (block.merge() instanceof Merge.Gate gate) {
                                    parts.put(gate.gate(), Part.GATE);
                                } else if (block.merge() instanceof Merge.Write write
                                        && !write.corrects()) {
                                    parts.put(write.write(), Part.GATE);
                                }
                            });
            parts.put(unit.layer(), Part.UNIT);
        }
    }

    /**
     * Runs before a unit, with what it reads.
     *
     * @param unit the number of the unit, from 0
     * @param inputs the arrays
     */
    protected void input(int unit, Layer layer, NDList inputs) {}

    /**
     * Runs after the branch of a unit.
     *
     * @param unit the number of the unit, from 0
     * @param outputs the arrays
     */
    protected void branch(int unit, Layer layer, NDList outputs) {}

    /**
     * Runs after the shortcut of a unit, which is there in a plain unit too.
     *
     * @param unit the number of the unit, from 0
     * @param outputs the arrays
     */
    protected void shortcut(int unit, Layer layer, NDList outputs) {}

    /**
     * Runs after the layer that the merge computes from the input of a unit: a gate, before its
     * sigmoid, or the weights of streams.
     *
     * @param unit the number of the unit, from 0
     * @param outputs the arrays
     */
    protected void gate(int unit, Layer layer, NDList outputs) {}

    /**
     * Runs after a unit.
     *
     * @param unit the number of the unit, from 0
     * @param outputs the arrays
     */
    protected void unit(int unit, Layer layer, NDList outputs) {}

    /**
     * {@return the layer to compute instead of a layer; the layer itself by default}
     *
     * @param unit the number of the unit that runs, or of the next one
     * @param layer any layer of the network
     */
    protected Layer replace(int unit, Layer layer) {
        return layer;
    }

    @Override
    public final void before(Layer layer, NDList inputs) {
        if (parts.get(layer) == Part.UNIT) {
            input(index(), layer, inputs);
        }
    }

    @Override
    public final Layer replace(Layer layer) {
        return replace(index(), layer);
    }

    @Override
    public final void after(Layer layer, NDList outputs) {
        Part part = parts.get(layer);
        if (part == null) {
            return;
        }
        switch (part) {
            case BRANCH -> branch(index(), layer, outputs);
            case SHORTCUT -> shortcut(index(), layer, outputs);
            case GATE -> gate(index(), layer, outputs);
            case UNIT -> {
                unit(index(), layer, outputs);
                next++;
            }
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
