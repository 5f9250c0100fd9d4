package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.Cache;
import io.residuum.nn.EmbeddingBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Ids;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.transformer.layers.SharedTable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Adds a learned bias of each head for each distance to the scores. A table has a row for each
 * distance in a sequence or a grid.
 *
 * @param name the name of the layer with the table
 * @param table the layer with the table; null if it belongs to another attention layer
 */
record RelativeBias(
        int heads, Rows rows, String name, @Nullable Layer table, @Nullable SharedTable shared) {
    private static final String IDS = "relative positions";

    /** The rows of the table for all pairs of a query and a key, {@code (queries, keys)}. */
    private interface Rows {
        NDArray of(ForwardPass pass, AttentionBias.Settings settings);
    }

    /** {@return the bias for scores {@code (-1, H / G T, K)}; null if positions have none} */
    static @Nullable RelativeBias of(Shape scores, Attention spec, Heads heads) {
        PositionSpec position = spec.position();
        int count = heads.queries();
        if (position instanceof PositionSpec.Relative relative) {
            PositionSpec.Relative own = relative.withTable("");
            Rows rows = (pass, settings) -> pass.shared(new Buckets(own, settings));
            if (!relative.table().isEmpty()) {
                SharedTable shared = new SharedTable(relative.table(), relative.buckets(), count);
                return new RelativeBias(count, rows, "", null, shared);
            }
            Init init = spec.projection().init().toInit();
            Shape keys = new Shape(-1, scores.get(2));
            Layer table = new EmbeddingBlock(keys, IDS, relative.buckets(), count, init);
            return new RelativeBias(count, rows, "relativeBias", table, null);
        }
        if (!position.isRelative() || position instanceof Disentangled) {
            return null;
        }
        Shape pairs = new Shape(scores.get(1) / heads.perGroup(), scores.get(2));
        GridBiasBlock table = GridBiasBlock.of(pairs, position, count);
        return new RelativeBias(count, (p, s) -> table.rows(p), "positions", table, null);
    }

    void link(String path, Layer network) {
        if (shared != null) {
            shared.link(path, network);
        }
    }

    /**
     * The buckets of all pairs, {@code (queries, keys)}. The table is read outside, since it needs
     * gradients.
     */
    private record Buckets(
            PositionSpec.Relative spec,
            boolean causal,
            int first,
            int queries,
            KeyPositions positions)
            implements Cache.PositionDependentArray {

        Buckets(PositionSpec.Relative spec, AttentionBias.Settings settings) {
            this(
                    spec,
                    settings.causal(),
                    settings.first(),
                    settings.queries(),
                    settings.positions());
        }

        @Override
        public NDArray make(ForwardPass pass) {
            int keys = positions.rows();
            long[] buckets = new long[queries * keys];
            for (int i = 0; i < buckets.length; i++) {
                int offset = positions.position(i % keys) - (first + i / keys);
                buckets[i] = spec.bucket(offset, causal);
            }
            return Values.create(pass.manager(), buckets, new Shape(queries, keys));
        }

        @Override
        public Buckets at(Cache.Position position) {
            int rows = position.rows();
            int at = position.first();
            return new Buckets(spec, causal, at, 1, new KeyPositions(at, rows - 1, 1, rows));
        }
    }

    /**
     * {@return {@code scores + bias + mask}, in the shape of the scores}
     *
     * @param pass the pass, whose {@link Attention#WINDOW_MASK} is added if there is one
     * @param scores {@code (N G, H / G T, K)}
     * @param settings the positions of queries and keys
     */
    NDArray add(ForwardPass pass, NDArray scores, AttentionBias.Settings settings) {
        NDArray ids = rows.of(pass, settings);
        NDArray perPair =
                table == null
                        ? Ids.rows(pass.ops(), IDS, ids, Objects.requireNonNull(shared).value(pass))
                        : table.forward(pass, ids);
        long queries = settings.queries();
        long keys = scores.getShape().get(2);
        NDArray bias = perPair.transpose(2, 0, 1).reshape(1, heads, queries, keys);
        NDArray mask = pass.sideInput(Attention.WINDOW_MASK);
        if (mask != null) {
            bias = mask.expandDims(1).add(bias);
        }
        long group = bias.getShape().get(0) * heads;
        return scores.reshape(-1, group, queries, keys)
                .add(bias.reshape(1, group, queries, keys))
                .reshape(-1, scores.getShape().get(1), keys);
    }
}
