package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Classifies samples with a network that has one output per class. Class names come from the
 * network's metadata. May be used from several threads.
 *
 * @param <T> a sample, for instance an image or a text
 * @param network the network; its owner closes it
 * @param inputs creates the inputs of a forward pass from samples
 */
public record Classifier<T>(Network network, BiFunction<NDManager, List<T>, NDList> inputs) {

    /** The default number of samples in a forward pass. */
    public static final int BATCH = 64;

    /**
     * Checks that the network is a classifier.
     *
     * @throws io.residuum.spec.SpecException if its output is not (N, classes)
     */
    public Classifier {
        network.requireOneHead("a classifier");
        Shape output = network.outputShape();
        Check.that(
                output.dimension() == 2,
                "a classifier needs a network with the output (N, classes), but the output of %s is"
                        + " %s: choose a model with a head for classes",
                network.spec().name(),
                output);
    }

    /**
     * {@return one classification per sample, in order}
     *
     * @param samples the samples; an empty list gives an empty list
     * @param batch the largest number of samples in a forward pass, positive
     */
    public List<Classification> classify(List<T> samples, int batch) {
        Check.positive("batch", batch);
        int classes = Math.toIntExact(network.outputShape().get(1));
        List<String> names = network.metadata().classNames(classes);
        List<Classification> all = new ArrayList<>();
        for (int first = 0; first < samples.size(); first += batch) {
            int end = Math.min(first + batch, samples.size());
            all.addAll(forward(samples.subList(first, end), names));
        }
        return all;
    }

    private List<Classification> forward(List<T> samples, List<String> names) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray logits = network.predict(inputs.apply(manager, samples));
            float[] values = logits.toType(DataType.FLOAT32, false).toFloatArray();
            ClassActivation activation = ClassActivation.of(network.metadata());
            List<Classification> some = new ArrayList<>();
            for (int i = 0; i < samples.size(); i++) {
                some.add(Classification.ofLogits(values, i * names.size(), names, activation));
            }
            return some;
        }
    }
}
