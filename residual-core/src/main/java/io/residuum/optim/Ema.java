package io.residuum.optim;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import java.util.LinkedHashMap;
import java.util.Map;

/** An exponential moving average of parameters and buffers. */
public final class Ema {
    private record Averaged(NDArray weight, NDArray average) {}

    private final EmaSpec settings;
    private final Ops ops;
    private final Map<String, Averaged> all = new LinkedHashMap<>();

    public Ema(EmaSpec settings, Network network, NDManager manager) {
        this.settings = settings;
        this.ops = Ops.of(manager);
        network.state()
                .forEach(
                        (path, p) -> {
                            NDArray average = in(manager, p.getArray().duplicate());
                            all.put(path, new Averaged(p.getArray(), average));
                        });
    }

    /**
     * Moves the averages towards the weights.
     *
     * @param update the index of the update, from 1
     * @param scratch owns temporary arrays
     */
    public void update(long update, NDManager scratch) {
        double decay = settings.decayAt(update);
        for (Averaged a : all.values()) {
            a.average.muli(decay).addi(in(scratch, ops.mul(a.weight, 1 - decay)));
        }
    }

    /** {@return the live arrays of the averages, by path} */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        all.forEach((path, a) -> state.put(path, a.average));
        return state;
    }
}
