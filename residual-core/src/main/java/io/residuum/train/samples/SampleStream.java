package io.residuum.train.samples;

import io.residuum.spec.Check;

/**
 * Samples that are read in order, from a file that does not fit into memory, a database or a
 * generator, and shuffled through a buffer.
 *
 * <p>Training reads them again for each epoch, or continues where the last epoch ended if the
 * recipe has {@code stepsPerEpoch}. A run that is resumed continues bit for bit if every iterator
 * returns the same samples in the same order. Only then may they be endless, too.
 *
 * @param samples the samples; each iterator is used by one thread. One that is {@link
 *     AutoCloseable} is closed
 * @param buffer the number of samples among which the next one is drawn at random, positive; 1
 *     keeps the order
 */
public record SampleStream(Iterable<Sample> samples, int buffer) implements TrainingSamples {
    public SampleStream {
        Check.positive("buffer", buffer);
    }

    @Override
    public String amount() {
        return "a stream of samples";
    }
}
