package io.residuum.transformer.train;

import io.residuum.metric.Cosine;
import io.residuum.metric.Measure;
import io.residuum.transformer.text.pairs.TextTuple;
import io.residuum.transformer.text.pairs.TextTuples;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Measures of the vectors of texts that belong together: correlation with given similarities, or
 * the search for second texts among all second texts and negatives by the first text.
 *
 * @param tuples the texts
 * @param vectors the vectors of the texts, tuple by tuple
 */
record Similarities(TextTuples tuples, List<float[]> vectors) {
    /** The measure that chooses the best epoch of pairs with similarities. */
    static final String SPEARMAN = "Spearman";

    /** The measure that chooses the best epoch of others. */
    static final String RECALL = "recall@1";

    private static final int[] DEPTHS = {1, 5, 10};
    private static final int RANKED = 10;

    List<Measure> measures() {
        return tuples.hasScores() ? correlations() : retrieval();
    }

    private float[] vector(int tuple, int text) {
        return vectors.get(tuple * tuples.width() + text);
    }

    /** Returns the cosine between the first text of a tuple and another one. */
    private double cosine(int tuple, int text) {
        return Cosine.between(vector(tuple, 0), vector(tuple, text), 0);
    }

    private List<Measure> correlations() {
        double[] cosines = new double[tuples.size()];
        double[] scores = new double[tuples.size()];
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = cosine(i, 1);
            scores[i] = tuples.tuples().get(i).score();
        }
        return List.of(
                new Measure(SPEARMAN, pearson(ranks(cosines), ranks(scores))),
                new Measure("Pearson", pearson(cosines, scores)));
    }

    private List<Measure> retrieval() {
        Map<String, float[]> queries = new LinkedHashMap<>();
        Map<String, float[]> candidates = new LinkedHashMap<>();
        Map<String, Set<String>> answers = new LinkedHashMap<>();
        int nearest = 0;
        for (int i = 0; i < tuples.size(); i++) {
            TextTuple tuple = tuples.tuples().get(i);
            String query = tuple.texts().get(0);
            queries.put(query, vector(i, 0));
            answers.computeIfAbsent(query, q -> new LinkedHashSet<>()).add(tuple.texts().get(1));
            double right = cosine(i, 1);
            boolean nearer = true;
            for (int j = 1; j < tuples.width(); j++) {
                candidates.put(tuple.texts().get(j), vector(i, j));
                nearer &= j == 1 || right > cosine(i, j);
            }
            nearest += nearer ? 1 : 0;
        }
        Candidates all =
                new Candidates(List.copyOf(candidates.keySet()), List.copyOf(candidates.values()));
        List<int[]> ranks = new ArrayList<>();
        queries.forEach(
                (query, vector) ->
                        ranks.add(
                                all.ranks(
                                        query,
                                        vector,
                                        Objects.requireNonNull(answers.get(query)))));
        List<Measure> measures = new ArrayList<>();
        for (int depth : DEPTHS) {
            double recall =
                    ranks.stream()
                            .mapToDouble(own -> share(own, depth))
                            .average()
                            .orElse(Double.NaN);
            measures.add(new Measure("recall@" + depth, recall));
        }
        double reciprocal =
                ranks.stream()
                        .mapToInt(own -> IntStream.of(own).min().orElse(RANKED))
                        .mapToDouble(rank -> rank < RANKED ? 1.0 / (rank + 1) : 0)
                        .average()
                        .orElse(Double.NaN);
        measures.add(new Measure("MRR@" + RANKED, reciprocal));
        if (tuples.width() > 2) {
            measures.add(new Measure("triplet accuracy", (double) nearest / tuples.size()));
        }
        return measures;
    }

    private static double share(int[] ranks, int depth) {
        return (double) IntStream.of(ranks).filter(rank -> rank < depth).count() / ranks.length;
    }

    /** The different texts to be found, and their vectors. */
    private record Candidates(List<String> texts, List<float[]> vectors) {

        /** Returns the ranks of the answers to a query, from 0. A query does not find itself. */
        int[] ranks(String query, float[] vector, Set<String> answers) {
            double[] cosines = new double[texts.size()];
            for (int i = 0; i < cosines.length; i++) {
                boolean itself = texts.get(i).equals(query) && !answers.contains(query);
                cosines[i] =
                        itself
                                ? Double.NEGATIVE_INFINITY
                                : Cosine.between(vector, vectors.get(i), 0);
            }
            return IntStream.range(0, cosines.length)
                    .filter(i -> answers.contains(texts.get(i)))
                    .map(i -> rank(cosines, i))
                    .toArray();
        }

        /** Returns the rank of a value: equal values in their order, NaN after all others. */
        private static int rank(double[] values, int index) {
            double own = values[index];
            if (Double.isNaN(own)) {
                return values.length - 1;
            }
            return (int)
                    IntStream.range(0, values.length)
                            .filter(i -> values[i] > own || (values[i] == own && i < index))
                            .count();
        }
    }

    /** Returns the rank of each value from 0; equal values share the mean of their ranks. */
    static double[] ranks(double... values) {
        int[] order =
                IntStream.range(0, values.length)
                        .boxed()
                        .sorted((a, b) -> Double.compare(values[a], values[b]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        double[] ranks = new double[values.length];
        for (int from = 0; from < order.length; ) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + to - 1) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    /** Returns the linear correlation, NaN if all values of one side are equal. */
    static double pearson(double[] a, double[] b) {
        double meanA = IntStream.range(0, a.length).mapToDouble(i -> a[i]).average().orElse(0);
        double meanB = IntStream.range(0, b.length).mapToDouble(i -> b[i]).average().orElse(0);
        double product = 0;
        double squaresA = 0;
        double squaresB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (a[i] - meanA) * (b[i] - meanB);
            squaresA += (a[i] - meanA) * (a[i] - meanA);
            squaresB += (b[i] - meanB) * (b[i] - meanB);
        }
        return product / Math.sqrt(squaresA * squaresB);
    }
}
