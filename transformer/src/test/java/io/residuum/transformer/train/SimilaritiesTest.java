package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.metric.Measure;
import io.residuum.transformer.text.pairs.TextTuple;
import io.residuum.transformer.text.pairs.TextTuples;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimilaritiesTest {

    private static Map<String, Double> measures(TextTuples tuples, float[]... vectors) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (Measure measure : new Similarities(tuples, List.of(vectors)).measures()) {
            values.put(measure.name(), measure.value());
        }
        return values;
    }

    private static float[] at(double degrees) {
        double angle = Math.toRadians(degrees);
        return new float[] {(float) (3 * Math.cos(angle)), (float) (3 * Math.sin(angle))};
    }

    @Test
    void correlationsAreThoseOfScipy() {
        // scipy.stats.spearmanr and pearsonr
        double[] x = {1, 2, 3, 4, 5};
        double[] y = {5, 6, 7, 8, 7};
        assertEquals(
                0.8207826816681233,
                Similarities.pearson(Similarities.ranks(x), Similarities.ranks(y)),
                1e-12);
        assertEquals(0.8320502943378436, Similarities.pearson(x, y), 1e-12);
        assertArrayEquals(
                new double[] {1.5, 0, 3.5, 3.5, 1.5}, Similarities.ranks(2, 1, 7, 7, 2), 0);
    }

    @Test
    void scoredPairsAreMeasuredByTheOrderOfTheirCosines() {
        TextTuples tuples =
                new TextTuples(
                        List.of(
                                new TextTuple(List.of("a", "b"), 0.9),
                                new TextTuple(List.of("c", "d"), 0.1),
                                new TextTuple(List.of("e", "f"), 0.5)));
        Map<String, Double> found =
                measures(tuples, at(0), at(20), at(50), at(170), at(10), at(80));
        assertEquals(1, found.get("Spearman"), 1e-12);
        double[] cosines = {Math.cos(Math.PI / 9), Math.cos(Math.PI * 2 / 3), Math.cos(1.2217305)};
        assertEquals(
                Similarities.pearson(cosines, new double[] {0.9, 0.1, 0.5}),
                found.get("Pearson"),
                1e-6);
    }

    @Test
    void anAnchorMayHaveSeveralAnswers() {
        TextTuples tuples =
                new TextTuples(
                        List.of(
                                new TextTuple("q", "near", "far"),
                                new TextTuple("q", "middle", "nearest"),
                                new TextTuple("r", "lost", "far")));
        Map<String, Double> found =
                measures(
                        tuples, at(0), at(5), at(150), at(0), at(20), at(1), at(90), at(10),
                        at(150));
        // q: nearest, near, lost, middle; the answers are second and fourth. r: middle, lost.
        assertEquals((0.0 + 0) / 2, found.get("recall@1"), 1e-12);
        assertEquals(1, found.get("recall@5"), 1e-12);
        assertEquals((1 / 2.0 + 1 / 3.0) / 2, found.get("MRR@10"), 1e-12);
        assertEquals(1 / 3.0, found.get("triplet accuracy"), 1e-12);
    }

    @Test
    void aQueryDoesNotFindItself() {
        TextTuples tuples =
                new TextTuples(List.of(new TextTuple("a", "b"), new TextTuple("b", "a")));
        Map<String, Double> found = measures(tuples, at(0), at(40), at(40), at(0));
        assertEquals(1, found.get("recall@1"), 0);
        TextTuples same = new TextTuples(List.of(new TextTuple("a", "a"), new TextTuple("b", "c")));
        found = measures(same, at(0), at(0), at(40), at(50));
        assertEquals(1, found.get("recall@1"), 0, "unless it is its own answer");
    }

    @Test
    void vectorsThatAreNotFiniteFindNothing() {
        TextTuples tuples =
                new TextTuples(List.of(new TextTuple("a", "b"), new TextTuple("c", "d")));
        float[] broken = {Float.NaN, 0};
        Map<String, Double> found = measures(tuples, broken, broken, broken, broken);
        assertEquals(0, found.get("recall@1"), 0);
        found = measures(tuples, at(0), at(1), at(90), broken);
        assertEquals(0.5, found.get("recall@1"), 0);
    }
}
