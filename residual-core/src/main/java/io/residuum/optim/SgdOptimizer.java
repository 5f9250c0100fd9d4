package io.residuum.optim;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.FusedOptimizer;
import io.residuum.engine.Ops;
import io.residuum.optim.ParameterGroups.Trained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code v = m v + (g + d w); w -= r v}, or with Nesterov's momentum {@code w -= r (g + d w + m
 * v)}.
 */
final class SgdOptimizer implements Optimizer {
    private final OptimizerSpec.Sgd settings;
    private final Ops ops;
    private final Map<String, NDArray> velocities = new LinkedHashMap<>();
    private final List<Group> groups = new ArrayList<>();

    /** Parameters with equal rate and decay, which some engines update in one operation. */
    private record Group(
            double rate, double decay, List<Trained> members, Optional<FusedOptimizer> fused) {}

    SgdOptimizer(OptimizerSpec.Sgd settings, ParameterGroups trained, NDManager manager) {
        this.settings = settings;
        this.ops = Ops.of(manager);
        if (settings.momentum() > 0) {
            for (Trained t : trained.all()) {
                NDArray value = t.value();
                velocities.put(t.path(), manager.zeros(value.getShape(), value.getDataType()));
            }
        }
        for (List<Trained> group : trained.byDecayAndRate()) {
            groups.add(
                    new Group(
                            group.get(0).rate(),
                            group.get(0).decays() ? settings.weightDecay() : 0,
                            group,
                            ops.fusedOptimizer(
                                    manager,
                                    group.stream().map(Trained::value).toList(),
                                    group.stream().map(Trained::gradient).toList(),
                                    velocities.isEmpty()
                                            ? List.of()
                                            : group.stream()
                                                    .map(t -> velocities.get(t.path()))
                                                    .toList(),
                                    List.of())));
        }
    }

    @Override
    public void update(double learningRate, long update, NDManager scratch) {
        for (Group group : groups) {
            double rate = learningRate * group.rate;
            group.fused.ifPresentOrElse(
                    fused -> fused.sgd(rate, settings.momentum(), settings.nesterov(), group.decay),
                    () -> updateEach(group, rate, scratch));
        }
    }

    private void updateEach(Group group, double rate, NDManager scratch) {
        for (Trained t : group.members) {
            NDArray direction = t.gradient();
            if (group.decay > 0) {
                direction.addi(in(scratch, ops.mul(t.value(), group.decay)));
            }
            NDArray velocity = velocities.get(t.path());
            if (velocity != null) {
                velocity.muli(settings.momentum()).addi(direction);
                direction =
                        settings.nesterov()
                                ? direction.addi(
                                        in(scratch, ops.mul(velocity, settings.momentum())))
                                : velocity;
            }
            t.value().subi(in(scratch, ops.mul(direction, rate)));
        }
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        velocities.forEach((path, velocity) -> state.put("momentum." + path, velocity));
        return state;
    }
}
