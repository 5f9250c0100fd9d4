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
 * Generates text with a language model.
 *
 * <pre>{@code
 * Generator generator = new Generator(network, tokenizer);
 * String text = generator.generate("Once upon a time", Generator.Settings.DEFAULT).text();
 * }</pre>
 *
 * <p>A text may become longer than the context of the model ({@code length} of its spec's input).
 * It then continues from the last half of the context, which is computed again.
 *
 * <p>A model with an encoder translates. Prompts are then the input of the encoder, and each output
 * starts with the tokenizer's beginning token.
 */
public final class Generator {
    private final Network network;
    private final Tokenizer tokenizer;
    private final int limit;
    private final boolean translates;

    /**
     * The settings of a generation.
     *
     * @param sampling the choice of tokens
     * @param maxTokens the maximum number of tokens per text, positive
     * @param stops strings that end a text, none of them empty
     * @param cached true to use a KV cache, false to recompute all tokens in each step; the texts
     *     are the same
     */
    public record Settings(Sampling sampling, int maxTokens, List<String> stops, boolean cached) {

        /** Greedy decoding of at most 100 tokens, with a KV cache. */
        public static final Settings DEFAULT = new Settings(Sampling.GREEDY, 100, List.of(), true);

        public Settings {
            Check.positive("maxTokens", maxTokens);
            stops = List.copyOf(stops);
            Check.that(
                    stops.stream().noneMatch(String::isEmpty),
                    "stop strings must not be empty, got %s",
                    stops);
        }

        /**
         * Returns a copy with another choice of tokens.
         *
         * @param value the choice of tokens
         * @param tokens the maximum number of tokens per text, positive
         * @return new settings
         */
        public Settings with(Sampling value, int tokens) {
            return new Settings(value, tokens, stops, cached);
        }
    }

    /**
     * The texts generated for a batch of prompts.
     *
     * @param continuations one continuation per prompt, in order
     * @param promptTokens the number of tokens of all prompts
     * @param promptSeconds the time to the first tokens
     * @param tokens the number of generated tokens of all texts
     * @param seconds the total time
     */
    public record Batch(
            List<Continuation> continuations,
            int promptTokens,
            double promptSeconds,
            int tokens,
            double seconds) {}

    /**
     * Creates a generator. The caller closes the network and the tokenizer.
     *
     * @param network a network from token ids to logits for each position, {@code (N, T,
     *     vocabulary)}; no position may depend on a later one
     * @param tokenizer the tokenizer of the texts that the network was trained on
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
                "the tokenizer must have at most the %s tokens of the model, got %s; use the"
                        + " tokenizer of this model",
                most,
                tokenizer.vocabulary());
        Check.that(limit > 1, "a generator needs a context of at least 2 tokens, got %s", limit);
        this.translates = readsSources(network);
        Check.that(
                !translates || tokenizer.special().beginning().isPresent(),
                "a model with an encoder needs a tokenizer with a beginning token, got %s",
                tokenizer.special());
    }

    /**
     * Returns true if the network has an encoder. Only an encoder may attend to later positions.
     *
     * @throws SpecException if attention outside an encoder is not causal
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
                                        "attention must be causal in a model that generates text,"
                                                + " but %s of %s is not; set causal to true",
                                        path,
                                        network.spec().name());
                            }
                        });
        return !encoders.isEmpty();
    }

    /**
     * Returns true if prompts are translated, and false if they are continued.
     *
     * @return true for a model with an encoder
     */
    public boolean translates() {
        return translates;
    }

    /**
     * Continues a text.
     *
     * @param prompt the text to continue
     * @param settings the settings
     * @return the generated text
     */
    public Continuation generate(String prompt, Settings settings) {
        return generate(List.of(prompt), settings, TextListener.NONE).continuations().get(0);
    }

    /**
     * Continues several texts in one batch. Each result is what the prompt alone would give with
     * the same random draws. Only LongRoPE takes its factors by the longest text of a batch, as
     * transformers does.
     *
     * @param prompts the texts to continue, at least one; an empty one stands for the beginning
     *     token
     * @param settings the settings
     * @param listener a listener that receives the texts as they are generated, in this thread
     * @return the generated texts and the time used
     * @throws SpecException if a prompt is longer than the model's context, or empty and the
     *     tokenizer has no beginning token
     */
    public Batch generate(List<String> prompts, Settings settings, TextListener listener) {
        Check.that(!prompts.isEmpty(), "a generator needs at least one prompt, got none");
        return generateFrom(prompts.stream().map(this::tokens).toList(), settings, listener);
    }

    /**
     * Continues several sequences of tokens in one batch, as {@link #generate(List, Settings,
     * TextListener)} does.
     *
     * @param prompts the tokens of each prompt
     * @param settings the settings
     * @param listener a listener that receives the texts as they are generated, in this thread
     * @return the generated texts and the time used
     * @throws SpecException if a prompt is longer than the model's context, or empty
     */
    public Batch generateFrom(List<int[]> prompts, Settings settings, TextListener listener) {
        prompts.forEach(this::requireReadable);
        settings.sampling().tokens().requireIn(tokenizer.vocabulary());
        long start = System.nanoTime();
        List<int[]> beginnings =
                translates ? Collections.nCopies(prompts.size(), firstToken()) : prompts;
        List<int[]> sources = translates ? prompts : List.of();
        List<Sequence> sequences =
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> new Sequence(i, beginnings.get(i), settings, listener))
                        .toList();
        double promptSeconds = 0;
        try (ContextWindow window =
                new ContextWindow(network, limit, beginnings, sources, settings.cached())) {
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
                "a prompt must have 1 to %s tokens, the context of the model, got %s",
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
            // An end token here would end the text instead of continuing it.
            ids = Arrays.copyOf(ids, ids.length - 1);
        }
        return ids.length > 0 ? ids : firstToken();
    }

    /** Returns the first token of a text. */
    private int[] firstToken() {
        OptionalInt first = tokenizer.special().beginning();
        OptionalInt begin = first.isPresent() ? first : tokenizer.special().end();
        Check.that(
                begin.isPresent(),
                "the prompt is empty and the tokenizer has no token that begins a text;"
                        + " give at least one character");
        return new int[] {begin.getAsInt()};
    }

    /** A text in generation. */
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
                sampler.markSeen(token);
            }
        }

        void choose(float[] logits) {
            if (reason != null) {
                return;
            }
            int width = Math.toIntExact(network.outputShape().get(2));
            int token = sampler.next(logits, index * width, tokenizer.vocabulary());
            sampler.markSeen(token);
            chosen.add(token);
            OptionalInt end = tokenizer.special().end();
            if (end.isPresent() && end.getAsInt() == token) {
                end(Continuation.Reason.END_TOKEN);
                return;
            }
            emit(stream.add(token));
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
            emit(stream.rest());
            reason = stream.stopped() ? Continuation.Reason.STOP_TEXT : why;
        }

        private void emit(String piece) {
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
