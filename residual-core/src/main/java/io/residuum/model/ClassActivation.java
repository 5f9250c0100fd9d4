package io.residuum.model;

import io.residuum.spec.SpecException;
import java.util.Arrays;
import java.util.Locale;

/** The function from the outputs of a classifier to its scores. */
public enum ClassActivation {
    /** Probabilities of classes that exclude each other; they sum to 1. */
    SOFTMAX,
    /** A probability for each label by itself. */
    SIGMOID,
    /** The outputs themselves, for a regression. */
    IDENTITY;

    /** The key of the metadata. Default: {@link #SOFTMAX} */
    public static final String METADATA = "residuum.activation";

    /**
     * {@return the activation of a model}
     *
     * @throws SpecException if the metadata name another one
     */
    public static ClassActivation of(ModelMetadata metadata) {
        String name = metadata.entry(METADATA).orElse(SOFTMAX.toString());
        return Arrays.stream(values())
                .filter(value -> value.toString().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new SpecException(
                                        "the metadata %s must be one of %s, got %s"
                                                .formatted(
                                                        METADATA,
                                                        Arrays.toString(values()),
                                                        name)));
    }

    /**
     * {@return metadata that name this activation}
     *
     * @param metadata the other metadata
     */
    public ModelMetadata on(ModelMetadata metadata) {
        return this == SOFTMAX ? metadata : metadata.with(METADATA, toString());
    }

    /**
     * Computes the scores of one sample.
     *
     * @param outputs the outputs of all samples
     * @param from the index of the sample's first output
     * @param count the number of its outputs
     */
    public double[] scores(float[] outputs, int from, int count) {
        double[] scores = new double[count];
        Arrays.setAll(scores, i -> outputs[from + i]);
        double max = Arrays.stream(scores).max().orElse(0);
        double sum = Arrays.stream(scores).map(x -> Math.exp(x - max)).sum();
        Arrays.setAll(
                scores,
                i ->
                        switch (this) {
                            case SOFTMAX -> Math.exp(scores[i] - max) / sum;
                            case SIGMOID -> 1 / (1 + Math.exp(-scores[i]));
                            case IDENTITY -> scores[i];
                        });
        return scores;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
