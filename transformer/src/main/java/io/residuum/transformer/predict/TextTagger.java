package io.residuum.transformer.predict;

import io.residuum.model.ClassActivation;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.ModelInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tags the tokens of texts, such as names of people and places (named entity recognition). A text
 * longer than the model reads is tagged in overlapping windows; where two windows overlap, each
 * gives the tags of the half that is nearer to its middle.
 */
public final class TextTagger {
    /** The tag of tokens outside of entities. */
    private static final String OUTSIDE = "O";

    private final TextModel model;
    private final List<String> names;

    /**
     * Creates a tagger.
     *
     * @param model a model with the head {@code tokenClasses}; the caller closes it
     * @throws io.residuum.spec.SpecException if the model has another head
     */
    public TextTagger(TextModel model) {
        model.requireHead(
                Bert.Head.TokenClasses.class::isInstance, "tags need a classifier of tokens");
        this.model = model;
        int classes = Math.toIntExact(model.network().outputShape().get(2));
        this.names = model.network().metadata().classNames(classes);
    }

    /** Neighboring tokens with one tag so far. */
    private record Part(int first, int last, double[] scores) {
        int best() {
            return IntStream.range(1, scores.length)
                    .reduce(0, (best, i) -> scores[i] > scores[best] ? i : best);
        }
    }

    /**
     * Tags a text.
     *
     * @param text the text
     * @param aggregation the way to join tokens
     * @return the parts with a tag other than {@code O}, in order
     */
    public List<Entity> tag(String text, Aggregation aggregation) {
        Encoding tokens = model.tokens(text);
        double[][] scores = scores(tokens);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            parts.add(new Part(i, i, scores[i]));
        }
        if (aggregation.joinsWords()) {
            parts = words(parts, tokens, aggregation);
        }
        if (aggregation == Aggregation.NONE) {
            return parts.stream()
                    .filter(part -> !names.get(part.best()).equals(OUTSIDE))
                    .map(
                            part ->
                                    entity(
                                            List.of(part),
                                            names.get(part.best()),
                                            tokens,
                                            text,
                                            aggregation))
                    .toList();
        }
        return groups(parts).stream()
                .filter(group -> !tag(group.get(0)).equals(OUTSIDE))
                .map(group -> entity(group, tag(group.get(0)), tokens, text, aggregation))
                .toList();
    }

    private double[][] scores(Encoding tokens) {
        double[][] scores = new double[tokens.size()][];
        int overlap = model.encoder().length() / 2;
        List<ModelInput> windows =
                tokens.size() == 0 ? List.of() : model.encoder().windows(overlap, tokens);
        int[] end = {0};
        model.forward(
                windows,
                TextModel.BATCH,
                (window, output) -> {
                    float[] logits = output.toFloatArray();
                    int classes = names.size();
                    int first = Arrays.stream(window.tokens()).filter(t -> t >= 0).min().orElse(0);
                    int shared = end[0] - first;
                    for (int i = 0; i < window.size(); i++) {
                        int token = window.tokens()[i];
                        if (token >= 0 && (scores[token] == null || token - first >= shared / 2)) {
                            scores[token] =
                                    ClassActivation.SOFTMAX.scores(logits, i * classes, classes);
                        }
                        end[0] = Math.max(end[0], token + 1);
                    }
                });
        return scores;
    }

    /** Joins the tokens of each word. */
    private static List<Part> words(List<Part> tokens, Encoding encoding, Aggregation how) {
        List<Part> words = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= tokens.size(); i++) {
            if (i == tokens.size() || !encoding.continued()[i]) {
                words.add(new Part(first, i - 1, word(tokens.subList(first, i), how)));
                first = i;
            }
        }
        return words;
    }

    private static double[] word(List<Part> tokens, Aggregation how) {
        return switch (how) {
            case AVERAGE -> {
                double[] mean = new double[tokens.get(0).scores.length];
                Arrays.setAll(
                        mean,
                        c -> tokens.stream().mapToDouble(t -> t.scores[c]).average().orElse(0));
                yield mean;
            }
            case MAX ->
                    tokens.stream()
                            .reduce((a, b) -> b.scores[b.best()] > a.scores[a.best()] ? b : a)
                            .orElseThrow()
                            .scores;
            default -> tokens.get(0).scores;
        };
    }

    /** Joins neighbors with one tag. */
    private List<List<Part>> groups(List<Part> parts) {
        List<List<Part>> groups = new ArrayList<>();
        for (Part part : parts) {
            boolean begins = names.get(part.best()).startsWith("B-");
            List<Part> last = groups.isEmpty() ? List.of() : groups.get(groups.size() - 1);
            if (!begins && !last.isEmpty() && tag(last.get(0)).equals(tag(part))) {
                last.add(part);
            } else {
                groups.add(new ArrayList<>(List.of(part)));
            }
        }
        return groups;
    }

    private String tag(Part part) {
        String name = names.get(part.best());
        return name.startsWith("B-") || name.startsWith("I-") ? name.substring(2) : name;
    }

    private Entity entity(
            List<Part> parts, String label, Encoding tokens, String text, Aggregation aggregation) {
        int first = parts.get(0).first;
        int last = parts.get(parts.size() - 1).last;
        double score = parts.stream().mapToDouble(p -> p.scores[p.best()]).average().orElseThrow();
        int start = tokens.starts()[first];
        int end = tokens.ends()[last];
        return new Entity(label, score, word(aggregation, text, tokens, first, last), start, end);
    }

    /** As transformers writes it: an unknown token by its text. */
    private String word(
            Aggregation aggregation, String text, Encoding tokens, int first, int last) {
        int unknown = model.tokenizer().special().unknown().orElse(-1);
        int[] ids = Arrays.copyOfRange(tokens.ids(), first, last + 1);
        if (Arrays.stream(ids).anyMatch(id -> id == unknown)) {
            return text.substring(tokens.starts()[first], tokens.ends()[last]);
        }
        return aggregation == Aggregation.NONE
                ? tokens.tokens().get(first)
                : model.tokenizer().decode(ids).strip();
    }
}
