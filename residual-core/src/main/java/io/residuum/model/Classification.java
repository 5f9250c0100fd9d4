package io.residuum.model;

import io.residuum.spec.Check;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The classification of one sample.
 *
 * @param classes all classes of the network, the most probable first; their probabilities sum to 1
 *     if they exclude each other
 */
public record Classification(List<ClassProbability> classes) {
    private static final int SHOWN = 5;

    public Classification {
        classes = List.copyOf(classes);
        Check.that(!classes.isEmpty(), "a classification needs a class, got none");
    }

    /** Computes the scores of one output per name. */
    static Classification ofLogits(
            float[] logits, int from, List<String> names, ClassActivation activation) {
        double[] scores = activation.scores(logits, from, names.size());
        return new Classification(
                IntStream.range(0, scores.length)
                        .mapToObj(c -> one(c, names.get(c), scores[c], activation))
                        .sorted(
                                Comparator.comparingDouble(ClassProbability::probability)
                                        .reversed())
                        .toList());
    }

    private static ClassProbability one(
            int index, String name, double score, ClassActivation activation) {
        return activation == ClassActivation.IDENTITY
                ? new ClassProbability.Score(index, name, score)
                : new ClassProbability.Share(index, name, score);
    }

    /** {@return the most probable class} */
    public ClassProbability best() {
        return classes.get(0);
    }

    /**
     * {@return the most probable classes, the most probable first}
     *
     * @param k the number of classes, positive; a network with fewer returns all
     */
    public List<ClassProbability> top(int k) {
        Check.positive("k", k);
        return classes.subList(0, Math.min(k, classes.size()));
    }

    /** {@return the five most probable classes} */
    @Override
    public String toString() {
        return top(SHOWN).stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
