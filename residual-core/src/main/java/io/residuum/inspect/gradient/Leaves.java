package io.residuum.inspect.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.residual.Merge;
import io.residuum.residual.ResidualBlock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adds zeros to what the parts of each unit read. The gradient of such a zero is the part of dE/dx
 * that comes back through the part which reads it.
 */
final class Leaves implements ForwardHook {

    /** A part of a unit that reads the unit's input, or its output. */
    enum Place {
        INPUT,
        SHORTCUT,
        BRANCH,
        GATE,
        OUTPUT
    }

    private final List<UnitFlow> flows;
    private final int[] lastOfStage;
    private final Ops ops;
    private final Map<Layer, Place> places = new IdentityHashMap<>();
    private final List<Map<Place, NDArray>> leaves = new ArrayList<>();
    private int unit;

    Leaves(List<UnitFlow> flows, Ops ops) {
        this.flows = flows;
        this.ops = ops;
        this.lastOfStage = UnitFlow.lastOfStage(flows);
        for (UnitFlow flow : flows) {
            places.put(flow.unit().layer(), Place.INPUT);
            flow.unit().block().ifPresent(this::addParts);
            leaves.add(new EnumMap<>(Place.class));
        }
    }

    private void addParts(ResidualBlock block) {
        if (block.inputShapes().size() == 1) {
            places.put(block.branch(), Place.BRANCH);
        }
        // The merge of a plain unit reads no shortcut.
        if (!(block.merge() instanceof Merge.BranchOnly)) {
            places.put(block.shortcut(), Place.SHORTCUT);
        }
        if (block.merge() instanceof Merge.Gate gate) {
            places.put(gate.gate(), Place.GATE);
        }
    }

    @Override
    public void before(Layer layer, NDList inputs) {
        Place place = places.get(layer);
        if (place != null) {
            add(place, inputs);
        }
    }

    @Override
    public void after(Layer layer, NDList outputs) {
        if (places.get(layer) == Place.INPUT) {
            if (lastOfStage[unit] == unit) {
                add(Place.OUTPUT, outputs);
            }
            unit++;
        }
    }

    private void add(Place place, NDList read) {
        NDArray x = read.head();
        if (!x.getDataType().isFloating()) {
            return;
        }
        NDArray zero;
        try (Ops.Pause pause = ops.pauseRecording()) {
            zero = x.zerosLike();
        }
        zero.setRequiresGradient(true);
        leaves.get(unit).put(place, zero);
        read.set(0, x.add(zero));
    }

    @Override
    public boolean needsUnusedOutputs() {
        return false;
    }

    /** Returns the gradient at a place after the backward pass; empty if the unit has no such. */
    Optional<NDArray> gradient(int of, Place place, NDManager owner) {
        return Optional.ofNullable(leaves.get(of).get(place))
                .map(
                        leaf -> {
                            NDArray gradient = leaf.getGradient();
                            gradient.attach(owner);
                            return gradient;
                        });
    }

    /** Returns the gradient dE/dx_L at the output of the last unit of a unit's stage. */
    Optional<NDArray> stageGradient(int of, NDManager owner) {
        return lastOfStage[of] < 0
                ? Optional.empty()
                : gradient(lastOfStage[of], Place.OUTPUT, owner);
    }

    int units() {
        return flows.size();
    }
}
