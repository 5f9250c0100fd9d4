package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.OneOutput;
import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * Classifies samples with a network that has one output per class. Class names come from the
 * network's metadata. May be used from several threads.
 *
 * @param <T> a sample, for instance an image or a text
 * @param network the network; its owner closes it
 * @param inputs creates the inputs of a forward pass from samples
 * @param head the name of the output with the classes, or the path of a further head
 */
public record Classifier<T>(
        Network network, BiFunction<NDManager, List<T>, NDList> inputs, String head) {

    /** The default number of samples in a forward pass. */
    public static final int BATCH = 64;

    /**
     * Checks that the head has classes.
     *
     * @throws io.residuum.spec.SpecException if the network has no such head, or the head's output
     *     is not (N, classes)
     */
    public Classifier {
        shape(network, head);
    }

    /**
     * Creates a classifier with the only output of a network.
     *
     * @param network the network; its owner closes it
     * @param inputs creates the inputs of a forward pass from samples
     * @throws io.residuum.spec.SpecException if the network has several outputs or heads, or its
     *     output is not (N, classes)
     */
    public Classifier(Network network, BiFunction<NDManager, List<T>, NDList> inputs) {
        this(network, inputs, onlyHead(network));
    }

    private static String onlyHead(Network network) {
        network.requireOneHead(
                "a classifier without a chosen head (--head NAME, of(network, name))");
        return network.block().outputNames().get(0);
    }

    private static Shape shape(Network network, String head) {
        Map<String, Shape> heads = new LinkedHashMap<>(network.outputShapes());
        List<String> unread = OneOutput.unreadHeads(network.block());
        network.block()
                .walk(
                        (path, layer) -> {
                            if (unread.contains(path)) {
                                heads.put(path, layer.outputShape());
                            }
                        });
        Check.that(
                heads.containsKey(head),
                "the head of a classifier must be one of %s, the outputs of %s, got \"%s\"",
                heads.keySet(),
                network.spec().name(),
                head);
        Shape output = Objects.requireNonNull(heads.get(head));
        Check.that(
                output.dimension() == 2,
                "a classifier needs the shape (N, classes), but \"%s\" of %s is %s: choose a head"
                        + " for classes, or a model that has one",
                head,
                network.spec().name(),
                output);
        return output;
    }

    /** {@return the names of the classes} */
    public List<String> classNames() {
        return network.metadata().classNames(Math.toIntExact(shape(network, head).get(1)));
    }

    /**
     * {@return one classification per sample, in order}
     *
     * @param samples the samples; an empty list gives an empty list
     * @param batch the largest number of samples in a forward pass, positive
     */
    public List<Classification> classify(List<T> samples, int batch) {
        Check.positive("batch", batch);
        List<String> names = classNames();
        List<Classification> all = new ArrayList<>();
        for (int first = 0; first < samples.size(); first += batch) {
            int end = Math.min(first + batch, samples.size());
            all.addAll(forward(samples.subList(first, end), names));
        }
        return all;
    }

    private List<Classification> forward(List<T> samples, List<String> names) {
        try (NDManager manager = network.backend().newManager()) {
            Map<String, NDArray> outputs = network.predictAll(inputs.apply(manager, samples));
            NDArray logits = Objects.requireNonNull(outputs.get(head));
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
