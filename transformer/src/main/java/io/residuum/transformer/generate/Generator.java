package io.residuum.transformer.generate;

import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Lets a language model continue texts.
 *
 * <pre>{@code
 * Generator generator = new Generator(network, tokenizer);
 * String text = generator.generate("Once upon a time", Generator.Settings.DEFAULT).text();
 * }</pre>
 *
 * <p>A text may become longer than what the model can read at once ({@code length} of its spec's
 * input): it then goes on from the last half of that, which is read anew.
 */
public final class Generator {
    private final Network network;
    private final Tokenizer tokenizer;
    private final int limit;
    private final int vocabulary;

    /**
     * How texts are continued.
     *
     * @param sampling how tokens are chosen
     * @param maxTokens the most tokens a text, positive
     * @param stops texts that end one, none of them empty
     * @param cached whether keys and values of earlier tokens are kept, or computed again for each
     *     token: the texts are the same
     */
    public record Settings(Sampling sampling, int maxTokens, List<String> stops, boolean cached) {

        /** Greedy, 100 tokens, with a cache. */
        public static final Settings DEFAULT = new Settings(Sampling.GREEDY, 100, List.of(), true);

        /** Checks the parts. */
        public Settings {
            Check.positive("maxTokens", maxTokens);
            stops = List.copyOf(stops);
            Check.that(
                    stops.stream().noneMatch(String::isEmpty),
                    "a stop text must not be empty, got %s",
                    stops);
        }

        /**
         * The same with another choice of tokens.
         *
         * @param value how they are chosen
         * @param tokens the most of them
         * @return new settings
         */
        public Settings with(Sampling value, int tokens) {
            return new Settings(value, tokens, stops, cached);
        }
    }

    /**
     * What was written for a batch of prompts.
     *
     * @param continuations one a prompt, in order
     * @param promptTokens of all prompts together
     * @param promptSeconds from the beginning to the first tokens
     * @param tokens that were chosen, of all texts together
     * @param seconds in all
     */
    public record Batch(
            List<Continuation> continuations,
            int promptTokens,
            double promptSeconds,
            int tokens,
            double seconds) {}

    /**
     * Prepares a generator.
     *
     * @param network reads token ids and gives logits for each position, {@code (N, T, vocabulary)}
     * @param tokenizer of the texts that it was trained on; the caller closes both
     * @throws IllegalArgumentException if they do not fit
     */
    public Generator(Network network, Tokenizer tokenizer) {
        if (!(network.spec().input() instanceof InputSpec.Tokens tokens)
                || network.outputShape().dimension() != 3) {
            throw new IllegalArgumentException(
                    String.format(
                            "a generator needs a language model, (N, T) to (N, T, vocabulary), but"
                                    + " %s is %s to %s",
                            network.spec().name(),
                            network.block().inputShape(),
                            network.outputShape()));
        }
        long outputs = network.outputShape().get(2);
        if (outputs < tokenizer.vocabulary()) {
            throw new IllegalArgumentException(
                    String.format(
                            "the tokenizer must have at most the model's %d tokens, got %d: it is"
                                    + " another model's",
                            outputs, tokenizer.vocabulary()));
        }
        this.network = network;
        this.tokenizer = tokenizer;
        this.limit = tokens.length();
        this.vocabulary = tokenizer.vocabulary();
    }

    /**
     * Continues a text.
     *
     * @param prompt its beginning
     * @param settings how
     * @return what follows
     */
    public Continuation generate(String prompt, Settings settings) {
        return generate(List.of(prompt), settings, TextListener.NONE).continuations().get(0);
    }

    /**
     * Continues texts side by side; each is what it would be by itself with the same draws.
     *
     * @param prompts their beginnings, one at least; an empty one stands for the token that begins
     *     texts
     * @param settings how
     * @param listener hears them as they are written
     * @return what follows, and how long it took
     * @throws IllegalArgumentException if a prompt is empty and the tokenizer has no token for that
     */
    public Batch generate(List<String> prompts, Settings settings, TextListener listener) {
        Check.that(!prompts.isEmpty(), "a generator needs a prompt, got none");
        return generateFrom(prompts.stream().map(this::tokens).toList(), settings, listener);
    }

    /**
     * Continues sequences of tokens.
     *
     * @param prompts their beginnings, each of one token at least
     * @param settings how
     * @param listener hears them as they are written
     * @return what follows, and how long it took
     */
    public Batch generateFrom(List<int[]> prompts, Settings settings, TextListener listener) {
        long start = System.nanoTime();
        List<Sequence> sequences =
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> new Sequence(i, prompts.get(i), settings, listener))
                        .toList();
        double promptSeconds = 0;
        try (Window window = new Window(network, limit, prompts, settings.cached())) {
            for (int step = 0; sequences.stream().anyMatch(s -> s.reason == null); step++) {
                if (step > 0) {
                    window.append(sequences.stream().mapToInt(Sequence::last).toArray());
                }
                float[] logits = window.logits();
                sequences.forEach(s -> s.choose(logits));
                if (step == 0) {
                    promptSeconds = seconds(start);
                }
            }
        }
        return new Batch(
                sequences.stream().map(Sequence::continuation).toList(),
                prompts.stream().mapToInt(p -> p.length).sum(),
                promptSeconds,
                sequences.stream().mapToInt(s -> s.chosen.size()).sum(),
                seconds(start));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private int[] tokens(String prompt) {
        int[] ids = tokenizer.encodeForModel(prompt);
        OptionalInt end = tokenizer.special().end();
        if (ids.length > 1 && end.isPresent() && ids[ids.length - 1] == end.getAsInt()) {
            // What a tokenizer puts behind a whole text ends it.
            ids = Arrays.copyOf(ids, ids.length - 1);
        }
        if (ids.length > 0) {
            return ids;
        }
        OptionalInt first = tokenizer.special().beginning();
        OptionalInt begin = first.isPresent() ? first : end;
        return new int[] {
            begin.orElseThrow(
                    () ->
                            new IllegalArgumentException(
                                    "the prompt must have a token, got an empty one, and the"
                                            + " tokenizer has no token that begins a text: give a"
                                            + " character or more"))
        };
    }

    /** One text that is being written. */
    private final class Sequence {
        private final int index;
        private final Settings settings;
        private final TextListener listener;
        private final Sampler sampler;
        private final TextStream stream;
        private final List<Integer> chosen = new ArrayList<>();
        private Continuation.@Nullable Reason reason;

        Sequence(int index, int[] prompt, Settings settings, TextListener listener) {
            this.index = index;
            this.settings = settings;
            this.listener = listener;
            this.sampler = new Sampler(settings.sampling(), index);
            this.stream = new TextStream(tokenizer, prompt, settings.stops());
            for (int token : prompt) {
                sampler.saw(token);
            }
        }

        void choose(float[] logits) {
            if (reason != null) {
                return;
            }
            int width = Math.toIntExact(network.outputShape().get(2));
            int token = sampler.next(logits, index * width, vocabulary);
            sampler.saw(token);
            chosen.add(token);
            OptionalInt end = tokenizer.special().end();
            if (end.isPresent() && end.getAsInt() == token) {
                reason = Continuation.Reason.END_TOKEN;
            } else {
                stream.add(token);
                if (stream.stopped()) {
                    reason = Continuation.Reason.STOP_TEXT;
                } else if (chosen.size() == settings.maxTokens()) {
                    reason = Continuation.Reason.MAX_TOKENS;
                }
            }
            String piece = stream.piece(reason != null);
            if (!piece.isEmpty()) {
                listener.text(index, piece);
            }
        }

        int last() {
            return chosen.get(chosen.size() - 1);
        }

        Continuation continuation() {
            return new Continuation(stream.text(), chosen, Objects.requireNonNull(reason));
        }
    }
}
