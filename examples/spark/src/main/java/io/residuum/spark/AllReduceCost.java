package io.residuum.spark;

import io.residuum.spec.Check;

/**
 * A model of the time that an update of several workers needs to exchange gradients. Each worker
 * sends and receives {@code 2 (W - 1) / W} times the gradients, in {@code 2 (W - 1)} messages
 * (Thakur et al. 2005). It assumes float32 gradients, one worker a machine, a full-duplex network
 * without contention, and no exchange during the backward pass.
 *
 * @param parameters the number of trained parameters
 * @param gigabits the bandwidth of a machine that data uses, in Gbit/s
 * @param latency the time of a message beside its bytes, in seconds
 */
public record AllReduceCost(long parameters, double gigabits, double latency) {
    private static final double BITS = 32;
    private static final double GIGA = 1e9;

    public AllReduceCost {
        Check.positive("parameters", parameters);
        Check.positive("gigabits", gigabits);
        Check.that(latency >= 0, "latency must not be negative, got %s", latency);
    }

    /**
     * {@return the seconds of an exchange}
     *
     * @param workers the number of workers, positive
     */
    public double seconds(int workers) {
        Check.positive("workers", workers);
        double sent = (workers - 1.0) / workers * parameters * BITS;
        return 2 * (sent / (gigabits * GIGA) + (workers - 1) * latency);
    }

    /**
     * {@return the share of the time that a worker computes, in (0, 1]}
     *
     * @param workers the number of workers, positive
     * @param compute the seconds that a worker computes between two exchanges, positive
     */
    public double efficiency(int workers, double compute) {
        Check.positive("compute", compute);
        return compute / (compute + seconds(workers));
    }
}
