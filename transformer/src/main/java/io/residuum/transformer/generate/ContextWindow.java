package io.residuum.transformer.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.AttentionBlock;
import io.residuum.transformer.layers.PositionEmbedding;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a batch of sequences that a model reads. Shorter sequences are padded at the start,
 * so that all end together, and a mask hides the padding. A sequence at the length limit continues
 * from its last half. The cache is then discarded and all sequences are computed again, which does
 * not change their results. It is discarded too where LongRoPE changes the keys of all positions.
 */
final class ContextWindow implements AutoCloseable {
    private final Network network;
    private final int limit;
    private final NDManager manager;
    private List<int[]> sources;
    private final boolean cached;
    private int[][] tokens;
    private final Set<Integer> switches = new HashSet<>();
    private @Nullable ArrayCache cache;

    /**
     * Creates a window that holds the prompts.
     *
     * @param network the model
     * @param limit the largest number of tokens that the model reads
     * @param prompts the tokens of each prompt, 1 to {@code limit}
     * @param sources the encoder's input for each prompt; empty if the model has no encoder
     * @param cached true to use a KV cache
     */
    ContextWindow(
            Network network, int limit, List<int[]> prompts, List<int[]> sources, boolean cached) {
        this.network = network;
        this.limit = limit;
        this.sources = sources;
        this.cached = cached;
        this.manager = network.backend().newManager();
        this.tokens = prompts.toArray(new int[0][]);
        network.block()
                .walk(
                        (path, layer) -> {
                            if (layer instanceof AttentionBlock attention) {
                                switches.add(attention.switchLength());
                            }
                        });
    }

    /**
     * Appends a token to each sequence.
     *
     * @param next one token per sequence
     */
    void append(int[] next) {
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
    }

    /**
     * Replaces the sequences by some of them, for the beams of a search.
     *
     * @param rows the sequence that each new one copies
     */
    void select(int... rows) {
        tokens = Arrays.stream(rows).mapToObj(row -> tokens[row]).toArray(int[][]::new);
        if (!sources.isEmpty()) {
            sources = Arrays.stream(rows).mapToObj(sources::get).toList();
        }
        if (cache != null) {
            cache.select(rows);
        }
    }

    /** Returns true if the cache holds positions, but not more than a number of them. */
    private boolean cached(int positions) {
        return cache != null && cache.length() <= positions;
    }

    private void forget() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }

    /**
     * Computes the logits of the next tokens.
     *
     * @return the logits, {@code (N, vocabulary)}
     */
    float[] logits() {
        int columns = longest(Arrays.asList(tokens));
        if (switches.stream().anyMatch(n -> cached(n) && n < columns)) {
            forget();
        }
        if (cached && cache == null) {
            cache = new ArrayCache(manager);
        }
        int first = cache == null ? 0 : cache.length();
        try (NDManager scratch = manager.newSubManager()) {
            NDList inputs = inputs(scratch, first);
            if (first == 0 && !sources.isEmpty()) {
                addSources(scratch, inputs);
            }
            return Values.floats(network.predictNext(inputs, cache));
        }
    }

    private NDList inputs(NDManager scratch, int first) {
        int batch = tokens.length;
        int columns = longest(Arrays.asList(tokens));
        int length = columns - first;
        long[] ids = new long[batch * length];
        long[] positions = new long[ids.length];
        long[] mask = new long[batch * columns];
        boolean padded = false;
        for (int i = 0; i < batch; i++) {
            int padding = columns - tokens[i].length;
            padded |= padding > 0;
            Arrays.fill(mask, i * columns + padding, (i + 1) * columns, 1);
            for (int c = Math.max(first, padding); c < columns; c++) {
                ids[i * length + c - first] = tokens[i][c - padding];
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
