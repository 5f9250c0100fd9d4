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
 * Which keys queries may see and how much they prefer them, for scores {@code (N G, R, K)}: N
 * samples, G key and value heads, R rows of which each of the H / G query heads of a group has one
 * a query, K keys.
 *
 * @param bias added to the scores, broadcast over them; null for nothing
 * @param open 1 for rows that see a key and 0 for others, broadcast over {@code (N G, R, 1)}; null
 *     if all see one
 */
record AttentionBias(@Nullable NDArray bias, @Nullable NDArray open) {

    /** What a hidden key's score falls by; as a probability exactly 0, and still finite. */
    private static double hidden(DataType type) {
        return type == DataType.FLOAT16 ? 3e4 : 1e9;
    }

    /**
     * 1 where a key may be seen and 0 elsewhere, broadcast over the scores; empty if every query
     * sees every key.
     *
     * @param settings for the scores
     */
    record Seen(Recipe settings) implements Cache.PositionDependent<Optional<NDArray>> {
        @Override
        public Optional<NDArray> make(ForwardPass pass) {
            return Optional.ofNullable(
                    settings.allowed(pass.manager(), pass.sideInput(settings.mask())));
        }

        @Override
        public Seen at(Cache.Place place) {
            return new Seen(settings.at(place));
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
     * The same for every layer with equal settings.
     *
     * @param causal whether a position sees none after it
     * @param window how many positions on a side, 0 for all
     * @param alibi whether heads have slopes
     * @param heads query heads
     * @param groups key and value heads
     * @param samples N
     * @param first the position of the first query among the keys
     * @param queries how many
     * @param places the positions of the keys; rows without one are hidden
     * @param mask the name of the side input that is the mask
     * @param type the scores' type
     */
    record Recipe(
            boolean causal,
            int window,
            boolean alibi,
            int heads,
            int groups,
            int samples,
            int first,
            int queries,
            KeyPositions places,
            String mask,
            DataType type)
            implements Cache.PositionDependent<AttentionBias> {

        /** Only what the sequence reads of itself grows. */
        @Override
        public Recipe at(Cache.Place place) {
            if (!causal) {
                return this;
            }
            int rows = place.rows();
            return new Recipe(
                    causal,
                    window,
                    alibi,
                    heads,
                    groups,
                    Math.toIntExact(place.samples()),
                    place.first(),
                    1,
                    new KeyPositions(place.first(), rows - 1, 1, rows),
                    mask,
                    type);
        }

        @Override
        public NDList arrays(AttentionBias made) {
            NDList arrays = new NDList();
            Stream.of(made.bias(), made.open()).filter(Objects::nonNull).forEach(arrays::add);
            return arrays;
        }

        /** There is none that is open without a bias. */
        @Override
        public AttentionBias of(NDList arrays) {
            return new AttentionBias(
                    arrays.isEmpty() ? null : arrays.get(0),
                    arrays.size() < 2 ? null : arrays.get(1));
        }

        @Override
        public AttentionBias make(ForwardPass pass) {
            NDArray mask = pass.sideInput(mask());
            NDArray allowed = allowed(pass.manager(), mask);
            NDArray bias = null;
            NDArray open = null;
            if (allowed != null) {
                bias = pass.ops().mul(pass.ops().sub(allowed, 1), hidden(type));
                // Positions alone hide no query from itself.
                open = mask == null ? null : allowed.max(new int[] {2}, true);
            }
            if (alibi) {
                NDArray slopes = slopes(pass.manager());
                bias = bias == null ? slopes : slopes.add(bias);
            }
            if (bias != null) {
                int rows = heads / groups * queries;
                Shape scores = new Shape((long) samples * groups, rows, places.rows());
                bias = pass.ops().addend(bias, scores);
            }
            return new AttentionBias(bias, open);
        }

        /** 1 where a key may be seen, in a shape that broadcasts over the scores. */
        private @Nullable NDArray allowed(NDManager manager, @Nullable NDArray mask) {
            int perGroup = heads / groups;
            NDArray near = causal || window > 0 ? near(manager) : null;
            if (mask == null) {
                return near == null ? null : near.tile(new long[] {1, perGroup, 1});
            }
            NDArray seen = perQuery(mask).toType(type, false);
            NDArray both = near == null ? seen : seen.mul(near);
            NDArray rows =
                    both.getShape().get(1) == 1 ? both : both.tile(new long[] {1, perGroup, 1});
            return groups == 1 ? rows : rows.repeat(0, groups);
        }

        /** {@code (N, K)} or {@code (N, Q, K)} as {@code (N, 1 or Q, rows)}. */
        private NDArray perQuery(NDArray mask) {
            Shape shape = mask.getShape();
            int known = places.known();
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
            if (known == places.rows()) {
                return all;
            }
            int gap = places.fresh() - places.cached();
            NDList parts = new NDList();
            if (gap == 0) {
                parts.add(all);
            } else {
                parts.add(all.get(":, :, 0:{}", places.cached()));
                parts.add(none(mask, all, gap));
                parts.add(all.get(":, :, {}:", places.cached()));
            }
            if (known + gap < places.rows()) {
                parts.add(none(mask, all, places.rows() - known - gap));
            }
            return NDArrays.concat(parts, 2);
        }

        private static NDArray none(NDArray mask, NDArray like, long rows) {
            Shape s = like.getShape();
            return mask.getManager().zeros(new Shape(s.get(0), s.get(1), rows), mask.getDataType());
        }

        private NDArray near(NDManager manager) {
            int rows = places.rows();
            float[] values = new float[queries * rows];
            for (int q = 0; q < queries; q++) {
                int at = first + q;
                int from = window == 0 ? 0 : at - window + 1;
                int to = causal ? at : at + window - 1;
                for (int row = 0; row < rows; row++) {
                    int position = places.position(row);
                    boolean seen = position >= Math.max(0, from) && position <= to;
                    values[q * rows + row] = seen ? 1 : 0;
                }
            }
            return Values.create(manager, values, new Shape(1, queries, rows), type);
        }

        /** {@code (N G, R, K)}: minus slope times distance. */
        private NDArray slopes(NDManager manager) {
            double[] slopes = PositionSpec.Alibi.slopes(heads);
            int keys = places.rows();
            float[] values = new float[heads * queries * keys];
            int i = 0;
            for (int h = 0; h < heads; h++) {
                for (int q = 0; q < queries; q++) {
                    for (int k = 0; k < keys; k++) {
                        int distance = Math.abs(first + q - places.position(k));
                        values[i++] = (float) (-slopes[h] * distance);
                    }
                }
            }
            int rows = heads / groups * queries;
            return Values.create(manager, values, new Shape(groups, rows, keys), type)
                    .tile(new long[] {samples, 1, 1});
        }
    }
}
