package io.residuum.serve;

import io.residuum.json.Json;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of one answer: whole, or in chunks of a stream.
 *
 * @param isChat true for messages, false for texts
 * @param model the name of the model
 * @param id the same for all chunks
 * @param created seconds since 1970
 * @param copies the number of texts for each prompt
 */
record Answer(boolean isChat, String model, String id, long created, int copies) {

    static Answer text(String model, int copies) {
        return new Answer(false, model, "cmpl-" + UUID.randomUUID(), now(), copies);
    }

    static Answer chat(String model, int copies) {
        return new Answer(true, model, "chatcmpl-" + UUID.randomUUID(), now(), copies);
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    /** Returns the whole answer, with the prompt at the beginning of each text. */
    Json complete(Generator.Batch batch, LogProbFields logProbs, List<Echo> prompts) {
        List<Json> choices = new ArrayList<>();
        for (Continuation text : batch.continuations()) {
            int index = choices.size();
            Echo prompt = prompts.get(index);
            Json found = logProbs.of(text, isChat, prompt.tokens());
            choices.add(
                    isChat
                            ? Json.object(
                                    "index",
                                    index,
                                    "message",
                                    Json.object("role", "assistant", "content", text.text()),
                                    "logprobs",
                                    found,
                                    "finish_reason",
                                    reason(text))
                            : choice(index, prompt.text() + text.text(), found, reason(text)));
        }
        return object(isChat ? "chat.completion" : "text_completion", choices)
                .with("usage", count(batch));
    }

    private static Json choice(
            int index, String text, @Nullable Json logProbs, @Nullable String reason) {
        return Json.object(
                "index", index, "text", text, "logprobs", logProbs, "finish_reason", reason);
    }

    private static String reason(Continuation text) {
        return text.reason() == Continuation.Reason.MAX_TOKENS ? "length" : "stop";
    }

    /** Counts a prompt once, whatever the number of its texts. */
    private Json count(Generator.Batch batch) {
        int prompt = batch.promptTokens() / copies;
        return Json.object(
                "prompt_tokens",
                prompt,
                "completion_tokens",
                batch.tokens(),
                "total_tokens",
                prompt + batch.tokens());
    }

    private Json.Obj object(String type, List<Json> choices) {
        return Json.object(
                "id", id, "object", type, "created", created, "model", model, "choices", choices);
    }

    private Json chunk(
            int index, Json delta, String text, @Nullable Json logProbs, @Nullable String reason) {
        return isChat
                ? object(
                        "chat.completion.chunk",
                        List.of(
                                Json.object(
                                        "index",
                                        index,
                                        "delta",
                                        delta,
                                        "logprobs",
                                        logProbs,
                                        "finish_reason",
                                        reason)))
                : object("text_completion", List.of(choice(index, text, logProbs, reason)));
    }

    /** Returns the first chunk of a message. */
    Json beginning(int index) {
        return chunk(index, Json.object("role", "assistant", "content", ""), "", null, null);
    }

    Json piece(Generation.Piece piece, @Nullable Json logProbs) {
        Json delta = Json.object("content", piece.text());
        return chunk(piece.index(), delta, piece.text(), logProbs, null);
    }

    /** Returns the last chunk of a text. */
    Json end(int index, Continuation text, @Nullable Json logProbs) {
        return chunk(index, Json.object(), "", logProbs, reason(text));
    }

    /** Returns the chunk with the number of tokens. */
    Json usage(Generator.Batch batch) {
        return object(isChat ? "chat.completion.chunk" : "text_completion", List.of())
                .with("usage", count(batch));
    }
}
