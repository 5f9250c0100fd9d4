package io.residuum.train;

import io.residuum.model.Network;
import java.util.function.BiFunction;

/** Data that a network is evaluated on. */
public interface EvaluationSet {

    /** {@return the number of {@link Task#unit units}} */
    long size();

    /**
     * Evaluates a network on all of the data.
     *
     * @param network a network that fits
     * @param batch the number of samples in a forward pass, positive
     * @return the scores
     */
    EvaluationResult evaluate(Network network, int batch);

    /**
     * {@return data with an evaluation}
     *
     * @param size the number of units
     * @param evaluation evaluates a network in batches of the given size
     */
    static EvaluationSet of(long size, BiFunction<Network, Integer, EvaluationResult> evaluation) {
        return new EvaluationSet() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public EvaluationResult evaluate(Network network, int batch) {
                return evaluation.apply(network, batch);
            }
        };
    }
}
