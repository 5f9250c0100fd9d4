package io.residuum.optim;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.optim.ParameterGroups.Trained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Schedule-free AdamW. In the paper's words the parameters are y, and d = z - y: {@code y += c d -
 * r (1 - b1 (1 - c)) u; d = (1 - c) (d - r b1 u)} with Adam's direction u, the share c of this step
 * in the average, and the average {@code x = y + (1 - 1 / b1) d}.
 */
final class ScheduleFreeOptimizer implements Optimizer {
    private record Averaged(Trained trained, NDArray second, NDArray difference) {}

    private final OptimizerSpec.ScheduleFreeAdamW settings;
    private final Ops ops;
    private final List<Averaged> all = new ArrayList<>();

    /** The largest rate, and the sum of weights as two numbers, for twice the digits. */
    private final NDArray saved;

    private double largestRate;
    private double sum;

    ScheduleFreeOptimizer(
            OptimizerSpec.ScheduleFreeAdamW settings, ParameterGroups trained, NDManager manager) {
        this.settings = settings;
        this.ops = Ops.of(manager);
        this.saved = manager.zeros(new Shape(3));
        for (Trained t : trained.all()) {
            Shape shape = t.value().getShape();
            NDArray second = manager.zeros(shape, t.value().getDataType());
            all.add(new Averaged(t, second, manager.zeros(shape, t.value().getDataType())));
        }
    }

    @Override
    public void update(double learningRate, long update, NDManager scratch) {
        double share = share(learningRate, update);
        double beta = settings.beta1();
        for (Averaged a : all) {
            NDArray y = a.trained.value();
            NDArray g = a.trained.gradient();
            double rate = learningRate * a.trained.rate();
            NDArray squares = in(scratch, ops.mul(g, 1 - settings.beta2()));
            a.second.muli(settings.beta2()).addi(squares.mul(g));
            double correction = 1 - Math.pow(settings.beta2(), update);
            NDArray root = in(scratch, ops.div(a.second, correction)).sqrt();
            NDArray direction = in(scratch, g.div(ops.add(root, settings.eps())));
            if (a.trained.decays() && settings.weightDecay() > 0) {
                direction = direction.add(in(scratch, ops.mul(y, settings.weightDecay())));
            }
            y.addi(in(scratch, ops.mul(a.difference, share)));
            y.subi(ops.mul(direction, rate * (1 - beta * (1 - share))));
            a.difference.subi(ops.mul(direction, rate * beta)).muli(1 - share);
        }
    }

    /** Returns the share of a step in the average: its weight over the sum of all weights. */
    private double share(double learningRate, long update) {
        if (sum == 0) {
            float[] restored = saved.toFloatArray(); // zeros at the start of a run
            largestRate = restored[0];
            sum = (double) restored[1] + restored[2];
        }
        largestRate = (float) Math.max(largestRate, learningRate);
        double weight =
                Math.pow(update, settings.power()) * Math.pow(largestRate, settings.ratePower());
        double next = sum + weight;
        sum = (double) (float) next + (float) (next - (float) next);
        return sum == 0 ? 0 : weight / sum;
    }

    @Override
    public Map<String, NDArray> state() {
        float high = (float) sum;
        if (sum > 0) {
            Values.assign(saved, (float) largestRate, high, (float) (sum - high));
        }
        Map<String, NDArray> state = new LinkedHashMap<>();
        state.put("weights", saved);
        for (Averaged a : all) {
            state.put("secondMoment." + a.trained.path(), a.second);
            state.put("difference." + a.trained.path(), a.difference);
        }
        return state;
    }

    @Override
    public Map<String, NDArray> averages(NDManager scratch) {
        Map<String, NDArray> averages = new LinkedHashMap<>();
        for (Averaged a : all) {
            NDArray step = in(scratch, ops.mul(a.difference, 1 - 1 / settings.beta1()));
            averages.put(a.trained.path(), step.add(a.trained.value()));
        }
        return averages;
    }
}
