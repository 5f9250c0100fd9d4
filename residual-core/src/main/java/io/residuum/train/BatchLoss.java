package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residuum.engine.Ops;
import io.residuum.loss.LossSpec;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import java.util.List;
import java.util.Map;

/** Computes the loss of single batches outside training. */
public final class BatchLoss {
    private final Ops ops;
    private final Objective objective;

    /**
     * Binds losses to the outputs of a network.
     *
     * @param losses the loss of each output, as in {@link Recipe#losses}
     * @throws TrainingException if there is a loss for an output that the network does not have
     */
    public BatchLoss(Network network, Map<String, LossSpec> losses) {
        this.ops = network.backend().ops();
        this.objective = new Objective(network, losses);
    }

    /**
     * {@return the weighted sum of the outputs' mean losses, a scalar that is recorded if a
     * gradient collector is open; it belongs to the manager of the outputs}
     *
     * @param outputs the outputs, in the order of the network
     * @param targets the targets by the name of their output
     * @throws TrainingException if a target or a loss has no partner, or does not fit its output
     */
    public NDArray of(NDList outputs, Map<String, Target> targets) {
        NDArray total = null;
        for (Objective.Term term : objective.terms(targets, outputs, List.of())) {
            NDArray sum = term.loss().sum(outputs.get(term.index()));
            NDArray mean = ops.mul(sum, term.weight() / Math.max(term.loss().count(), 1e-30));
            total = total == null ? mean : total.add(mean);
        }
        if (total == null) {
            throw new TrainingException("a loss needs an output with a target, found none");
        }
        return total;
    }
}
