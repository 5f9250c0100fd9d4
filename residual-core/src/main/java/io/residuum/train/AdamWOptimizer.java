package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.train.TrainedParameters.Trained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code w -= r d w; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= r m' / (sqrt(v') + eps)},
 * where m' and v' are corrected for their start at zero.
 */
final class AdamWOptimizer implements Optimizer {
    private final OptimizerSpec.AdamW settings;
    private final Ops ops;
    private final List<Trained> trained;
    private final List<NDArray> firstMoments = new ArrayList<>();
    private final List<NDArray> secondMoments = new ArrayList<>();

    AdamWOptimizer(OptimizerSpec.AdamW settings, TrainedParameters trained, NDManager manager) {
        this.settings = settings;
        this.ops = Ops.of(manager);
        this.trained = trained.all();
        for (Trained t : this.trained) {
            firstMoments.add(manager.zeros(t.value().getShape(), t.value().getDataType()));
            secondMoments.add(manager.zeros(t.value().getShape(), t.value().getDataType()));
        }
    }

    @Override
    public void update(double learningRate, long update, NDManager scratch) {
        double correction = Math.sqrt(1 - Math.pow(settings.beta2(), update));
        double corrected = correction / (1 - Math.pow(settings.beta1(), update));
        for (int i = 0; i < trained.size(); i++) {
            Trained t = trained.get(i);
            double rate = learningRate * t.rate();
            if (t.decays() && settings.weightDecay() > 0) {
                t.value().muli(1 - rate * settings.weightDecay());
            }
            Ops.Adam step =
                    new Ops.Adam(
                            rate * corrected,
                            settings.beta1(),
                            settings.beta2(),
                            settings.eps() * correction);
            ops.adam(t.value(), t.sum(), firstMoments.get(i), secondMoments.get(i), step, scratch);
        }
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (int i = 0; i < trained.size(); i++) {
            state.put("firstMoment." + trained.get(i).path(), firstMoments.get(i));
            state.put("secondMoment." + trained.get(i).path(), secondMoments.get(i));
        }
        return state;
    }
}
