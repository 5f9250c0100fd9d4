package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.ModelMetadata;
import io.residuum.spec.SpecException;
import io.residuum.weights.WeightsException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens are drawn as often as the definitions of the settings say. */
class SamplerTest {
    private static final float[] LOGITS = {1.5f, -2, 0.3f, 2.1f, 0.3f, -0.7f, 1.1f, -9, 0.9f, 0};
    private static final int DRAWS = 40_000;

    /** Six standard deviations of a frequency. */
    private static final double TOLERANCE = 6 * Math.sqrt(0.25 / DRAWS);

    static List<Sampling> settings() {
        Sampling plain = Sampling.PLAIN;
        return List.of(
                plain,
                plain.withTemperature(0.5),
                plain.withTemperature(3),
                plain.withTopK(3),
                plain.withTopK(5), // the fifth is as probable as the sixth
                plain.withTopK(100),
                plain.withTopP(0.6),
                plain.withTopP(1e-9),
                plain.withMinP(0.2),
                plain.withMinP(1),
                plain.withRepetitionPenalty(1.8),
                plain.withTokens(new TokenRules(Map.of(0, -1.5, 4, 2.0, 9, 0.7), Set.of())),
                plain.withTokens(new TokenRules(Map.of(), Set.of(1, 4, 8))),
                plain.withTokens(new TokenRules(Map.of(4, 1.0), Set.of(1, 4, 8)))
                        .withRepetitionPenalty(1.4)
                        .withTopP(0.8),
                plain.withTemperature(2)
                        .withTopK(7)
                        .withTopP(0.9)
                        .withMinP(0.3)
                        .withRepetitionPenalty(1.3));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void frequenciesAreTheProbabilities(Sampling sampling) {
        List<Integer> seen = List.of(0, 1, 4);
        double[] expected = probabilities(sampling, seen);
        Sampler sampler = sampler(sampling, 0);
        seen.forEach(sampler::markSeen);
        int[] found = new int[LOGITS.length];
        for (int i = 0; i < DRAWS; i++) {
            found[sampler.next(LOGITS, 0, LOGITS.length)]++;
        }
        for (int i = 0; i < found.length; i++) {
            assertEquals(expected[i], found[i] / (double) DRAWS, TOLERANCE, "token " + i);
            assertTrue(expected[i] > 0 || found[i] == 0, "token " + i + " is left out");
        }
    }

    /** The settings in the order of their definition, each over probabilities that sum up to 1. */
    private static double[] probabilities(Sampling s, List<Integer> seen) {
        double[] p = new double[LOGITS.length];
        for (int i = 0; i < p.length; i++) {
            double logit = LOGITS[i] + s.tokens().bias().getOrDefault(i, 0.0);
            if (seen.contains(i)) {
                logit = logit > 0 ? logit / s.repetitionPenalty() : logit * s.repetitionPenalty();
            }
            boolean out = !s.tokens().allowed().isEmpty() && !s.tokens().allowed().contains(i);
            p[i] = out ? 0 : Math.exp(logit / s.temperature());
        }
        normalize(p);
        if (s.topK() > 0 && s.topK() < p.length) {
            double least = Arrays.stream(p).sorted().toArray()[p.length - s.topK()];
            keep(p, least);
        }
        List<Integer> descending =
                IntStream.range(0, p.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> -p[i]))
                        .toList();
        double sum = 0;
        for (int i : descending) {
            double own = p[i];
            if (s.topP() < 1 && sum >= s.topP()) {
                p[i] = 0;
            }
            sum += own;
        }
        normalize(p);
        keep(p, s.minP() * Arrays.stream(p).max().orElseThrow());
        return p;
    }

    private static void keep(double[] p, double least) {
        for (int i = 0; i < p.length; i++) {
            p[i] = p[i] < least ? 0 : p[i];
        }
        normalize(p);
    }

    private static void normalize(double[] p) {
        double sum = Arrays.stream(p).sum();
        for (int i = 0; i < p.length; i++) {
            p[i] /= sum;
        }
    }

    private static Sampler sampler(Sampling settings, int sequence) {
        ScoreRules rules =
                new ScoreRules(
                        settings,
                        Search.NONE,
                        GenerationConfig.of(ModelMetadata.EMPTY, 1).rules(),
                        Set.of(),
                        Integer.MAX_VALUE);
        return new Sampler(settings, sequence, rules);
    }

    @Test
    void temperatureZeroTakesTheFirstOfTheHighest() {
        float[] logits = {0, 3, -1, 3};
        assertEquals(1, sampler(Sampling.GREEDY, 0).next(logits, 0, 4));
        assertEquals(1, sampler(Sampling.GREEDY, 0).next(logits, 2, 2));
        assertEquals(0, sampler(Sampling.GREEDY, 0).next(logits, 0, 1));
    }

    @Test
    void thePenaltyCountsForGreedyChoicesToo() {
        Sampler sampler = sampler(Sampling.GREEDY.withRepetitionPenalty(2), 0);
        float[] logits = {3, 2, -1};
        assertEquals(0, sampler.next(logits, 0, 3));
        sampler.markSeen(0);
        assertEquals(1, sampler.next(logits, 0, 3));
        float[] negative = {-1, -1.5f, -5};
        assertEquals(1, sampler.next(negative, 0, 3));
    }

    /** Tokens of the prompt do not count. */
    @Test
    void thePenaltiesOfOpenAiCountGeneratedTokens() {
        assertEquals(List.of(0, 1, 0, 0), greedy(Sampling.GREEDY.withPresencePenalty(1)));
        assertEquals(List.of(0, 0, 1, 0), greedy(Sampling.GREEDY.withFrequencyPenalty(0.3)));
        assertEquals(List.of(0, 0, 0, 0), greedy(Sampling.GREEDY.withPresencePenalty(-1)));
    }

    private static List<Integer> greedy(Sampling sampling) {
        Sampler sampler = sampler(sampling, 0);
        sampler.markSeen(0);
        return IntStream.range(0, 4)
                .map(
                        i -> {
                            int token = sampler.next(new float[] {3, 2.5f, 0}, 0, 3);
                            sampler.markSeen(token);
                            return token;
                        })
                .boxed()
                .toList();
    }

    @Test
    void drawsFollowFromTheSeed() {
        assertEquals(draws(7, 0), draws(7, 0));
        assertNotEquals(draws(7, 0), draws(8, 0));
        assertEquals(draws(9, 0), draws(7, 2));
    }

    private static List<Integer> draws(long seed, int sequence) {
        Sampler sampler = sampler(Sampling.PLAIN.withSeed(seed), sequence);
        return IntStream.range(0, 30)
                .map(i -> sampler.next(LOGITS, 0, LOGITS.length))
                .boxed()
                .toList();
    }

    @Test
    void whatIsNoNumberIsAnError() {
        Sampler sampler = sampler(Sampling.GREEDY, 0);
        float[] infinite = {Float.NEGATIVE_INFINITY, 1};
        assertEquals(1, sampler.next(infinite, 0, 2));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            String message =
                    assertThrows(
                                    WeightsException.class,
                                    () -> sampler.next(new float[] {0, bad}, 0, 2))
                            .getMessage();
            assertTrue(message.contains("token 1 is " + bad), message);
        }
        assertThrows(WeightsException.class, () -> sampler.next(infinite, 0, 1));
    }

    @Test
    void settingsAreChecked() {
        Sampling s = Sampling.PLAIN;
        assertThrows(SpecException.class, () -> s.withTemperature(-0.1));
        assertThrows(SpecException.class, () -> s.withTemperature(Double.NaN));
        assertThrows(SpecException.class, () -> s.withTopK(-1));
        assertThrows(SpecException.class, () -> s.withTopP(0));
        assertThrows(SpecException.class, () -> s.withTopP(1.1));
        assertThrows(SpecException.class, () -> s.withMinP(-0.1));
        assertThrows(SpecException.class, () -> s.withRepetitionPenalty(0));
        assertThrows(SpecException.class, () -> s.withPresencePenalty(Double.NaN));
        assertThrows(SpecException.class, () -> s.withFrequencyPenalty(Double.POSITIVE_INFINITY));
    }
}
