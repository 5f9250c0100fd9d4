package io.residuum.inspect.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residuum.engine.Ops;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Unit;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.residual.Merge;
import io.residuum.residual.ResidualBlock;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a unit, found by one forward pass.
 *
 * @param unit the unit
 * @param readsNumbers false for a unit that reads token ids, which have no gradient
 * @param tapsInput true if the shortcut reads the unit's input; false if it reads the output of
 *     {@code before}
 * @param follows true if the unit reads the output of the unit before it
 */
record UnitFlow(Unit unit, boolean readsNumbers, boolean tapsInput, boolean follows) {

    /** Follows the units through a forward pass of the first batch. */
    static List<UnitFlow> of(Subject subject) {
        List<UnitFlow> flows = new ArrayList<>();
        subject.firstBatch(
                batch -> {
                    try (Ops.Pause pause = subject.network().backend().ops().pauseRecording()) {
                        subject.observe(batch, new Observer(subject.units(), flows));
                    }
                });
        return flows;
    }

    /** Returns true if the unit computes {@code x + F(x)} and nothing after it. */
    boolean isIdentity() {
        return tapsInput
                && unit.block()
                        .filter(block -> block.merge().equals(new Merge.Add(1, 1)))
                        .filter(block -> block.shortcut() instanceof IdentityBlock)
                        .filter(block -> !block.children().containsKey("after"))
                        .isPresent();
    }

    /**
     * Returns for each unit the last one of its stage: of the units with identity shortcuts that
     * read each other's outputs. It is -1 for a unit without an identity shortcut.
     */
    static int[] lastOfStage(List<UnitFlow> flows) {
        int[] last = new int[flows.size()];
        for (int i = last.length - 1; i >= 0; i--) {
            boolean goesOn = i + 1 < last.length && last[i + 1] >= 0 && flows.get(i + 1).follows;
            last[i] = !flows.get(i).isIdentity() ? -1 : goesOn ? last[i + 1] : i;
        }
        return last;
    }

    private static final class Observer implements ForwardHook {
        private final List<Unit> units;
        private final List<UnitFlow> flows;
        private final Map<Layer, Boolean> layers = new IdentityHashMap<>();
        private @Nullable NDArray input;
        private @Nullable NDArray output;
        private boolean tapsInput = true;

        Observer(List<Unit> units, List<UnitFlow> flows) {
            this.units = units;
            this.flows = flows;
            for (Unit unit : units) {
                layers.put(unit.layer(), true);
                unit.block().map(ResidualBlock::shortcut).ifPresent(s -> layers.put(s, false));
            }
        }

        @Override
        public void before(Layer layer, NDList inputs) {
            Boolean whole = layers.get(layer);
            if (whole != null && whole) {
                input = inputs.head();
            } else if (whole != null) {
                tapsInput = inputs.head() == input;
            }
        }

        @Override
        public void after(Layer layer, NDList outputs) {
            if (Boolean.TRUE.equals(layers.get(layer)) && input != null) {
                flows.add(
                        new UnitFlow(
                                units.get(flows.size()),
                                input.getDataType().isFloating(),
                                tapsInput,
                                input == output));
                output = outputs.head();
            }
        }
    }
}
