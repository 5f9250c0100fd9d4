package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.json.Json;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.LogProbs;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tokens beside log-probabilities join to the text. */
class LogProbFieldsTest {
    /** As Llama 2's: decoding removes the space before the first token. */
    private static final String PIECES =
            """
            {"version": "1.0", "added_tokens": [{"id": 6, "content": "<s>", "special": true,
               "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}], "normalizer": null, "pre_tokenizer": null,
             "post_processor": null,
             "decoder": {"type": "Sequence", "decoders": [
               {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
               {"type": "ByteFallback"}, {"type": "Fuse"},
               {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
             "model": {"type": "BPE", "byte_fallback": true, "merges": [],
                       "vocab": {"▁to": 0, "▁be": 1, "ing": 2, "▁": 3, "<0xC3>": 4, "<0xA9>": 5, "<s>": 6}}}
            """;

    /** A text after the beginning token, whose place is that of the next token. */
    @Test
    void placesOfAnEchoAreThoseOfItsText() {
        try (Tokenizer tokenizer = Tokenizers.parse(PIECES)) {
            int[] prompt = {6, 0, 1, 4, 5};
            LogProbs some = new LogProbs(-1, Map.of());
            List<Generation.Token> echo =
                    LogProbFields.prompt(prompt, List.of(some, some, some, some));
            Continuation text =
                    new Continuation(
                            "ing", List.of(2), Continuation.Reason.MAX_TOKENS, List.of(some));
            LogProbFields fields = new LogProbFields(tokenizer);
            assertEquals("to be\u00E9ing", tokenizer.decode(6, 0, 1, 4, 5, 2));
            Json whole = fields.of(text, false, echo);
            assertEquals(
                    Json.of(List.of("", "to", " be", "\uFFFD", "\uFFFD", "ing")),
                    whole.get("tokens"));
            Json offsets = Json.of(List.of(0, 0, 2, 5, 5, 6));
            assertEquals(offsets, whole.get("text_offset"));
            Map<Integer, Integer> ends = new HashMap<>();
            assertEquals(
                    Json.of(List.of(0, 0, 2, 5, 5)),
                    fields.of(3, echo, false, ends).get("text_offset"));
            Generation.Token last = new Generation.Token(2, some);
            assertEquals(
                    Json.of(List.of(6)),
                    fields.of(3, List.of(last), false, ends).get("text_offset"));
        }
    }

    @Test
    void spacesBeforeTokensStay() {
        try (Tokenizer tokenizer = Tokenizers.parse(PIECES)) {
            List<Integer> tokens = List.of(0, 1, 2, 3, 4);
            LogProbs some = new LogProbs(-1, Map.of(1, -0.5));
            Continuation text =
                    new Continuation(
                            " to being \uFFFD",
                            tokens,
                            Continuation.Reason.MAX_TOKENS,
                            List.of(some, some, some, some, some));
            LogProbFields fields = new LogProbFields(tokenizer);
            Json found = fields.of(text, false, List.of());
            assertEquals(Json.of(List.of(" to", " be", "ing", " ", "\uFFFD")), found.get("tokens"));
            assertEquals(Json.of(List.of(0, 3, 6, 9, 10)), found.get("text_offset"));
            assertEquals(
                    Json.object(" be", -0.5).compact(), found.get("top_logprobs").get(0).compact());
            Json first = fields.of(text, true, List.of()).get("content").get(0);
            assertEquals(" to", first.get("token").string("?"));
            assertEquals(Json.of(List.of(32, 116, 111)), first.get("bytes"));
        }
    }
}
