package io.residuum.metric;

import java.util.Map;

/** A metric of one output over the samples added so far. */
public interface Metric {

    /**
     * Adds the samples of a batch. By default a metric reads the counts or scores of its {@link
     * MeasuredOutput}, which has added the batch already.
     *
     * @param batch the output and its target
     */
    default void add(MetricBatch batch) {}

    /** {@return the values by name in order, as charts show it; NaN for what is undefined} */
    Map<String, Double> values();
}
