package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.NormSpec;

/**
 * Disentangled attention (He et al. 2021, arXiv:2006.03654, Section 3.1): scores are the sum of
 * products of a query with a key, of a query with the vector of their distance, and of a key with
 * it. A table holds a vector for each distance, which maps of its own or those of queries and keys
 * read. Parameters: {@code positions.table.weight (2 S, C)} with {@code S} distances on a side,
 * {@code positions.norm}, {@code positionKeys} and {@code positionQueries}.
 *
 * @param maxDistance largest distance; keys beyond share a row
 * @param buckets distances on a side of the table: half of them one row each, the others
 *     logarithmic ranges; 0 for a row for each distance. Default: 0
 * @param queries true if queries meet distances, "content to position". Default: true
 * @param keys true if keys meet distances, "position to content". Default: true
 * @param sharedMaps true if the maps to queries and keys read the table too (He et al. 2021,
 *     arXiv:2111.09543, Section 2). Default: true
 * @param keyBias true if the maps to keys and {@code positionKeys} have biases if the others have.
 *     Default: true
 * @param norm norm of the table's rows. Default: none
 * @param table path of another attention layer's table, relative to this layer's parent or any
 *     layer around it; empty for a separate table. Default: empty
 */
@WithBuilder
@TypeName("disentangled")
public record Disentangled(
        int maxDistance,
        @Default("0") int buckets,
        @Default("true") boolean queries,
        @Default("true") boolean keys,
        @Default("true") boolean sharedMaps,
        @Default("true") boolean keyBias,
        @Default("\"none\"") NormSpec norm,
        @Default("\"\"") String table)
        implements PositionSpec, DisentangledBuilder.With {
    public Disentangled {
        Check.positive("maxDistance", maxDistance);
        Check.that(
                buckets >= 0 && buckets % 2 == 0,
                "buckets must be even, or 0 for a row for each distance, got %s",
                buckets);
        Check.that(
                buckets == 0 || (buckets >= 4 && maxDistance > buckets / 2 + 1),
                "maxDistance must exceed half of the buckets, 4 or more, by 2 or more, got %s and"
                        + " %s buckets",
                maxDistance,
                buckets);
        Check.that(queries || keys, "queries or keys must be true, got false for both");
    }

    /** {@return the number of distances on a side of the table} */
    int span() {
        return buckets == 0 ? maxDistance : buckets;
    }

    /** {@return the row of the table for the position of a query minus that of a key} */
    int row(int distance) {
        int bucket = buckets == 0 ? distance : bucket(distance);
        return Math.max(0, Math.min(2 * span() - 1, bucket + span()));
    }

    private int bucket(int distance) {
        int exact = buckets / 2;
        int size = Math.abs(distance);
        if (size <= exact) {
            return distance;
        }
        // In float, as where the published weights were trained: ranges begin at powers.
        float octaves = (float) Math.log((float) size / exact);
        float all = (float) Math.log((float) ((maxDistance - 1) / (double) exact));
        int range = (int) Math.ceil(octaves / all * (exact - 1));
        return Integer.signum(distance) * (range + exact);
    }

    @Override
    public PositionSpec sharing(String attention) {
        return table.isEmpty() ? withTable(attention + ".positions") : this;
    }

    @Override
    public int terms() {
        return 1 + (queries ? 1 : 0) + (keys ? 1 : 0);
    }

    @Override
    public boolean isRelative() {
        return true;
    }

    @Override
    public String describe() {
        return "disentangled positions";
    }
}
