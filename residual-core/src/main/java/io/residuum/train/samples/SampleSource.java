package io.residuum.train.samples;

import io.residuum.data.DataException;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import java.util.Optional;

/**
 * A source of samples. The interface is open: a record of yours that implements it has a name once
 * a {@link io.residuum.spec.RecordProvider} registers it. {@code --data sine} and {@code --data
 * '{"type": "sine", "frequency": 3}'} then open it.
 */
public interface SampleSource {

    /**
     * Opens the samples for training.
     *
     * @param spec the network
     * @param share the share of the samples to hold out if there are none for validation, in [0, 1)
     * @return the samples, to be closed by the caller
     * @throws DataException if they do not fit the network
     */
    SampleSplits open(ModelSpec spec, double share);

    /**
     * Opens samples to evaluate a network on. Default: those of {@link #open} to test on, or else
     * to validate on, or else to train on.
     *
     * @param spec the network
     * @return the samples, to be closed by the caller
     * @throws DataException if they do not fit the network, or are a stream
     */
    default SampleSplits forEvaluation(ModelSpec spec) {
        SampleSplits all = open(spec, 0);
        Samples samples =
                all.test()
                        .or(all::validation)
                        .or(
                                () ->
                                        Optional.of(all.train())
                                                .filter(Samples.class::isInstance)
                                                .map(Samples.class::cast))
                        .orElseThrow(
                                () ->
                                        new DataException(
                                                "an evaluation needs samples with an index, but %s is a stream: give it samples to test on"
                                                        .formatted(all.source())));
        return SampleSplits.toEvaluate(
                all.source(),
                new Samples() {
                    @Override
                    public int size() {
                        return samples.size();
                    }

                    @Override
                    public Sample get(int index) {
                        return samples.get(index);
                    }

                    /** Closes all parts together: they may be views of one file. */
                    @Override
                    public void close() {
                        all.close();
                    }
                });
    }

    /** {@return the recipe if the user gives none. Default: empty, that of other samples} */
    default Optional<Recipe> recipe() {
        return Optional.empty();
    }
}
