package io.residuum.transformer.branch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.spec.json.Defaults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisentangledTest {
    private static Disentangled of(int maxDistance, int buckets) {
        return Defaults.fill(DisentangledBuilder.builder())
                .maxDistance(maxDistance)
                .buckets(buckets)
                .build();
    }

    /** Sums of make_log_bucket_position of transformers, each row times its place from 1 on. */
    @ParameterizedTest
    @CsvSource({"256, 512, 193738055", "8, 24, 19977", "32, 512, 25013011", "128, 1000, 376363355"})
    void rowsAreThoseOfTransformers(int buckets, int maxDistance, long expected) {
        long sum = 0;
        int most = maxDistance + 5;
        for (int distance = -most; distance <= most; distance++) {
            sum += (distance + most + 1L) * of(maxDistance, buckets).row(distance);
        }
        assertEquals(expected, sum);
    }

    @Test
    void withoutBucketsEachDistanceHasARowUpToTheLargest() {
        Disentangled each = of(3, 0);
        int[] rows = {0, 0, 1, 2, 3, 4, 5, 5};
        for (int i = 0; i < rows.length; i++) {
            assertEquals(rows[i], each.row(i - 4));
        }
    }
}
