package io.residuum.transformer.predict;

import io.residuum.model.ClassActivation;
import io.residuum.spec.Check;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.ModelInput;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sorts passages by their relevance to a query, as a cross-encoder reads both at once (Nogueira and
 * Cho 2019, arXiv:1901.04085).
 */
public final class Reranker {
    private final TextModel model;
    private final ClassActivation activation;

    /**
     * A passage.
     *
     * @param index its index, from 0
     * @param score its relevance, of the kind that the model was trained for: a probability or any
     *     number
     */
    public record Ranked(int index, double score) {}

    /**
     * Creates a reranker.
     *
     * @param model a classifier with one output; the caller closes it
     * @throws io.residuum.spec.SpecException if the model has other outputs
     */
    public Reranker(TextModel model) {
        boolean scores =
                TextClassifier.isClassifier(model.network().spec())
                        && model.network().outputShape().get(1) == 1;
        Check.that(
                scores,
                "reranking needs a cross-encoder with one output, but the output of %s is %s",
                model.network().spec().name(),
                model.network().outputShape());
        this.model = model;
        this.activation = ClassActivation.of(model.network().metadata());
    }

    /**
     * Sorts passages.
     *
     * @return all passages, the most relevant first; of equal ones the first
     */
    public List<Ranked> rank(String query, List<String> passages) {
        List<Double> scores = scores(query, passages);
        return IntStream.range(0, passages.size())
                .mapToObj(i -> new Ranked(i, scores.get(i)))
                .sorted(Comparator.comparingDouble(Ranked::score).reversed())
                .toList();
    }

    /** {@return the relevance of each passage, in order} */
    public List<Double> scores(String query, List<String> passages) {
        Encoding first = model.tokens(query);
        List<ModelInput> inputs =
                passages.stream()
                        .map(passage -> model.encoder().encode(first, model.tokens(passage)))
                        .toList();
        List<Double> scores = new ArrayList<>();
        model.forward(
                inputs,
                (i, output) -> scores.add(activation.scores(output.toFloatArray(), 0, 1)[0]));
        return scores;
    }
}
