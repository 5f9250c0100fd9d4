package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.ModelMetadata;
import io.residuum.spec.SpecException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreRulesTest {
    private static final ModelRules ANY = GenerationConfig.of(ModelMetadata.EMPTY, 4).rules();
    private static final String KEY = ModelMetadata.GENERATION;
    private static final double NO = Double.NEGATIVE_INFINITY;

    private static double[] applied(
            Search search, ModelRules model, List<Integer> tokens, int generated) {
        return applied(Sampling.GREEDY, search, model, tokens, generated);
    }

    private static double[] applied(
            Sampling sampling,
            Search search,
            ModelRules model,
            List<Integer> tokens,
            int generated) {
        double[] scores = {-1, -2, -3, -4};
        new ScoreRules(sampling, search, model, Set.of(3), 5)
                .apply(scores, tokens, generated, tokens);
        return scores;
    }

    /** The rules of a generation_config.json with 8 tokens. */
    private static ModelRules rules(String json) {
        return GenerationConfig.of(stored(json), 8).rules();
    }

    private static ModelMetadata stored(String json) {
        return ModelMetadata.EMPTY.with(KEY, json.replace('\'', '"'));
    }

    /**
     * Numbers of RepetitionPenaltyLogitsProcessor of transformers 5.18.0: {@code
     * RepetitionPenaltyLogitsProcessor(1.3)(torch.tensor([[0, 1, 1, 2, 5, 0]]), torch.tensor([[2.5,
     * -1.25, 0., 3., -0.5, 1.]]))}, and the same with 0.8. OpenAI's API subtracts {@code c *
     * frequency + (c > 0) * presence} for the c times that the text has a token.
     */
    @Test
    void penaltiesChangeLogitsAsInTransformersAndOpenAi() {
        Sampling repetition = Sampling.GREEDY.withRepetitionPenalty(1.3);
        double[] high = {1.9231, -1.6250, 0, 3, -0.5, 0.7692};
        assertArrayEquals(high, penalized(repetition, 0), 1e-4);
        double[] low = {3.125, -1, 0, 3, -0.5, 1.25};
        assertArrayEquals(low, penalized(repetition.withRepetitionPenalty(0.8), 0), 1e-4);
        Sampling openAi = Sampling.GREEDY.withPresencePenalty(0.5).withFrequencyPenalty(0.25);
        // Only the last three tokens are generated.
        double[] both = {1.75, -1.25, -0.75, 3, -0.5, 0.25};
        assertArrayEquals(both, penalized(openAi, 3), 1e-12);
    }

    private static double[] penalized(Sampling sampling, int generated) {
        double[] scores = {2.5, -1.25, 0, 3, -0.5, 1};
        List<Integer> tokens = List.of(0, 1, 1, 2, 5, 0);
        new ScoreRules(sampling, Search.NONE, ANY, Set.of(), 9)
                .apply(scores, tokens, generated, tokens);
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
        ModelRules model = rules("{'forced_bos_token_id': 4}");
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
        ModelRules model =
                rules(
                        "{'forced_bos_token_id': 1, 'forced_eos_token_id': 2,"
                                + " 'suppress_tokens': [0]}");
        double[] first = {NO, 0, NO, NO};
        assertArrayEquals(first, applied(Search.NONE, model, List.of(2), 0));
        // Only after a single token, as in transformers.
        double[] between = {NO, -2, -3, -4};
        assertArrayEquals(between, applied(Search.NONE, model, List.of(2, 1), 0));
        assertArrayEquals(between, applied(Search.NONE, model, List.of(2, 1), 1));
        double[] last = {NO, NO, 0, NO};
        assertArrayEquals(last, applied(Search.NONE, model, List.of(2, 1, 1, 1, 1), 4));
    }

    /** A language of one's own, in place of the model's. */
    @Test
    void anOptionForcesTheFirstToken() {
        Sampling sampling = Sampling.GREEDY.withTokens(new TokenRules(Map.of(), Set.of(), 2));
        ModelRules model = rules("{'forced_bos_token_id': 1, 'begin_suppress_tokens': [0]}");
        double[] second = {NO, NO, 0, NO};
        assertArrayEquals(second, applied(sampling, Search.NONE, model, List.of(3), 0));
        assertArrayEquals(second, applied(sampling, Search.NONE, model, List.of(3, 3), 0));
        // The token after the forced one begins the text.
        double[] begun = {NO, -2, -3, -4};
        assertArrayEquals(begun, applied(sampling, Search.NONE, model, List.of(3, 2), 1));
        double[] later = {-1, -2, -3, -4};
        assertArrayEquals(later, applied(sampling, Search.NONE, model, List.of(3, 2, 1), 2));
        TokenRules outside = new TokenRules(Map.of(), Set.of(), 4);
        SpecException e = assertThrows(SpecException.class, () -> outside.requireIn(4));
        assertTrue(e.getMessage().contains("in [0, 4), got 4"), e.getMessage());
    }

    /** A forbidden end token stays forbidden, where transformers gets NaN. */
    @Test
    void endsBecomeMoreProbable() {
        ModelRules model = rules("{'exponential_decay_length_penalty': [1, 1.5]}");
        assertEquals(-4, applied(Search.NONE, model, List.of(0, 0), 1)[3]);
        assertEquals(-4 + 4 * 0.5, applied(Search.NONE, model, List.of(0, 0, 0), 2)[3]);
        assertEquals(-4 + 4 * 1.25, applied(Search.NONE, model, List.of(0, 0, 0, 0), 3)[3]);
        Search longer = Search.NONE.withMinTokens(4);
        assertEquals(NO, applied(longer, model, List.of(0, 0, 0, 0), 3)[3]);
    }

    @Test
    void aModelStoresItsSettings() {
        ModelMetadata metadata =
                stored(
                        "{'bos_token_id': 7, 'eos_token_id': [2, 3, 9], 'forced_bos_token_id': 4,"
                                + " 'forced_eos_token_id': null,"
                                + " 'bad_words_ids': [[5], [2], [1, 2]], 'suppress_tokens': [6],"
                                + " 'sequence_bias': [[[1], 2.5]], 'num_beams': 4,"
                                + " 'guidance_scale': 1.0, 'renormalize_logits': false,"
                                + " 'force_words_ids': []}");
        GenerationConfig found = GenerationConfig.of(metadata, 8);
        assertEquals(OptionalInt.of(7), found.start());
        assertEquals(Set.of(2, 3), found.ends());
        assertEquals(Map.of("num_beams", "4"), found.suggestions());
        assertEquals(
                new ModelRules(
                        OptionalInt.of(4),
                        List.of(),
                        List.of(6),
                        List.of(),
                        Map.of(List.of(1), 2.5, List.of(5), NO, List.of(1, 2), NO),
                        0,
                        0,
                        1),
                found.rules());
        GenerationConfig none = GenerationConfig.of(ModelMetadata.EMPTY, 8);
        assertEquals(OptionalInt.empty(), none.start());
        assertEquals(Set.of(), none.ends());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'bos_token_id': 8; tokens of decoder_start_token_id must be in [0, 8), got 8",
                "'suppress_tokens': [-1]; tokens of suppress_tokens must be in [0, 8), got -1",
                "'suppress_tokens': ['a']; suppress_tokens must have whole numbers as token ids",
                "'eos_token_id': '2'; eos_token_id must be a list, got \"2\"",
                "'eos_token_id': [2.5]; eos_token_id must have whole numbers as token ids, got 2.5",
                "'bad_words_ids': {'a': 1}; bad_words_ids must be a list",
                "'sequence_bias': {'1': 2}; sequence_bias must be a list",
                "'encoder_no_repeat_ngram_size': 'x'; must have a whole number of 0 or more",
                "'bad_words_ids': [[]]; bad_words_ids must list words of one token id or more",
                "'sequence_bias': [[[1], 'x']]; sequence_bias must have a number, got \"x\"",
                "'exponential_decay_length_penalty': 2; must be [start, factor], got 2",
                "'guidance_scale': 1.5; guidance_scale must be absent",
                "'force_words_ids': [[1]]; force_words_ids must be absent",
                "'renormalize_logits': true; renormalize_logits must be absent"
            })
    void refusesByName(String setting, String message) {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> GenerationConfig.of(stored("{" + setting + "}"), 8));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
