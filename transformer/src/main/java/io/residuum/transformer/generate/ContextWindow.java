package io.residuum.transformer.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Floats;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.blocks.EncoderDecoderBlock;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.AttentionBlock;
import io.residuum.transformer.layers.PositionEmbedding;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a batch of sequences that a model reads. Shorter sequences are padded at the start,
 * so that all end together, and a mask hides the padding. Further sequences may {@link #add join}:
 * they are computed alone, after as much padding as they need.
 *
 * <p>A sequence at the length limit continues from its last half. The cache is then discarded and
 * all sequences are computed again, which does not change their results. It is also discarded where
 * LongRoPE changes the keys of all positions, and where a joining sequence is longer than all.
 */
final class ContextWindow implements AutoCloseable {
    /** The most tokens, with padding, of several sequences that one pass reads. */
    private static final int READ = 4096;

    /** Fewer columns of padding than this are not worth computing all sequences again. */
    private static final int PADDING = 128;

    private final Network network;
    private final int limit;
    private final NDManager manager;
    private List<int[]> sources;
    private final boolean cached;
    private final DataType cacheType;
    private int[][] tokens;
    private final Set<Integer> switches;
    private @Nullable ArrayCache cache;

    /**
     * Creates a window that holds the prompts.
     *
     * @param network the model
     * @param limit the largest number of tokens that the model reads
     * @param prompts the tokens of each prompt, 1 to {@code limit}
     * @param sources the encoder's input for each prompt; empty if the model has no encoder
     * @param cached true to use a KV cache
     * @param cacheType the type of its arrays
     */
    ContextWindow(
            Network network,
            int limit,
            List<int[]> prompts,
            List<int[]> sources,
            boolean cached,
            DataType cacheType) {
        this.network = network;
        this.limit = limit;
        this.sources = sources;
        this.cached = cached;
        this.cacheType = cacheType;
        this.manager = network.backend().newManager();
        this.tokens = prompts.toArray(new int[0][]);
        this.switches = switches(network);
    }

    /**
     * Returns true if the network has an encoder. Only an encoder may attend to later positions.
     *
     * @throws SpecException if attention outside an encoder is not causal
     */
    static boolean readsSources(Network network) {
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
     * Returns the largest number of tokens that a language model reads.
     *
     * @throws SpecException if the network is none, or does not fit the tokenizer
     */
    static int limit(Network network, Tokenizer tokenizer) {
        Shape output = network.outputShape();
        if (!(network.spec().input() instanceof InputSpec.Tokens tokens)
                || output.dimension() != 3) {
            throw new SpecException(
                    String.format(
                            "a generator needs a language model, (N, T) to (N, T, vocabulary), but"
                                    + " %s is %s to %s",
                            network.spec().name(), network.block().inputShape(), output));
        }
        int limit = tokens.length();
        long most = Math.min(tokens.vocabulary(), output.get(2));
        Check.that(
                tokenizer.vocabulary() <= most,
                "the tokenizer must have at most the %s tokens of the model, got %s; use the"
                        + " tokenizer of this model",
                most,
                tokenizer.vocabulary());
        Check.that(limit > 1, "a generator needs a context of at least 2 tokens, got %s", limit);
        return limit;
    }

    /** Returns the lengths of texts beyond which keys change. */
    private static Set<Integer> switches(Network network) {
        Set<Integer> lengths = new HashSet<>();
        network.block()
                .walk(
                        (path, layer) -> {
                            if (layer instanceof AttentionBlock attention
                                    && attention.switchLength() < Integer.MAX_VALUE) {
                                lengths.add(attention.switchLength());
                            }
                        });
        return lengths;
    }

    /** Returns true if a text of a decoder is the same alone and beside longer ones. */
    static boolean joins(Network network) {
        return switches(network).isEmpty() && paddable(network);
    }

    /** Returns true if scores of attention depend on distances of tokens alone. */
    static boolean paddable(Network network) {
        boolean[] paddable = {true};
        network.block()
                .walk(
                        (path, layer) ->
                                paddable[0] &=
                                        !(layer instanceof AttentionBlock attention)
                                                || !attention.normalizesAfterRotation());
        return paddable[0];
    }

    /** Returns true if sequences may leave and join. */
    boolean joins() {
        return sources.isEmpty() && switches.isEmpty();
    }

    /**
     * Appends a token to each sequence.
     *
     * @param next one token per sequence
     */
    void append(int... next) {
        for (int i = 0; i < tokens.length; i++) {
            int from = 0;
            if (tokens[i].length == limit) {
                from = limit - limit / 2;
                forget();
            }
            int n = tokens[i].length - from;
            tokens[i] = Arrays.copyOfRange(tokens[i], from, from + n + 1);
            tokens[i][n] = next[i];
        }
        if (columns() == limit) {
            forget();
        }
    }

    /**
     * Replaces the sequences by some of them, for the beams of a search or after texts have ended.
     *
     * @param rows the sequence that each new one copies
     */
    void select(int... rows) {
        tokens = Arrays.stream(rows).mapToObj(row -> tokens[row]).toArray(int[][]::new);
        if (!sources.isEmpty()) {
            sources = Arrays.stream(rows).mapToObj(sources::get).toList();
        }
        if (cache != null) {
            int longest = rows.length == 0 ? 0 : longest(List.of(tokens));
            if (rows.length == 0 || columns() - longest >= Math.max(PADDING, longest)) {
                forget();
            } else {
                cache.select(rows);
            }
        }
    }

    /** Returns the number of positions in the cache, with padding. All sequences end there. */
    private int columns() {
        return cache == null ? 0 : cache.length();
    }

    private void forget() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }

    /**
     * Adds a sequence after the others of a window with a cache. They stay at their last token.
     *
     * @param prompt its tokens, 1 to {@code limit}
     * @return the logits of its next token, {@code (vocabulary)}
     */
    float[] add(int... prompt) {
        int rows = tokens.length;
        tokens = Arrays.copyOf(tokens, rows + 1);
        tokens[rows] = prompt;
        if (columns() < prompt.length) {
            forget();
        }
        int first = cache == null ? 0 : rows;
        float[] read = read(first, Math.max(columns(), longest(List.of(tokens))));
        int width = read.length / (tokens.length - first);
        return Arrays.copyOfRange(read, read.length - width, read.length);
    }

    /**
     * Computes the logits of the next tokens.
     *
     * @return the logits, {@code (N, vocabulary)}
     */
    float[] logits() {
        if (switches.contains(columns())) {
            forget();
        }
        if (cached && cache == null) {
            return read(0, longest(List.of(tokens)));
        }
        int columns = cached ? columns() + 1 : longest(List.of(tokens));
        return pass(0, tokens.length, columns, cache);
    }

    /**
     * Computes all tokens of sequences, from one on, and adds them to the cache. Returns their
     * logits. Few are computed at once, since scores of attention grow with the square of columns.
     */
    private float[] read(int first, int columns) {
        int rows = tokens.length;
        int group = sources.isEmpty() ? Math.max(1, READ / columns) : rows;
        List<ArrayCache> parts = new ArrayList<>();
        List<float[]> logits = new ArrayList<>();
        for (int from = first; from < rows; from += group) {
            int to = Math.min(rows, from + group);
            int longest = longest(Arrays.asList(tokens).subList(from, to));
            ArrayCache part = new ArrayCache(manager, columns - longest, cacheType);
            parts.add(part);
            logits.add(pass(from, to, columns, part));
        }
        ArrayCache whole = cache == null ? parts.remove(0) : cache;
        if (!parts.isEmpty()) {
            whole.join(parts);
            parts.forEach(ArrayCache::close);
        }
        cache = whole;
        return Floats.concat(logits.toArray(float[][]::new));
    }

    /** Computes the logits of sequences that end at a column, from tokens not in the cache. */
    private float[] pass(int from, int to, int columns, @Nullable ArrayCache known) {
        int first = known == null ? 0 : known.length();
        try (NDManager scratch = manager.newSubManager()) {
            NDList inputs = inputs(scratch, from, to, first, columns);
            if (!sources.isEmpty() && (known == null || known.isEmpty())) {
                addSources(scratch, inputs);
            }
            return Values.floats(network.predictNext(inputs, known));
        }
    }

    private NDList inputs(NDManager scratch, int from, int to, int first, int columns) {
        int batch = to - from;
        int length = columns - first;
        long[] ids = new long[batch * length];
        long[] positions = new long[ids.length];
        long[] mask = new long[batch * columns];
        boolean padded = false;
        for (int i = 0; i < batch; i++) {
            int[] row = tokens[from + i];
            int padding = columns - row.length;
            padded |= padding > 0;
            Arrays.fill(mask, i * columns + padding, (i + 1) * columns, 1);
            for (int c = Math.max(first, padding); c < columns; c++) {
                ids[i * length + c - first] = row[c - padding];
                positions[i * length + c - first] = c - padding;
            }
        }
        NDList inputs = new NDList(Values.create(scratch, ids, new Shape(batch, length)));
        if (padded) {
            inputs.add(
                    named(Attention.MASK, Values.create(scratch, mask, new Shape(batch, columns))));
        }
        // Rotary positions and ALiBi are relative, so that padding does not change them.
        if (padded && network.block().sideInputs().contains(PositionEmbedding.POSITIONS)) {
            Shape shape = new Shape(batch, length);
            inputs.add(
                    named(PositionEmbedding.POSITIONS, Values.create(scratch, positions, shape)));
        }
        return inputs;
    }

    /** Adds the sources, padded at the end. */
    private void addSources(NDManager scratch, NDList inputs) {
        int columns = longest(sources);
        long[] ids = new long[sources.size() * columns];
        long[] mask = new long[ids.length];
        for (int i = 0; i < sources.size(); i++) {
            int[] source = sources.get(i);
            for (int c = 0; c < source.length; c++) {
                ids[i * columns + c] = source[c];
                mask[i * columns + c] = 1;
            }
        }
        Shape shape = new Shape(sources.size(), columns);
        inputs.add(named(EncoderDecoder.SOURCE, Values.create(scratch, ids, shape)));
        if (sources.stream().anyMatch(source -> source.length < columns)) {
            inputs.add(named(EncoderDecoder.SOURCE_MASK, Values.create(scratch, mask, shape)));
        }
    }

    private static int longest(List<int[]> sequences) {
        return sequences.stream().mapToInt(s -> s.length).max().orElseThrow();
    }

    private static NDArray named(String name, NDArray array) {
        array.setName(name);
        return array;
    }

    @Override
    public void close() {
        manager.close();
    }
}
