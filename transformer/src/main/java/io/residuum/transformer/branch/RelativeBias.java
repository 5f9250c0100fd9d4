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
import org.jspecify.annotations.Nullable;

/** Adds a learned bias of each head for each distance to the scores. */
final class RelativeBias {
    private static final String IDS = "buckets";

    private final PositionSpec.Relative spec;
    private final Heads heads;
    private final @Nullable EmbeddingBlock own;
    private final @Nullable SharedTable shared;

    /** Creates the bias for scores of shape {@code (-1, H / G T, K)}. */
    RelativeBias(Shape scores, PositionSpec.Relative spec, Heads heads, Init init) {
        this.spec = spec;
        this.heads = heads;
        Shape buckets = new Shape(-1, scores.get(2));
        boolean owns = spec.table().isEmpty();
        own = owns ? new EmbeddingBlock(buckets, IDS, spec.buckets(), heads.queries(), init) : null;
        shared = owns ? null : new SharedTable(spec.table(), spec.buckets(), heads.queries());
    }

    /** {@return the layer with the table; null if it belongs to another attention layer} */
    @Nullable Layer table() {
        return own;
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
     * {@return scores with the bias, {@code (N G, H / G T, K)}}
     *
     * @param pass the pass
     * @param scores {@code (N G, H / G T, K)}
     * @param settings the positions of queries and keys
     */
    NDArray add(ForwardPass pass, NDArray scores, AttentionBias.Settings settings) {
        NDArray buckets =
                pass.shared(
                        new Buckets(
                                spec.withTable(""),
                                settings.causal(),
                                settings.first(),
                                settings.queries(),
                                settings.positions()));
        NDArray rows =
                own != null
                        ? own.forward(pass, buckets)
                        : Ids.rows(pass.ops(), IDS, buckets, shared(pass));
        long stacked = scores.getShape().get(1);
        long keys = scores.getShape().get(2);
        NDArray bias = rows.transpose(2, 0, 1).reshape(1, heads.groups(), stacked, keys);
        NDArray grouped = scores.reshape(-1, heads.groups(), stacked, keys);
        return grouped.add(bias).reshape(-1, stacked, keys);
    }

    private NDArray shared(ForwardPass pass) {
        if (shared == null) {
            throw new IllegalStateException("a bias must have a table");
        }
        return shared.value(pass);
    }
}
