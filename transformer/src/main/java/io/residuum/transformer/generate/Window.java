package io.residuum.transformer.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.model.Network;
import io.residuum.nn.Past;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.layers.PositionEmbedding;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of the sequences of a batch that a model reads. They end together; shorter ones are
 * padded in front, where a mask hides the padding. When they are as long as the model can read,
 * each goes on from its last half, read anew.
 */
final class Window implements AutoCloseable {
    private final Network network;
    private final int limit;
    private final NDManager manager;
    private final boolean cached;
    private int[][] tokens;
    private int columns;
    private @Nullable Past past;

    /**
     * Begins with prompts.
     *
     * @param network the model
     * @param limit how many tokens it can read
     * @param prompts the tokens of each, one at least
     * @param cached whether to keep what has been computed
     */
    Window(Network network, int limit, List<int[]> prompts, boolean cached) {
        this.network = network;
        this.limit = limit;
        this.cached = cached;
        this.manager = network.backend().newManager();
        this.tokens = prompts.toArray(new int[0][]);
        this.columns = prompts.stream().mapToInt(p -> p.length).max().orElseThrow();
        if (columns > limit) {
            keep(limit);
        }
    }

    /**
     * Adds a token to each sequence.
     *
     * @param next one a sequence
     */
    void append(int[] next) {
        if (columns == limit) {
            keep(Math.max(1, limit / 2));
        }
        columns++;
        for (int i = 0; i < tokens.length; i++) {
            int n = tokens[i].length;
            tokens[i] = Arrays.copyOf(tokens[i], n + 1);
            tokens[i][n] = next[i];
        }
    }

    private void keep(int count) {
        for (int i = 0; i < tokens.length; i++) {
            int n = tokens[i].length;
            tokens[i] = Arrays.copyOfRange(tokens[i], Math.max(0, n - count), n);
        }
        columns = Math.min(columns, count);
        forget();
    }

    private void forget() {
        if (past != null) {
            past.close();
            past = null;
        }
    }

    /**
     * Computes what follows.
     *
     * @return {@code (N, vocabulary)}
     */
    float[] logits() {
        if (cached && past == null) {
            past = new Past(manager);
        }
        int first = past == null ? 0 : past.length();
        try (NDManager scratch = manager.newSubManager()) {
            return network.predictNext(inputs(scratch, first), past).toFloatArray();
        }
    }

    private NDList inputs(NDManager scratch, int first) {
        int batch = tokens.length;
        int length = columns - first;
        long[] ids = new long[batch * length];
        long[] places = new long[ids.length];
        float[] mask = new float[batch * columns];
        boolean padded = false;
        for (int i = 0; i < batch; i++) {
            int padding = columns - tokens[i].length;
            padded |= padding > 0;
            Arrays.fill(mask, i * columns + padding, (i + 1) * columns, 1);
            for (int c = Math.max(first, padding); c < columns; c++) {
                ids[i * length + c - first] = tokens[i][c - padding];
                places[i * length + c - first] = c - padding;
            }
        }
        NDList inputs = new NDList(scratch.create(ids, new Shape(batch, length)));
        if (padded) {
            inputs.add(named(Attention.MASK, scratch.create(mask, new Shape(batch, columns))));
            Shape shape = new Shape(batch, length);
            inputs.add(named(PositionEmbedding.POSITIONS, scratch.create(places, shape)));
        }
        return inputs;
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
