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
     * @param options the batch size, losses, metrics and the receiver of predictions
     * @return the scores
     * @throws TrainingException if the data cannot be evaluated with these options
     */
    EvaluationResult evaluate(Network network, EvaluationOptions options);

    /**
     * Evaluates a network on all of the data by what suits its targets.
     *
     * @param network a network that fits
     * @param batch the number of samples in a forward pass, positive
     * @return the scores
     */
    default EvaluationResult evaluate(Network network, int batch) {
        return evaluate(network, EvaluationOptions.of(batch));
    }

    /**
     * {@return data with an evaluation}
     *
     * @param size the number of units
     * @param evaluation evaluates a network
     */
    static EvaluationSet of(
            long size, BiFunction<Network, EvaluationOptions, EvaluationResult> evaluation) {
        return new EvaluationSet() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public EvaluationResult evaluate(Network network, EvaluationOptions options) {
                return evaluation.apply(network, options);
            }
        };
    }
}
