package io.residuum.transformer.generate;

import ai.djl.ndarray.types.DataType;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import io.residuum.spec.WithBuilder;
import io.residuum.transformer.text.Tokenizer;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
    private final GenerationConfig model;
    private final Set<Integer> ends;
    private final PromptTokens promptTokens;
    private final boolean sharesBatches;
    private final DataType cacheType;

    /**
     * The settings of a generation.
     *
     * @param sampling the choice of tokens
     * @param maxTokens the maximum number of tokens per text, positive
     * @param stops strings that end a text, none of them empty
     * @param cached true to use a KV cache, false to recompute all tokens in each step; the texts
     *     are the same
     * @param search the search for texts. With several beams it takes the most probable tokens and
     *     has no stop strings
     * @param logProbs the number of most probable tokens whose log-probabilities are recorded
     *     beside that of each token; -1 to record none. A search with beams records none
     */
    @WithBuilder
    public record Settings(
            Sampling sampling,
            int maxTokens,
            List<String> stops,
            boolean cached,
            Search search,
            int logProbs)
            implements GeneratorSettingsBuilder.With {

        /** Greedy decoding of at most 100 tokens, with a KV cache. */
        public static final Settings DEFAULT = new Settings(Sampling.GREEDY, 100, List.of(), true);

        public Settings {
            Check.positive("maxTokens", maxTokens);
            stops = List.copyOf(stops);
            Check.that(
                    stops.stream().noneMatch(String::isEmpty),
                    "stop strings must not be empty, got %s",
                    stops);
            Check.that(
                    search.beams() == 1 || (stops.isEmpty() && sampling.temperature() == 0),
                    "beams must be 1 with stop strings or a temperature, got %s; use temperature 0"
                            + " and no stop strings",
                    search.beams());
            Check.that(
                    logProbs >= -1 && (logProbs == -1 || search.beams() == 1),
                    "logProbs must be -1 with beams, and else -1 or more, got %s",
                    logProbs);
        }

        /**
         * Creates settings without log-probabilities.
         *
         * @param sampling the choice of tokens
         * @param maxTokens the maximum number of tokens per text, positive
         * @param stops strings that end a text, none of them empty
         * @param cached true to use a KV cache
         * @param search the search for texts
         */
        public Settings(
                Sampling sampling,
                int maxTokens,
                List<String> stops,
                boolean cached,
                Search search) {
            this(sampling, maxTokens, stops, cached, search, -1);
        }

        /**
         * Creates settings for one text without limits.
         *
         * @param sampling the choice of tokens
         * @param maxTokens the maximum number of tokens per text, positive
         * @param stops strings that end a text, none of them empty
         * @param cached true to use a KV cache
         */
        public Settings(Sampling sampling, int maxTokens, List<String> stops, boolean cached) {
            this(sampling, maxTokens, stops, cached, Search.NONE);
        }

        /**
         * Returns a copy with another choice of tokens.
         *
         * @param value the choice of tokens
         * @param tokens the maximum number of tokens per text, positive
         */
        public Settings with(Sampling value, int tokens) {
            return new Settings(value, tokens, stops, cached, search, logProbs);
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
        this(network, tokenizer, DataType.FLOAT32);
    }

    private Generator(Network network, Tokenizer tokenizer, DataType cacheType) {
        this.network = network;
        this.cacheType = cacheType;
        this.tokenizer = tokenizer;
        this.limit = ContextWindow.limit(network, tokenizer);
        this.translates = ContextWindow.readsSources(network);
        this.model = GenerationConfig.of(network.metadata(), width());
        boolean paddable = ContextWindow.paddable(network);
        this.promptTokens = new PromptTokens(tokenizer, limit, translates, model.start(), paddable);
        this.sharesBatches = !translates && ContextWindow.joins(network);
        this.ends =
                model.ends().isEmpty()
                        ? tokenizer.special().end().stream().boxed().collect(Collectors.toSet())
                        : model.ends();
        Check.that(
                !translates
                        || model.start().isPresent()
                        || tokenizer.special().beginning().isPresent(),
                "a model with an encoder needs a tokenizer with a beginning token, got %s",
                tokenizer.special());
    }

    /**
     * {@return a generator of the same network whose KV caches store their arrays in another type.
     * Default: float32}
     *
     * @param type float32, or float16 for half the memory
     */
    public Generator withCacheType(DataType type) {
        Check.that(
                type == DataType.FLOAT32 || type == DataType.FLOAT16,
                "a KV cache must be of float32 or float16, got %s; no engine has other arrays of 16"
                        + " bits",
                type.name().toLowerCase(Locale.ROOT));
        return new Generator(network, tokenizer, type);
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
     * {@return the settings of the model's {@code generation_config.json} that {@link Settings}
     * replace, such as {@code num_beams}: JSON by key}
     */
    public Map<String, String> suggestions() {
        return model.suggestions();
    }

    /**
     * Continues a text.
     *
     * @param prompt the text to continue
     */
    public Continuation generate(String prompt, Settings settings) {
        return generate(List.of(prompt), settings, TextListener.NONE).continuations().get(0);
    }

    /**
     * Continues several texts in one batch. Each result is what the prompt alone would give with
     * the same random draws. LongRoPE takes its factors by the longest text, as in transformers.
     * Models that normalize queries and keys after their rotation need prompts of one length.
     *
     * @param prompts the texts to continue, at least one; an empty one stands for the beginning
     *     token
     * @param listener a listener that receives the texts as they are generated, in this thread
     * @return the generated texts and the time used
     * @throws SpecException if a prompt is longer than the model's context, or empty and the
     *     tokenizer has no beginning token
     */
    public Batch generate(List<String> prompts, Settings settings, TextListener listener) {
        return generateFrom(prompts.stream().map(this::encode).toList(), settings, listener);
    }

    /**
     * Continues several sequences of tokens in one batch, as {@link #generate(List, Settings,
     * TextListener)} does.
     *
     * @param prompts the tokens of each prompt
     * @param listener a listener that receives the texts as they are generated, in this thread
     * @return the generated texts and the time used
     * @throws SpecException if a prompt is longer than the model's context, or empty
     */
    public Batch generateFrom(List<int[]> prompts, Settings settings, TextListener listener) {
        return generateFrom(prompts, settings, listener, BatchObserver.NONE, System.nanoTime());
    }

    /** Continues sequences that were asked for at a time of {@link System#nanoTime}. */
    Batch generateFrom(
            List<int[]> prompts,
            Settings settings,
            TextListener listener,
            BatchObserver observer,
            long start) {
        if (settings.search().beams() > 1) {
            return best(prompts, settings, listener, start);
        }
        requireReadable(prompts, settings);
        List<Sequence> sequences =
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> sequence(i, prompts.get(i), settings, listener))
                        .toList();
        double promptSeconds;
        try (RunningBatch running = running(prompts, sequences, settings, observer)) {
            running.begin();
            promptSeconds = seconds(start);
            while (sequences.stream().anyMatch(Sequence::isOpen)) {
                sequences.forEach(Sequence::requireNoFailure);
                running.step();
            }
        }
        return batch(
                sequences.stream().map(Sequence::continuation).toList(),
                prompts,
                promptSeconds,
                start);
    }

    private Batch best(List<int[]> prompts, Settings settings, TextListener listener, long start) {
        Found found = found(prompts, settings, listener, start);
        List<Continuation> texts =
                found.texts.stream().map(beams -> beams.get(0).continuation()).toList();
        for (int i = 0; i < texts.size(); i++) {
            listener.text(i, texts.get(i).text());
        }
        return batch(texts, prompts, found.promptSeconds, start);
    }

    private RunningBatch running(
            List<int[]> prompts, List<Sequence> texts, Settings settings, BatchObserver observer) {
        ContextWindow window = window(prompts, beginnings(prompts), settings);
        return new RunningBatch(window, texts, width(), tokenizer.vocabulary(), observer);
    }

    /** Creates a batch without texts, for those that {@link #sharesBatches join} it. */
    RunningBatch running(BatchObserver observer) {
        return running(List.of(), List.of(), Settings.DEFAULT, observer);
    }

    /**
     * Returns true if texts with these settings may join others. The others need a batch of one
     * call, see {@link ContinuousBatching}.
     */
    boolean sharesBatches(Settings settings) {
        return sharesBatches && settings.search().beams() == 1 && settings.cached();
    }

    int limit() {
        return limit;
    }

    static Batch batch(
            List<Continuation> texts, List<int[]> prompts, double promptSeconds, long start) {
        return new Batch(
                texts,
                prompts.stream().mapToInt(p -> p.length).sum(),
                promptSeconds,
                texts.stream().mapToInt(text -> text.tokens().size()).sum(),
                seconds(start));
    }

    private ContextWindow window(List<int[]> prompts, List<int[]> beginnings, Settings settings) {
        List<int[]> sources = translates ? prompts : List.of();
        return new ContextWindow(network, limit, beginnings, sources, settings.cached(), cacheType);
    }

    Sequence sequence(int index, int[] prompt, Settings settings, TextListener listener) {
        int[] first = translates ? promptTokens.first() : prompt;
        TextStream stream = new TextStream(tokenizer, first, settings.stops());
        Sampler sampler = new Sampler(settings.sampling(), index, rules(settings), prompt);
        return new Sequence(index, first, sampler, stream, listener, settings.logProbs());
    }

    private ScoreRules rules(Settings settings) {
        return new ScoreRules(
                settings.sampling(), settings.search(), model.rules(), ends, settings.maxTokens());
    }

    /** The texts of each prompt, and the time to the first tokens. */
    private record Found(List<List<Hypothesis>> texts, double promptSeconds) {}

    /**
     * Searches the most probable texts of several prompts by beam search.
     *
     * @param prompts the tokens of each prompt; for a model with an encoder, of each source
     * @param settings the settings, with temperature 0 and without stop strings
     * @param listener asked before each token whether to stop
     * @return the texts of each prompt, at most as many as beams, the best first
     * @throws SpecException if a prompt is longer than the model's context, or empty, or settings
     *     are for sampling
     */
    public List<List<Hypothesis>> search(
            List<int[]> prompts, Settings settings, TextListener listener) {
        return found(prompts, settings, listener, System.nanoTime()).texts;
    }

    private Found found(List<int[]> prompts, Settings settings, TextListener listener, long start) {
        requireReadable(prompts, settings);
        Check.that(
                settings.sampling().temperature() == 0 && settings.stops().isEmpty(),
                "a search needs temperature 0 and no stop strings, got %s and %s",
                settings.sampling().temperature(),
                settings.stops());
        List<int[]> beginnings = beginnings(prompts);
        BeamSearch search = new BeamSearch(beginnings, prompts, rules(settings), tokenizer);
        try (ContextWindow window = window(prompts, beginnings, settings)) {
            float[] first = window.logits();
            double promptSeconds = seconds(start);
            return new Found(search.run(window, first, width(), listener::stopped), promptSeconds);
        }
    }

    private int width() {
        return Math.toIntExact(network.outputShape().get(2));
    }

    private List<int[]> beginnings(List<int[]> prompts) {
        return translates ? Collections.nCopies(prompts.size(), promptTokens.first()) : prompts;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    void requireReadable(List<int[]> prompts, Settings settings) {
        promptTokens.requireReadable(prompts);
        settings.sampling().tokens().requireIn(tokenizer.vocabulary());
    }

    /**
     * Returns the tokens of a prompt.
     *
     * @param prompt the text to continue; an empty one stands for the beginning token
     * @return one token or more
     * @throws SpecException if the prompt is empty and the tokenizer has no beginning token
     */
    public int[] encode(String prompt) {
        return promptTokens.encode(prompt);
    }
}
