package io.residuum.optim;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.FusedOptimizer;
import io.residuum.engine.Ops;
import io.residuum.optim.ParameterGroups.Trained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code w -= r d w; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= r m' / (sqrt(v') + eps)},
 * where m' and v' are corrected for their initial zeros. Adam begins with {@code g += d w} instead
 * of the first term, which is AdamW's.
 */
final class AdamOptimizer implements Optimizer {
    private final OptimizerSpec.AdamW settings;
    private final boolean decoupled;
    private final Ops ops;
    private final Map<String, Moments> moments = new LinkedHashMap<>();
    private final List<Group> groups = new ArrayList<>();

    private record Moments(Trained trained, NDArray first, NDArray second) {}

    /** Parameters with equal rate and decay, which some engines update in one operation. */
    private record Group(
            double rate, double decay, List<Moments> moments, Optional<FusedOptimizer> fused) {}

    /**
     * Creates an optimizer.
     *
     * @param settings the numbers
     * @param decoupled true for AdamW, false for Adam
     */
    AdamOptimizer(
            OptimizerSpec.AdamW settings,
            boolean decoupled,
            ParameterGroups trained,
            NDManager manager) {
        this.settings = settings;
        this.decoupled = decoupled;
        this.ops = Ops.of(manager);
        for (Trained t : trained.all()) {
            moments.put(t.path(), new Moments(t, zeros(manager, t), zeros(manager, t)));
        }
        for (List<Trained> group : trained.byDecayAndRate()) {
            List<Moments> members = group.stream().map(t -> moments.get(t.path())).toList();
            groups.add(
                    new Group(
                            group.get(0).rate(),
                            group.get(0).decays() ? settings.weightDecay() : 0,
                            members,
                            ops.fusedOptimizer(
                                    manager,
                                    group.stream().map(Trained::value).toList(),
                                    group.stream().map(Trained::gradient).toList(),
                                    members.stream().map(Moments::first).toList(),
                                    members.stream().map(Moments::second).toList())));
        }
    }

    private static NDArray zeros(NDManager manager, Trained t) {
        return manager.zeros(t.value().getShape(), t.value().getDataType());
    }

    @Override
    public void update(double learningRate, long update, NDManager scratch) {
        for (Group group : groups) {
            double rate = learningRate * group.rate;
            group.fused.ifPresentOrElse(
                    fused ->
                            fused.adam(
                                    scratch.full(new Shape(), (float) update),
                                    rate,
                                    settings.beta1(),
                                    settings.beta2(),
                                    settings.eps(),
                                    group.decay,
                                    decoupled),
                    () -> updateEach(group, rate, update, scratch));
        }
    }

    private void updateEach(Group group, double rate, long update, NDManager scratch) {
        double correction = Math.sqrt(1 - Math.pow(settings.beta2(), update));
        double corrected = correction / (1 - Math.pow(settings.beta1(), update));
        Ops.Adam step =
                new Ops.Adam(
                        rate * corrected,
                        settings.beta1(),
                        settings.beta2(),
                        settings.eps() * correction);
        for (Moments m : group.moments) {
            NDArray value = m.trained.value();
            if (group.decay > 0 && decoupled) {
                value.muli(1 - rate * group.decay);
            } else if (group.decay > 0) {
                m.trained.gradient().addi(in(scratch, ops.mul(value, group.decay)));
            }
            ops.adam(value, m.trained.gradient(), m.first, m.second, step, scratch);
        }
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        moments.forEach(
                (path, m) -> {
                    state.put("firstMoment." + path, m.first);
                    state.put("secondMoment." + path, m.second);
                });
        return state;
    }
}
