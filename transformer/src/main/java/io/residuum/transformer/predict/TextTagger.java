package io.residuum.transformer.predict;

import io.residuum.model.ClassActivation;
import io.residuum.transformer.family.TextOutput;
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
        model.require(TextOutput.TOKEN_CLASSES, "tags need a classifier of tokens");
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
     * @param aggregation the way to join tokens
     * @return the parts with a tag other than {@code O}, in order
     */
    public List<Entity> tag(String text, Aggregation aggregation) {
        return tag(List.of(text), aggregation).get(0);
    }

    /**
     * Tags texts.
     *
     * @param aggregation the way to join tokens
     * @return the tagged parts of each text, in order
     */
    public List<List<Entity>> tag(List<String> texts, Aggregation aggregation) {
        List<Encoding> encodings = texts.stream().map(model::tokens).toList();
        List<double[][]> scores = scores(encodings);
        return IntStream.range(0, texts.size())
                .mapToObj(i -> tag(texts.get(i), encodings.get(i), scores.get(i), aggregation))
                .toList();
    }

    private List<Entity> tag(
            String text, Encoding tokens, double[][] scores, Aggregation aggregation) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            parts.add(new Part(i, i, scores[i]));
        }
        if (aggregation == Aggregation.NONE) {
            return parts.stream()
                    .map(p -> entity(List.of(p), names.get(p.best()), tokens, text, aggregation))
                    .filter(entity -> !entity.label().equals(OUTSIDE))
                    .toList();
        }
        List<Part> joined = aggregation.joinsWords() ? words(parts, tokens, aggregation) : parts;
        return groups(joined).stream()
                .map(group -> entity(group, tag(group.get(0)), tokens, text, aggregation))
                .filter(entity -> !entity.label().equals(OUTSIDE))
                .toList();
    }

    /** A window of a text. */
    private record Window(int text, ModelInput input) {}

    /** Computes the scores of all tokens of texts, in batches of windows. */
    private List<double[][]> scores(List<Encoding> texts) {
        List<Window> windows = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (texts.get(i).size() > 0) {
                for (ModelInput input :
                        model.encoder().windows(model.encoder().length() / 2, texts.get(i))) {
                    windows.add(new Window(i, input));
                }
            }
        }
        List<double[][]> scores = texts.stream().map(text -> new double[text.size()][]).toList();
        int[] ends = new int[texts.size()];
        model.forward(
                windows.stream().map(Window::input).toList(),
                (i, output) -> {
                    Window window = windows.get(i);
                    int text = window.text();
                    ends[text] =
                            keep(
                                    window.input(),
                                    output.toFloatArray(),
                                    scores.get(text),
                                    ends[text]);
                });
        return scores;
    }

    /**
     * Writes the scores of a window, except for the first half of what it shares with the window
     * before.
     *
     * @param end the end of the window before
     * @return the end of this window
     */
    private int keep(ModelInput window, float[] logits, double[][] scores, int end) {
        int classes = names.size();
        int first = Arrays.stream(window.tokens()).filter(t -> t >= 0).min().orElse(0);
        for (int i = 0; i < window.size(); i++) {
            int token = window.tokens()[i];
            if (token >= 0 && (scores[token] == null || token - first >= (end - first) / 2)) {
                scores[token] = ClassActivation.SOFTMAX.scores(logits, i * classes, classes);
            }
        }
        return Arrays.stream(window.tokens()).max().orElse(-1) + 1;
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

    /** Returns a word as transformers writes it: an unknown token by its text. */
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
