package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.ModelMetadata;
import io.residuum.spec.SpecException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScoreRulesTest {
    private static final GenerationConfig ANY = GenerationConfig.of(ModelMetadata.EMPTY, 4);
    private static final String KEY = ModelMetadata.GENERATION;
    private static final double NO = Double.NEGATIVE_INFINITY;

    private static double[] applied(
            Search search, GenerationConfig model, List<Integer> tokens, int generated) {
        double[] scores = {-1, -2, -3, -4};
        new ScoreRules(Sampling.GREEDY, search, model, Set.of(3), 5)
                .apply(scores, tokens, generated);
        return scores;
    }

    @Test
    void sequencesOccurOnce() {
        List<Integer> tokens = List.of(0, 1, 2, 0, 1, 3, 0, 1);
        assertArrayEquals(
                new double[] {-1, -2, NO, NO},
                applied(Search.NONE.withNoRepeatNgram(3), ANY, tokens, 1));
        assertArrayEquals(
                new double[] {NO, -2, -3, -4},
                applied(Search.NONE.withNoRepeatNgram(2), ANY, List.of(1, 0, 1), 1));
        assertArrayEquals(
                new double[] {-1, NO, NO, -4},
                applied(Search.NONE.withNoRepeatNgram(1), ANY, List.of(2, 1), 1));
        // Fewer tokens than a sequence has.
        assertArrayEquals(
                new double[] {-1, -2, -3, -4},
                applied(Search.NONE.withNoRepeatNgram(3), ANY, List.of(0), 1));
    }

    @Test
    void rulesThatForbidAllTokensAreNamed() {
        Search once = Search.NONE.withNoRepeatNgram(1);
        SpecException e =
                assertThrows(SpecException.class, () -> applied(once, ANY, List.of(0, 1, 2, 3), 3));
        assertTrue(e.getMessage().contains("noRepeatNgram 1"), e.getMessage());
    }

    @Test
    void aForcedTokenBelongsToTheTokenizer() {
        GenerationConfig model =
                new GenerationConfig(
                        OptionalInt.empty(),
                        OptionalInt.of(4),
                        OptionalInt.empty(),
                        List.of(),
                        List.of());
        SpecException e =
                assertThrows(SpecException.class, () -> applied(Search.NONE, model, List.of(2), 0));
        assertTrue(e.getMessage().contains("in [0, 4), the tokenizer's, got 4"), e.getMessage());
    }

    @Test
    void aTextHasATokenBeforeItsEnd() {
        Search search = Search.NONE.withMinTokens(2);
        assertEquals(NO, applied(search, ANY, List.of(0, 0), 1)[3]);
        assertEquals(-4, applied(search, ANY, List.of(0, 0, 0), 2)[3]);
    }

    @Test
    void aModelForcesTokensAndForbidsThem() {
        GenerationConfig model =
                new GenerationConfig(
                        OptionalInt.empty(),
                        OptionalInt.of(1),
                        OptionalInt.of(2),
                        List.of(),
                        List.of(0));
        double[] first = {NO, 0, NO, NO};
        assertArrayEquals(first, applied(Search.NONE, model, List.of(2), 0));
        // Only after a single token, as in transformers.
        double[] between = {NO, -2, -3, -4};
        assertArrayEquals(between, applied(Search.NONE, model, List.of(2, 1), 0));
        assertArrayEquals(between, applied(Search.NONE, model, List.of(2, 1), 1));
        double[] last = {NO, NO, 0, NO};
        assertArrayEquals(last, applied(Search.NONE, model, List.of(2, 1, 1, 1, 1), 4));
    }

    @Test
    void aModelStoresItsTokens() {
        String json =
                "{'bos_token_id': 7, 'eos_token_id': [2, 3], 'forced_bos_token_id': 4,"
                        + " 'forced_eos_token_id': null, 'bad_words_ids': [[5]],"
                        + " 'suppress_tokens': [6]}";
        ModelMetadata metadata = ModelMetadata.EMPTY.with(KEY, json.replace('\'', '"'));
        assertEquals(
                new GenerationConfig(
                        OptionalInt.of(7),
                        OptionalInt.of(4),
                        OptionalInt.empty(),
                        List.of(2, 3),
                        List.of(6, 5)),
                GenerationConfig.of(metadata, 8));
        assertEquals(OptionalInt.empty(), ANY.start());
        assertEquals(List.of(), ANY.ends());
        requireError(metadata, "tokens of generation must be in [0, 7), got 7");
        ModelMetadata words = ModelMetadata.EMPTY.with(KEY, "{\"bad_words_ids\": [[1, 2]]}");
        requireError(words, "bad_words_ids must have words of one token, got [1,2]");
    }

    private static void requireError(ModelMetadata metadata, String message) {
        SpecException e = assertThrows(SpecException.class, () -> GenerationConfig.of(metadata, 7));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
