package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.Pass;
import java.util.Optional;
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
record Visibility(@Nullable NDArray bias, @Nullable NDArray open) {

    /** What a hidden key's score falls by; as a probability exactly 0, and still finite. */
    private static double hidden(DataType type) {
        return type == DataType.FLOAT16 ? 3e4 : 1e9;
    }

    /**
     * 1 where a key may be seen and 0 elsewhere, broadcast over the scores; empty if every query
     * sees every key.
     *
     * @param of the settings
     */
    record Seen(Recipe of) implements Pass.Shared<Optional<NDArray>> {
        @Override
        public Optional<NDArray> make(Pass pass) {
            return Optional.ofNullable(of.allowed(pass.manager(), pass.rider(of.mask())));
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
     * @param known how many keys there are
     * @param keys how many there is room for; those that are not there yet are hidden
     * @param mask the name of the rider that is the mask
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
            int known,
            int keys,
            String mask,
            DataType type)
            implements Pass.Shared<Visibility> {

        @Override
        public Visibility make(Pass pass) {
            NDArray mask = pass.rider(mask());
            NDArray allowed = allowed(pass.manager(), mask);
            NDArray bias = null;
            NDArray open = null;
            if (allowed != null) {
                bias = allowed.sub(1).mul(hidden(type));
                // Positions alone hide no query from itself.
                open = mask == null ? null : allowed.max(new int[] {2}, true);
            }
            if (alibi) {
                NDArray slopes = slopes(pass.manager());
                bias = bias == null ? slopes : slopes.add(bias);
            }
            if (bias != null) {
                int rows = heads / groups * queries;
                Shape scores = new Shape((long) samples * groups, rows, keys);
                bias = pass.ops().addend(bias, scores);
            }
            return new Visibility(bias, open);
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

        /** {@code (N, K)} or {@code (N, Q, K)} as {@code (N, 1 or Q, K)}. */
        private NDArray perQuery(NDArray mask) {
            Shape shape = mask.getShape();
            boolean pairs = shape.dimension() == 3;
            boolean fits =
                    shape.dimension() == 2
                            ? shape.get(1) == known
                            : pairs && shape.get(1) == queries && shape.get(2) == known;
            if (!fits) {
                throw new IllegalArgumentException(
                        String.format(
                                "the rider \"%s\" must be (N, %d) or (N, %d, %d), got %s",
                                mask(), known, queries, known, shape));
            }
            NDArray rows = pairs ? mask : mask.expandDims(1);
            if (known == keys) {
                return rows;
            }
            Shape missing = new Shape(shape.get(0), rows.getShape().get(1), keys - known);
            NDArray none = mask.getManager().zeros(missing, mask.getDataType());
            return NDArrays.concat(new NDList(rows, none), 2);
        }

        private NDArray near(NDManager manager) {
            float[] values = new float[queries * keys];
            for (int q = 0; q < queries; q++) {
                int at = first + q;
                int from = window == 0 ? 0 : Math.max(0, at - window + 1);
                int last = window == 0 || at + window > keys ? keys - 1 : at + window - 1;
                for (int k = from; k <= (causal ? at : last); k++) {
                    values[q * keys + k] = 1;
                }
            }
            return Values.create(manager, values, new Shape(1, queries, keys), type);
        }

        /** {@code (N G, R, K)}: minus slope times distance. */
        private NDArray slopes(NDManager manager) {
            double[] slopes = PositionSpec.Alibi.slopes(heads);
            float[] values = new float[heads * queries * keys];
            int i = 0;
            for (int h = 0; h < heads; h++) {
                for (int q = 0; q < queries; q++) {
                    for (int k = 0; k < keys; k++) {
                        values[i++] = (float) (-slopes[h] * Math.abs(first + q - k));
                    }
                }
            }
            int rows = heads / groups * queries;
            return Values.create(manager, values, new Shape(groups, rows, keys), type)
                    .tile(new long[] {samples, 1, 1});
        }
    }
}
