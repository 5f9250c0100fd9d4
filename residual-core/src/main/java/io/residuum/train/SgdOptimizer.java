package io.residuum.train;

import static io.residuum.train.TrainedParameters.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.train.TrainedParameters.Trained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code v = m v + (g + d w); w -= r v}, or with Nesterov's momentum {@code w -= r (g + d w + m
 * v)}.
 */
final class SgdOptimizer implements Optimizer {
    private final OptimizerSpec.Sgd settings;
    private final List<Trained> trained;
    private final List<NDArray> velocities = new ArrayList<>();

    SgdOptimizer(OptimizerSpec.Sgd settings, TrainedParameters trained, NDManager manager) {
        this.settings = settings;
        this.trained = trained.all();
        if (settings.momentum() > 0) {
            for (Trained t : this.trained) {
                velocities.add(manager.zeros(t.value().getShape(), t.value().getDataType()));
            }
        }
    }

    @Override
    public void update(double learningRate, long update, NDManager scratch) {
        for (int i = 0; i < trained.size(); i++) {
            Trained t = trained.get(i);
            NDArray direction = t.sum();
            if (t.decays() && settings.weightDecay() > 0) {
                direction.addi(in(scratch, t.value().mul(settings.weightDecay())));
            }
            if (settings.momentum() > 0) {
                NDArray velocity = velocities.get(i);
                velocity.muli(settings.momentum()).addi(direction);
                direction =
                        settings.nesterov()
                                ? direction.addi(in(scratch, velocity.mul(settings.momentum())))
                                : velocity;
            }
            t.value().subi(in(scratch, direction.mul(learningRate * t.rate())));
        }
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (int i = 0; i < velocities.size(); i++) {
            state.put("momentum." + trained.get(i).path(), velocities.get(i));
        }
        return state;
    }
}
