package io.residuum.optim;

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
 * where m' and v' are corrected for their initial zeros.
 */
final class AdamWOptimizer implements Optimizer {
    private final OptimizerSpec.AdamW settings;
    private final Ops ops;
    private final Map<String, Moments> moments = new LinkedHashMap<>();
    private final List<Group> groups = new ArrayList<>();

    private record Moments(Trained trained, NDArray first, NDArray second) {}

    /** Parameters with equal rate and decay, which some engines update in one operation. */
    private record Group(
            double rate, double decay, List<Moments> moments, Optional<FusedOptimizer> fused) {}

    AdamWOptimizer(OptimizerSpec.AdamW settings, ParameterGroups trained, NDManager manager) {
        this.settings = settings;
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
                                    group.stream().map(Trained::sum).toList(),
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
                            fused.adamW(
                                    scratch.full(new Shape(), (float) update),
                                    rate,
                                    settings.beta1(),
                                    settings.beta2(),
                                    settings.eps(),
                                    group.decay),
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
            if (group.decay > 0) {
                m.trained.value().muli(1 - rate * group.decay);
            }
            ops.adam(m.trained.value(), m.trained.sum(), m.first, m.second, step, scratch);
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
