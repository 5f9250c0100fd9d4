package io.residuum.serve;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/**
 * The metrics of a queue and the forward passes after it.
 *
 * @param waited the time of a sample in the queue
 * @param sizes the samples in a forward pass
 */
record TaskMetrics(Timer waited, DistributionSummary sizes) {

    /**
     * Registers the metrics.
     *
     * @param waiting returns the number of samples in the queue
     */
    static TaskMetrics of(MeterRegistry metrics, String task, Supplier<Number> waiting) {
        Gauge.builder("residuum.queue.size", waiting)
                .description("Samples that wait")
                .tag("task", task)
                .strongReference(true)
                .register(metrics);
        return new TaskMetrics(
                Timer.builder("residuum.queue.time")
                        .description("Time from the arrival of a sample to its forward pass")
                        .tag("task", task)
                        .register(metrics),
                DistributionSummary.builder("residuum.batch.size")
                        .description("Samples in a forward pass")
                        .tag("task", task)
                        .register(metrics));
    }
}
