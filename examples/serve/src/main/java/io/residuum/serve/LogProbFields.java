package io.residuum.serve;

import io.residuum.json.Json;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.LogProbs;
import io.residuum.transformer.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities in OpenAI's format: {@code logprobs} of completions and chats, and {@code
 * top_logprobs} of chats.
 */
record LogProbFields(Tokenizer tokenizer) {
    private static final String NAME = "logprobs";
    private static final String TOP = "top_logprobs";

    /** OpenAI's number for a log-probability that JSON cannot hold. */
    private static final double LEAST = -9999;

    private static final int MOST = 5;
    private static final int MOST_OF_CHAT = 20;

    /** Returns the number of most probable tokens that a request asks for; -1 for no record. */
    static int wanted(Fields fields, boolean isChat, boolean streams) {
        int wanted;
        if (isChat) {
            boolean records = fields.bool(NAME);
            int top = (int) fields.integer(TOP, 0, 0, MOST_OF_CHAT);
            if (top > 0 && !records) {
                throw ApiException.invalid(TOP, "%s needs logprobs true, found false", TOP);
            }
            wanted = records ? top : -1;
        } else {
            boolean none = fields.find(NAME).filter(Json.Bool.class::isInstance).isPresent();
            if (none) {
                fields.only(NAME, false);
            }
            wanted = none ? -1 : (int) fields.integer(NAME, -1, 0, MOST);
        }
        if (streams && wanted >= 0) {
            throw ApiException.invalid(
                    NAME, "logprobs need stream false, found true: a stream holds texts only");
        }
        return wanted;
    }

    /** Returns the member {@code logprobs} of a choice; null without a record. */
    @Nullable Json of(Continuation text, boolean isChat) {
        if (text.logProbs().isEmpty()) {
            return null;
        }
        return isChat ? chat(text) : completion(text);
    }

    /** An end token is no part of a text. */
    private static int length(Continuation text) {
        boolean ended = text.reason() == Continuation.Reason.END_TOKEN;
        return text.tokens().size() - (ended ? 1 : 0);
    }

    private Json chat(Continuation text) {
        List<Json> content = new ArrayList<>();
        for (int i = 0; i < length(text); i++) {
            LogProbs found = text.logProbs().get(i);
            List<Json> top = new ArrayList<>();
            found.top().forEach((token, value) -> top.add(token(token, value)));
            content.add(token(text.tokens().get(i), found.chosen()).with(TOP, top));
        }
        return Json.object("content", content);
    }

    /** Returns the text of a token inside a text. At its start many tokenizers drop the space. */
    private String text(int token) {
        return tokenizer.decode(token, token).substring(tokenizer.decode(token).length());
    }

    private Json.Obj token(int token, double value) {
        String text = text(token);
        List<Integer> bytes = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(Byte.toUnsignedInt(b));
        }
        return Json.object("token", text, "logprob", number(value), "bytes", bytes);
    }

    private Json completion(Continuation text) {
        List<String> tokens = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        List<Map<String, Double>> tops = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        int offset = 0;
        for (int i = 0; i < length(text); i++) {
            LogProbs found = text.logProbs().get(i);
            String token = text(text.tokens().get(i));
            tokens.add(token);
            values.add(number(found.chosen()));
            Map<String, Double> top = new LinkedHashMap<>();
            // Several tokens may have one text: the most probable counts.
            found.top().forEach((t, value) -> top.putIfAbsent(text(t), number(value)));
            tops.add(top);
            offsets.add(offset);
            offset += token.length();
        }
        return Json.object(
                "tokens", tokens, "token_logprobs", values, TOP, tops, "text_offset", offsets);
    }

    private static double number(double value) {
        return Math.max(LEAST, value);
    }
}
