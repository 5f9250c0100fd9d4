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
    enum UnitPart {
        INPUT,
        SHORTCUT,
        BRANCH,
        GATE,
        OUTPUT
    }

    private final List<UnitFlow> flows;
    private final int[] lastOfStage;
    private final Ops ops;
    private final Map<Layer, UnitPart> parts = new IdentityHashMap<>();
    private final List<Map<UnitPart, NDArray>> leaves = new ArrayList<>();
    private int unit;

    Leaves(List<UnitFlow> flows, Ops ops) {
        this.flows = flows;
        this.ops = ops;
        this.lastOfStage = UnitFlow.lastOfStage(flows);
        for (UnitFlow flow : flows) {
            parts.put(flow.unit().layer(), UnitPart.INPUT);
            flow.unit().block().ifPresent(this::addParts);
            leaves.add(new EnumMap<>(UnitPart.class));
        }
    }

    private void addParts(ResidualBlock block) {
        if (block.inputShapes().size() == 1) {
            parts.put(block.branch(), UnitPart.BRANCH);
        }
        // The merge of a plain unit reads no shortcut.
        if (!(block.merge() instanceof Merge.BranchOnly)) {
            parts.put(block.shortcut(), UnitPart.SHORTCUT);
        }
        if (block.merge() instanceof Merge.Gate gate) {
            parts.put(gate.gate(), UnitPart.GATE);
        } else if (block.merge() instanceof Merge.Write write && !write.corrects()) {
            parts.put(write.write(), UnitPart.GATE);
        }
    }

    @Override
    public void before(Layer layer, NDList inputs) {
        UnitPart part = parts.get(layer);
        if (part != null) {
            add(part, inputs);
        }
    }

    @Override
    public void after(Layer layer, NDList outputs) {
        if (parts.get(layer) == UnitPart.INPUT) {
            if (lastOfStage[unit] == unit) {
                add(UnitPart.OUTPUT, outputs);
            }
            unit++;
        }
    }

    private void add(UnitPart part, NDList read) {
        NDArray x = read.head();
        if (!x.getDataType().isFloating()) {
            return;
        }
        NDArray zero;
        try (Ops.Pause pause = ops.pauseRecording()) {
            zero = x.zerosLike();
        }
        zero.setRequiresGradient(true);
        leaves.get(unit).put(part, zero);
        read.set(0, x.add(zero));
    }

    @Override
    public boolean needsUnusedOutputs() {
        return false;
    }

    /** Returns the gradient at a part after the backward pass; empty if the unit lacks it. */
    Optional<NDArray> gradient(int of, UnitPart part, NDManager owner) {
        return Optional.ofNullable(leaves.get(of).get(part))
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
                : gradient(lastOfStage[of], UnitPart.OUTPUT, owner);
    }

    int units() {
        return flows.size();
    }
}
