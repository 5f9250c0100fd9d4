package io.residuum.optim;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.optim.ParameterGroups.Trained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Updates each parameter by a rule. */
final class RuleOptimizer implements Optimizer {
    private record Ruled(Trained trained, Rule rule, Map<String, NDArray> state) {}

    private final Ops ops;
    private final double weightDecay;
    private final List<Ruled> all = new ArrayList<>();

    RuleOptimizer(
            Function<Trained, Rule> rules,
            double weightDecay,
            ParameterGroups trained,
            NDManager manager) {
        this.ops = Ops.of(manager);
        this.weightDecay = weightDecay;
        for (Trained t : trained.all()) {
            Rule rule = rules.apply(t);
            Map<String, NDArray> state = new LinkedHashMap<>();
            for (String slot : rule.slots()) {
                NDArray zeros = manager.zeros(t.value().getShape(), t.value().getDataType());
                state.put(slot, zeros.addi(rule.initial(slot)));
            }
            all.add(new Ruled(t, rule, state));
        }
    }

    /** Creates an optimizer with one rule for all parameters. */
    static RuleOptimizer of(
            Rule rule, double weightDecay, ParameterGroups trained, NDManager manager) {
        return new RuleOptimizer(t -> rule, weightDecay, trained, manager);
    }

    @Override
    public void update(double learningRate, long update, NDManager scratch) {
        for (Ruled one : all) {
            Trained t = one.trained;
            // Results belong to the manager of the first operand.
            NDManager owner = t.gradient().getManager();
            in(scratch, t.gradient());
            try {
                one.rule.update(
                        new Rule.Step(
                                ops,
                                t.value(),
                                t.gradient(),
                                one.state,
                                learningRate * t.rate(),
                                t.decays() ? weightDecay : 0,
                                update,
                                scratch));
            } finally {
                in(owner, t.gradient());
            }
        }
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (Ruled one : all) {
            one.state.forEach((slot, a) -> state.put(slot + "." + one.trained.path(), a));
        }
        return state;
    }
}
