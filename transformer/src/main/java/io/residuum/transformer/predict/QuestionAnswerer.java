package io.residuum.transformer.predict;

import io.residuum.spec.Check;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.ModelInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds the answers to questions in texts. A context longer than the model reads is read in
 * overlapping windows of at most 384 tokens, which share 128, as transformers' pipeline does.
 */
public final class QuestionAnswerer {
    private static final int WINDOW = 384;
    private static final int OVERLAP = 128;

    /**
     * The settings of a search.
     *
     * @param count the number of answers, positive
     * @param tokens the largest number of tokens of an answer, positive
     */
    public record Settings(int count, int tokens) {
        /** One answer of at most 15 tokens. */
        public static final Settings DEFAULT = new Settings(1, 15);

        public Settings {
            Check.positive("count", count);
            Check.positive("tokens", tokens);
        }
    }

    private final TextModel model;

    /**
     * Creates an answerer.
     *
     * @param model a model with the head {@code spans}; the caller closes it
     * @throws io.residuum.spec.SpecException if the model has another head
     */
    public QuestionAnswerer(TextModel model) {
        model.require(TextOutput.SPANS, "answers need a head for spans of answers");
        this.model = model;
    }

    /**
     * {@return the best answer}
     *
     * @param context the text that holds the answer
     */
    public Answer answer(String question, String context) {
        return answers(question, context, Settings.DEFAULT).get(0);
    }

    /**
     * Finds answers. They begin and end with whole words.
     *
     * @param context the text that holds the answers, not empty
     * @param settings the number and length of answers
     * @return the answers, the best first
     */
    public List<Answer> answers(String question, String context, Settings settings) {
        Encoding tokens = model.tokens(context);
        Check.that(tokens.size() > 0, "the context must hold a text, got %s", "an empty one");
        int length = Math.min(model.encoder().length(), WINDOW);
        List<ModelInput> windows =
                model.encoder()
                        .withLength(length)
                        .windows(Math.min(OVERLAP, length / 2), model.tokens(question), tokens);
        Map<List<Integer>, Answer> found = new LinkedHashMap<>();
        model.forward(
                windows,
                (i, output) ->
                        spans(windows.get(i), output.toFloatArray(), settings)
                                .forEach(
                                        span -> {
                                            Answer answer = answer(span, tokens, context);
                                            found.merge(
                                                    List.of(answer.start(), answer.end()),
                                                    answer,
                                                    (a, b) -> a.score() >= b.score() ? a : b);
                                        }));
        return found.values().stream()
                .sorted(Comparator.comparingDouble(Answer::score).reversed())
                .limit(settings.count())
                .toList();
    }

    /** A span of tokens of the context. */
    private record Span(int first, int last, double score) {}

    private static List<Span> spans(ModelInput window, float[] logits, Settings settings) {
        double[] starts = probabilities(window, logits, 0);
        double[] ends = probabilities(window, logits, 1);
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < starts.length; i++) {
            for (int j = i; j < Math.min(ends.length, i + settings.tokens()); j++) {
                if (window.texts()[i] == 1 && window.texts()[j] == 1) {
                    spans.add(
                            new Span(window.tokens()[i], window.tokens()[j], starts[i] * ends[j]));
                }
            }
        }
        return spans.stream()
                .sorted(Comparator.comparingDouble(Span::score).reversed())
                .limit(settings.count())
                .toList();
    }

    /** The softmax over the first token, which stands for no answer, and the context. */
    private static double[] probabilities(ModelInput window, float[] logits, int column) {
        double[] weights = new double[window.size()];
        double max =
                IntStream.range(0, weights.length)
                        .mapToDouble(i -> logits[2 * i + column])
                        .max()
                        .orElse(0);
        for (int i = 0; i < weights.length; i++) {
            boolean counts = window.texts()[i] == 1 || (i == 0 && window.texts()[i] < 0);
            weights[i] = counts ? Math.exp(logits[2 * i + column] - max) : 0;
        }
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    private static Answer answer(Span span, Encoding tokens, String context) {
        int first = span.first;
        while (first > 0 && sameWord(tokens, first - 1, first)) {
            first--;
        }
        int last = span.last;
        while (last + 1 < tokens.size() && sameWord(tokens, last, last + 1)) {
            last++;
        }
        int start = tokens.starts()[first];
        int end = tokens.ends()[last];
        return new Answer(context.substring(start, end), span.score, start, end);
    }

    private static boolean sameWord(Encoding tokens, int a, int b) {
        return tokens.words()[a] >= 0 && tokens.words()[a] == tokens.words()[b];
    }
}
