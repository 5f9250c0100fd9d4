package io.residuum.metric;

/**
 * A metric of an output, in the recipe. The interface is open: a record of yours that implements it
 * has a name in JSON once a {@link io.residuum.spec.RecordProvider} registers it.
 */
public interface MetricSpec {

    /**
     * Starts to measure an output.
     *
     * @param output the output; it shares counts and scores between metrics
     * @return the metric, without samples
     * @throws MetricException if the metric cannot measure such an output
     */
    Metric of(MeasuredOutput output);
}
