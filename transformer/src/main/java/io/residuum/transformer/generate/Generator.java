package io.residuum.transformer.generate;

import ai.djl.ndarray.types.Shape;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.blocks.EncoderDecoderBlock;
import io.residuum.transformer.branch.AttentionBlock;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
 *
 * <p>A model with an encoder translates: prompts are its sources, and texts are begun by the
 * tokenizer's token for that.
 */
public final class Generator {
    private final Network network;
    private final Tokenizer tokenizer;
    private final int limit;
    private final boolean translates;

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
     * @param network reads token ids and gives logits for each position, {@code (N, T,
     *     vocabulary)}, none of which depends on a later one
     * @param tokenizer of the texts that it was trained on; the caller closes both
     * @throws SpecException if they do not fit
     */
    public Generator(Network network, Tokenizer tokenizer) {
        this.network = network;
        this.tokenizer = tokenizer;
        Shape output = network.outputShape();
        if (!(network.spec().input() instanceof InputSpec.Tokens tokens)
                || output.dimension() != 3) {
            throw new SpecException(
                    String.format(
                            "a generator needs a language model, (N, T) to (N, T, vocabulary), but"
                                    + " %s is %s to %s",
                            network.spec().name(), network.block().inputShape(), output));
        }
        this.limit = tokens.length();
        long most = Math.min(tokens.vocabulary(), output.get(2));
        Check.that(
                tokenizer.vocabulary() <= most,
                "the tokenizer must have at most the model's %s tokens, got %s: it is another"
                        + " model's",
                most,
                tokenizer.vocabulary());
        Check.that(limit > 1, "a generator needs a context of 2 tokens or more, got %s", limit);
        this.translates = readsSources(network);
        Check.that(
                !translates || tokenizer.special().beginning().isPresent(),
                "a model with an encoder needs a tokenizer with a token that begins texts, got %s",
                tokenizer.special());
    }

    /**
     * Whether there is an encoder: the only part that may read what comes later.
     *
     * @throws SpecException if another part does
     */
    private static boolean readsSources(Network network) {
        List<String> encoders = new ArrayList<>();
        network.block()
                .walk(
                        (path, layer) -> {
                            if (layer instanceof EncoderDecoderBlock) {
                                encoders.add(path.isEmpty() ? "encoder." : path + ".encoder.");
                            } else if (layer instanceof AttentionBlock attention) {
                                Check.that(
                                        !attention.readsAhead()
                                                || encoders.stream().anyMatch(path::startsWith),
                                        "attention must be causal in a model that continues texts,"
                                                + " but %s of %s is not",
                                        path,
                                        network.spec().name());
                            }
                        });
        return !encoders.isEmpty();
    }

    /**
     * Whether prompts are sources to be translated, rather than beginnings to be continued.
     *
     * @return true for a model with an encoder
     */
    public boolean translates() {
        return translates;
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
     * @param listener hears them as they are written, in this thread
     * @return what follows, and how long it took
     * @throws SpecException if a prompt is longer than what the model can read, or empty and the
     *     tokenizer has no token for that
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
     * @param listener hears them as they are written, in this thread
     * @return what follows, and how long it took
     * @throws SpecException if a prompt is longer than what the model can read, or empty
     */
    public Batch generateFrom(List<int[]> prompts, Settings settings, TextListener listener) {
        prompts.forEach(this::requireReadable);
        long start = System.nanoTime();
        List<int[]> begun = translates ? Collections.nCopies(prompts.size(), first()) : prompts;
        List<int[]> sources = translates ? prompts : List.of();
        List<Sequence> sequences =
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> new Sequence(i, begun.get(i), settings, listener))
                        .toList();
        double promptSeconds = 0;
        try (ContextWindow window =
                new ContextWindow(network, limit, begun, sources, settings.cached())) {
            for (int step = 0; sequences.stream().anyMatch(s -> s.reason == null); step++) {
                if (step > 0 && listener.stopped()) {
                    sequences.forEach(Sequence::stop);
                    break;
                }
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

    private void requireReadable(int[] prompt) {
        Check.that(
                prompt.length > 0 && prompt.length <= limit,
                "a prompt must have 1 to %s tokens, what the model can read at once, got %s",
                limit,
                prompt.length);
        for (int token : prompt) {
            Check.that(
                    token >= 0 && token < tokenizer.vocabulary(),
                    "tokens must be in [0, %s), got %s",
                    tokenizer.vocabulary(),
                    token);
        }
    }

    private int[] tokens(String prompt) {
        int[] ids = tokenizer.encodeForModel(prompt);
        OptionalInt end = tokenizer.special().end();
        if (!translates
                && ids.length > 1
                && end.isPresent()
                && ids[ids.length - 1] == end.getAsInt()) {
            // What a tokenizer puts behind a whole text ends it.
            ids = Arrays.copyOf(ids, ids.length - 1);
        }
        return ids.length > 0 ? ids : first();
    }

    /** What a text begins with. */
    private int[] first() {
        OptionalInt first = tokenizer.special().beginning();
        OptionalInt begin = first.isPresent() ? first : tokenizer.special().end();
        Check.that(
                begin.isPresent(),
                "the prompt must have a token, got an empty one, and the tokenizer has no token"
                        + " that begins a text: give a character or more");
        return new int[] {begin.getAsInt()};
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
            int token = sampler.next(logits, index * width, tokenizer.vocabulary());
            sampler.saw(token);
            chosen.add(token);
            OptionalInt end = tokenizer.special().end();
            if (end.isPresent() && end.getAsInt() == token) {
                end(Continuation.Reason.END_TOKEN);
                return;
            }
            say(stream.add(token));
            if (stream.stopped()) {
                reason = Continuation.Reason.STOP_TEXT;
            } else if (chosen.size() == settings.maxTokens()) {
                end(Continuation.Reason.MAX_TOKENS);
            }
        }

        void stop() {
            if (reason == null) {
                end(Continuation.Reason.STOPPED);
            }
        }

        private void end(Continuation.Reason why) {
            say(stream.rest());
            reason = stream.stopped() ? Continuation.Reason.STOP_TEXT : why;
        }

        private void say(String piece) {
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
