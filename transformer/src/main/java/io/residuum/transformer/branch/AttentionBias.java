package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The bias of attention scores {@code (N G, R, K)}: hidden keys, and preferences for near ones. N
 * is the number of samples and G of key and value heads. Each group has R rows, one per query and
 * query head, and K keys.
 *
 * @param bias added to the scores, broadcast over them; null for nothing
 * @param rowMask 1 for rows that see a key and 0 for others, broadcast over {@code (N G, R, 1)};
 *     null if all rows see one
 */
record AttentionBias(@Nullable NDArray bias, @Nullable NDArray rowMask) {

    /** The largest number of values that are made at once, 64 MiB. */
    private static final int PART = 1 << 24;

    /** {@return the penalty of hidden keys: finite, yet with probability exactly 0} */
    private static double hidden(DataType type) {
        return type == DataType.FLOAT16 ? 3e4 : 1e9;
    }

    /**
     * A mask that is 1 for visible keys and 0 for others, broadcast over the scores; empty if every
     * query sees every key.
     *
     * @param settings the settings of the bias
     */
    record KeyMask(Settings settings) implements Cache.PositionDependent<Optional<NDArray>> {
        @Override
        public Optional<NDArray> make(ForwardPass pass) {
            return Optional.ofNullable(
                    settings.visibleKeys(pass.manager(), pass.sideInput(settings.mask())));
        }

        @Override
        public KeyMask at(Cache.Position position) {
            return new KeyMask(settings.at(position));
        }

        @Override
        public NDList arrays(Optional<NDArray> made) {
            return made.map(NDList::new).orElseGet(NDList::new);
        }

        @Override
        public Optional<NDArray> of(NDList arrays) {
            return arrays.stream().findFirst();
        }
    }

    /**
     * Creates a bias. Layers with equal settings share it.
     *
     * @param causal true if later positions are hidden
     * @param window the number of positions on a side, 0 for all
     * @param alibi the factor of the heads' slopes; 0 for no slopes
     * @param heads the number of query heads
     * @param groups the number of key and value heads
     * @param samples N
     * @param first the position of the first query among the keys
     * @param queries the number of queries
     * @param positions the positions of the keys; rows without one are hidden
     * @param mask the name of the side input with the mask
     * @param type the data type of the scores
     */
    record Settings(
            boolean causal,
            int window,
            double alibi,
            int heads,
            int groups,
            int samples,
            int first,
            int queries,
            KeyPositions positions,
            String mask,
            DataType type)
            implements Cache.PositionDependent<AttentionBias> {

        /** Cross-attention has the same keys in every pass; only self-attention changes. */
        @Override
        public Settings at(Cache.Position position) {
            if (!causal) {
                return this;
            }
            int rows = position.rows();
            return new Settings(
                    causal,
                    window,
                    alibi,
                    heads,
                    groups,
                    Math.toIntExact(position.samples()),
                    position.first(),
                    1,
                    new KeyPositions(position.first(), rows - 1, 1, rows),
                    mask,
                    type);
        }

        @Override
        public NDList arrays(AttentionBias made) {
            NDList arrays = new NDList();
            Stream.of(made.bias(), made.rowMask()).filter(Objects::nonNull).forEach(arrays::add);
            return arrays;
        }

        /** Relies on a bias being present whenever there is a row mask. */
        @Override
        public AttentionBias of(NDList arrays) {
            return new AttentionBias(
                    arrays.isEmpty() ? null : arrays.get(0),
                    arrays.size() < 2 ? null : arrays.get(1));
        }

        @Override
        public AttentionBias make(ForwardPass pass) {
            NDArray mask = pass.sideInput(mask());
            NDArray visibleKeys = visibleKeys(pass.manager(), mask);
            NDArray bias = null;
            NDArray rowMask = null;
            if (visibleKeys != null) {
                bias = pass.ops().mul(pass.ops().sub(visibleKeys, 1), hidden(type));
                // Without a mask every query sees at least itself.
                rowMask = mask == null ? null : visibleKeys.max(new int[] {2}, true);
            }
            if (alibi > 0) {
                NDArray slopes = slopes(pass.manager());
                bias = bias == null ? slopes : slopes.add(bias);
            }
            if (bias != null) {
                int rows = heads / groups * queries;
                Shape scores = new Shape((long) samples * groups, rows, positions.rows());
                bias = pass.ops().addend(bias, scores);
            }
            return new AttentionBias(bias, rowMask);
        }

        /** {@return the mask of visible keys, broadcast over the scores; null if all are} */
        private @Nullable NDArray visibleKeys(NDManager manager, @Nullable NDArray mask) {
            int perGroup = heads / groups;
            NDArray positionMask = causal || window > 0 ? positionMask(manager) : null;
            if (mask == null) {
                return positionMask == null ? null : positionMask.tile(new long[] {1, perGroup, 1});
            }
            NDArray seen = perQuery(mask).toType(type, false);
            NDArray both = positionMask == null ? seen : seen.mul(positionMask);
            NDArray rows =
                    both.getShape().get(1) == 1 ? both : both.tile(new long[] {1, perGroup, 1});
            return groups == 1 ? rows : rows.repeat(0, groups);
        }

        /** Reshapes a mask {@code (N, K)} or {@code (N, Q, K)} to {@code (N, 1 or Q, rows)}. */
        private NDArray perQuery(NDArray mask) {
            Shape shape = mask.getShape();
            int known = positions.known();
            boolean pairs = shape.dimension() == 3;
            boolean fits =
                    shape.dimension() == 2
                            ? shape.get(1) == known
                            : pairs && shape.get(1) == queries && shape.get(2) == known;
            if (!fits) {
                throw new IllegalArgumentException(
                        String.format(
                                "the side input \"%s\" must be (N, %d) or (N, %d, %d), got %s",
                                mask(), known, queries, known, shape));
            }
            NDArray all = pairs ? mask : mask.expandDims(1);
            if (known == positions.rows()) {
                return all;
            }
            int gap = positions.firstNew() - positions.cached();
            NDList parts = new NDList();
            if (gap == 0) {
                parts.add(all);
            } else {
                parts.add(all.get(":, :, 0:{}", positions.cached()));
                parts.add(zeros(mask, all, gap));
                parts.add(all.get(":, :, {}:", positions.cached()));
            }
            if (known + gap < positions.rows()) {
                parts.add(zeros(mask, all, positions.rows() - known - gap));
            }
            return NDArrays.concat(parts, 2);
        }

        private static NDArray zeros(NDArray mask, NDArray like, long rows) {
            Shape s = like.getShape();
            return mask.getManager().zeros(new Shape(s.get(0), s.get(1), rows), mask.getDataType());
        }

        private NDArray positionMask(NDManager manager) {
            return matrices(
                    manager,
                    1,
                    new Shape(1, queries, positions.rows()),
                    (head, q, position) -> {
                        int at = first + q;
                        int from = window == 0 ? 0 : at - window + 1;
                        int to = causal ? at : at + window - 1;
                        return position >= Math.max(0, from) && position <= to ? 1 : 0;
                    });
        }

        /** A value for a query and the position of a key, which is -1 for a row without one. */
        private interface Entry {
            float of(int head, int query, int position);
        }

        /**
         * {@return values in a shape of {@code count} matrices {@code (Q, K)}} Large ones are made
         * in parts, because a long text has more than an array of Java holds.
         */
        private NDArray matrices(NDManager manager, int count, Shape shape, Entry entry) {
            int keys = positions.rows();
            long rows = (long) count * queries;
            int most = Math.max(1, PART / Math.max(1, keys));
            NDList parts = new NDList();
            for (long row = 0; row < rows; row += most) {
                int some = (int) Math.min(most, rows - row);
                float[] values = new float[some * keys];
                for (int i = 0; i < some; i++) {
                    int head = (int) ((row + i) / queries);
                    int query = (int) ((row + i) % queries);
                    for (int k = 0; k < keys; k++) {
                        values[i * keys + k] = entry.of(head, query, positions.position(k));
                    }
                }
                Shape part = some == rows ? shape : new Shape(some, keys);
                parts.add(Values.create(manager, values, part, type));
            }
            return parts.size() == 1 ? parts.head() : NDArrays.concat(parts).reshape(shape);
        }

        /** {@return {@code -slope * distance}, {@code (N G, R, K)}} */
        private NDArray slopes(NDManager manager) {
            double[] slopes = PositionSpec.Alibi.slopes(heads);
            int rows = heads / groups * queries;
            return matrices(
                            manager,
                            heads,
                            new Shape(groups, rows, positions.rows()),
                            (head, q, position) ->
                                    (float)
                                            (-alibi
                                                    * slopes[head]
                                                    * Math.abs(first + q - position)))
                    .tile(new long[] {samples, 1, 1});
        }
    }
}
