package io.residuum.examples.extend;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.optim.Optimizer;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ParameterGroups;
import io.residuum.optim.ParameterGroups.Trained;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An optimizer: Signum (Bernstein et al. 2018, arXiv:1802.04434, Algorithm 2), {@code m = b m + (1
 * - b) g; w -= r (sign(m) + d w)}.
 *
 * @param momentum the decay of the momentum. Default: 0.9
 * @param weightDecay the share of the weight that a step subtracts, times the rate. Default: 0
 */
@TypeName("signum")
@Doc("Steps by the sign of the momentum.")
public record Signum(@Default("0.9") double momentum, @Default("0.0") double weightDecay)
        implements OptimizerSpec {

    /** The momentum of a parameter. */
    private record Moment(Trained trained, NDArray value) {}

    @Override
    public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
        Ops ops = Ops.of(manager);
        List<Moment> moments = new ArrayList<>();
        for (Trained t : trained.all()) {
            NDArray w = t.value();
            moments.add(new Moment(t, manager.zeros(w.getShape(), w.getDataType())));
        }
        return new Optimizer() {
            @Override
            public void update(double learningRate, long update, NDManager scratch) {
                for (Moment moment : moments) {
                    Trained t = moment.trained;
                    NDArray m = moment.value;
                    double rate = learningRate * t.rate();
                    m.muli(momentum).addi(in(scratch, ops.mul(t.gradient(), 1 - momentum)));
                    t.value().muli(1 - (t.decays() ? rate * weightDecay : 0));
                    t.value().subi(in(scratch, ops.mul(in(scratch, m.sign()), rate)));
                }
            }

            @Override
            public Map<String, NDArray> state() {
                Map<String, NDArray> state = new LinkedHashMap<>();
                moments.forEach(m -> state.put("momentum." + m.trained.path(), m.value));
                return state;
            }
        };
    }
}
