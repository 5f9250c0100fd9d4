package io.residuum.inspect.representation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residuum.inspect.Unit;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Records a forward pass up to the last unit, and repeats what follows that unit with other outputs
 * of it. A repetition computes nothing that comes before.
 */
final class Rest implements ForwardHook {
    private final Unit last;
    private final ForwardHook units;

    /** The outputs of finished layers, for each layer that is running. */
    private final Deque<List<Optional<NDList>>> running = new ArrayDeque<>();

    /** The outputs before the last unit in order, empty where a layer that contains it begins. */
    private final List<Optional<NDList>> script = new ArrayList<>();

    private int runsLeft;

    /**
     * Creates the hook of the pass to record, which serves one pass.
     *
     * @param hook another hook, which follows the units of the pass
     */
    Rest(List<Unit> units, ForwardHook hook) {
        this.last = units.get(units.size() - 1);
        this.runsLeft = (int) units.stream().filter(u -> u.layer() == last.layer()).count();
        this.units = hook;
    }

    @Override
    public void before(Layer layer, NDList inputs) {
        units.before(layer, inputs);
        if (runsLeft == 0) {
            return;
        }
        if (layer == last.layer() && --runsLeft == 0) {
            for (List<Optional<NDList>> finished : running) {
                script.add(Optional.empty());
                script.addAll(finished);
            }
        } else {
            running.addLast(new ArrayList<>());
        }
    }

    @Override
    public void after(Layer layer, NDList outputs) {
        units.after(layer, outputs);
        if (runsLeft > 0) {
            running.removeLast();
            running.getLast().add(Optional.of(new NDList(outputs)));
        }
    }

    @Override
    public boolean needsUnusedOutputs() {
        return false;
    }

    /** Returns the hook of a pass over the same samples, with another output of the last unit. */
    ForwardHook with(NDArray output) {
        return new ForwardHook() {
            private int next;

            @Override
            public Layer replace(Layer layer) {
                if (next > script.size()) {
                    return layer;
                }
                Optional<NDList> known =
                        next == script.size() ? Optional.of(new NDList(output)) : script.get(next);
                next++;
                return known.<Layer>map(
                                outputs -> new Substitute(layer, (pass, in) -> new NDList(outputs)))
                        .orElse(layer);
            }

            @Override
            public void after(Layer layer, NDList outputs) {}

            @Override
            public boolean needsUnusedOutputs() {
                return false;
            }
        };
    }
}
