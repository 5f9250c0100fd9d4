package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.nn.EmbeddingBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.transformer.layers.NearestLayer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Adds the products of queries and keys with vectors of their distance to scores. */
final class DisentangledBias {
    private static final String IDS = "distances";

    private final Disentangled spec;
    private final Heads heads;
    private final HeadProjections maps;
    private final double scale;
    private final double dropout;
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private @Nullable Table table;

    /** Creates the layers for an input {@code (-1, T, C)}. */
    DisentangledBias(
            Shape input,
            Attention attention,
            Disentangled spec,
            Heads heads,
            HeadProjections maps) {
        this.spec = spec;
        this.heads = heads;
        this.maps = maps;
        scale = ScaledDotProduct.scale(attention, heads);
        dropout = attention.dropout();
        Init init = attention.projection().init().toInit();
        int width = Math.toIntExact(input.get(2));
        if (spec.table().isEmpty()) {
            table = new Table(spec, width, init);
            layers.put("positions", table);
        }
        Shape rows = new Shape(-1, 2 * input.get(1), width);
        int joined = heads.joinedWidth();
        if (spec.queries() && !spec.sharedMaps()) {
            layers.put("positionKeys", HeadProjections.linear(rows, joined, spec.keyBias(), init));
        }
        if (spec.keys() && !spec.sharedMaps()) {
            layers.put("positionQueries", HeadProjections.linear(rows, joined, true, init));
        }
    }

    /** {@return the bias of attention; null if its positions are others} */
    static @Nullable DisentangledBias of(
            Shape input, Attention attention, Heads heads, HeadProjections maps) {
        return attention.position() instanceof Disentangled spec
                ? new DisentangledBias(input, attention, spec, heads, maps)
                : null;
    }

    /** A row for each distance, normalized if the spec says so. */
    private static final class Table extends Layer {
        private final EmbeddingBlock rows;
        private final Layer norm;

        Table(Disentangled spec, int width, Init init) {
            super(new Shape(-1, 2L * spec.span()));
            rows =
                    child(
                            "table",
                            new EmbeddingBlock(inputShape(), IDS, 2 * spec.span(), width, init));
            norm = optionalChild("norm", spec.norm().newBlock(rows.outputShape()));
        }

        /** Looks up normalized rows, {@code (1, R) -> (1, R, C)}. */
        @Override
        protected NDArray compute(ForwardPass pass, NDArray ids) {
            return norm.forward(pass, rows.forward(pass, ids));
        }

        @Override
        public Shape outputShape(Shape in) {
            return rows.outputShape(in);
        }

        @Override
        public String describe() {
            return "Distances(" + rows.vocabulary() + ")";
        }
    }

    /** {@return the layers of this attention by name} */
    Map<String, Layer> layers() {
        return layers;
    }

    void link(String path, Layer network) {
        if (!spec.table().isEmpty()) {
            table = NearestLayer.of(path, network, spec.table(), Table.class);
        }
    }

    /**
     * {@return the scores with the products}
     *
     * @param scores {@code (N H, T, T)}
     * @param queries scaled, {@code (N H, T, D)}
     * @param keys {@code (N H, T, D)}
     */
    NDArray add(ForwardPass pass, NDArray scores, NDArray queries, NDArray keys) {
        int length = Math.toIntExact(queries.getShape().get(1));
        Ops ops = pass.ops();
        NDArray sum = scores;
        if (spec.queries()) {
            NDArray rows = rows(pass, length, true);
            NDArray mapped =
                    spec.sharedMaps() ? maps.keys(pass, rows) : own(pass, "positionKeys", rows);
            sum = ops.add(sum, aligned(ops, queries, mapped, length));
        }
        if (spec.keys()) {
            NDArray rows = rows(pass, length, false);
            NDArray mapped =
                    spec.sharedMaps()
                            ? maps.queries(pass, rows)
                            : own(pass, "positionQueries", rows);
            NDArray perKey = aligned(ops, keys, ops.mul(mapped, scale), length);
            sum = ops.add(sum, perKey.transpose(0, 2, 1));
        }
        return sum;
    }

    private NDArray own(ForwardPass pass, String map, NDArray rows) {
        NDArray mapped = Objects.requireNonNull(layers.get(map)).forward(pass, rows);
        return pass.ops().splitHeads(mapped, heads.width(), heads.groups(), heads.queries()).head();
    }

    private NDArray rows(ForwardPass pass, int length, boolean ofQueries) {
        NDArray ids = pass.shared(new Rows(spec.withTable(""), length, ofQueries));
        NDArray vectors = Objects.requireNonNull(table, spec.table()).forward(pass, ids);
        return pass.dropout(vectors, dropout);
    }

    /**
     * The rows of the table for all distances, {@code (1, 2 T)}: from the largest to the smallest
     * for queries, the other way for keys.
     */
    private record Rows(Disentangled spec, int length, boolean ofQueries)
            implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            long[] ids = new long[2 * length];
            for (int i = 0; i < ids.length; i++) {
                int distance = length - 1 - i;
                ids[i] = spec.row(ofQueries ? distance : -distance);
            }
            return Values.create(pass.manager(), ids, new Shape(1, ids.length));
        }
    }

    /**
     * {@return the products of each row with the vector of its distance to each column, {@code (N
     * H, T, T)}}
     *
     * <p>Computes the products with all distances. Row i needs those from {@code T - 1 - i} on,
     * which a reshape to rows shorter by one puts below each other (Dai et al. 2019,
     * arXiv:1901.02860, Appendix B).
     *
     * @param ops the operations
     * @param x {@code (N H, T, D)}
     * @param vectors of all distances, {@code (H, 2 T, D)}
     * @param length T
     */
    private NDArray aligned(Ops ops, NDArray x, NDArray vectors, long length) {
        int count = heads.queries();
        long width = heads.width();
        NDArray perHead =
                x.reshape(-1, count, length, width).transpose(1, 0, 2, 3).reshape(count, -1, width);
        NDArray all =
                ops.batchedProductTransposed(perHead, vectors)
                        .reshape(count, -1, 2 * length * length);
        NDArray moved = ops.slice(all, 2, length - 1, length - 1 + length * (2 * length - 1));
        NDArray rows = moved.reshape(count, -1, length, 2 * length - 1);
        return ops.slice(rows, 3, 0, length).transpose(1, 0, 2, 3).reshape(-1, length, length);
    }
}
