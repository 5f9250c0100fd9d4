package io.residuum.train.samples;

/** Samples to train on: addressed by index, or read in order. */
public sealed interface TrainingSamples permits Samples, SampleStream {

    /** {@return the number of samples in a few words, for people} */
    String amount();
}
