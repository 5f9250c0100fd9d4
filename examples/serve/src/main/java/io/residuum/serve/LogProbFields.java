package io.residuum.serve;

import io.residuum.json.Json;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.LogProbs;
import io.residuum.transformer.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities in OpenAI's format: {@code logprobs} of completions and chats, and {@code
 * top_logprobs} of chats.
 */
final class LogProbFields {
    private static final String NAME = "logprobs";
    private static final String TOP = "top_logprobs";

    /** OpenAI's number for a log-probability that JSON cannot hold. */
    private static final double LEAST = -9999;

    /** The record of the first token of a prompt, which no model predicts. */
    private static final LogProbs UNKNOWN = new LogProbs(Double.NaN, Map.of());

    private static final int MOST = 5;
    private static final int MOST_OF_CHAT = 20;

    /** The end of a text that ends within a character. */
    private static final String INCOMPLETE = "\uFFFD";

    /** The bytes of the longest character in UTF-8. */
    private static final int MOST_BYTES = 4;

    /** The texts of tokens, where each begins in the whole text, and where the last one ends. */
    private record Places(List<String> texts, List<Integer> offsets, int end) {}

    private final Tokenizer tokenizer;

    LogProbFields(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Returns the number of most probable tokens that a request asks for; -1 for no record. */
    static int wanted(Fields fields, boolean isChat) {
        if (isChat) {
            boolean records = fields.bool(NAME);
            int top = (int) fields.integer(TOP, 0, 0, MOST_OF_CHAT);
            if (top > 0 && !records) {
                throw ApiException.invalid(TOP, "%s needs logprobs true, found false", TOP);
            }
            return records ? top : -1;
        }
        if (fields.find(NAME).filter(Json.Bool.class::isInstance).isPresent()) {
            fields.only(NAME, false);
            return -1;
        }
        return (int) fields.integer(NAME, -1, 0, MOST);
    }

    /**
     * Returns the tokens of a prompt. The first has no log-probability, as in OpenAI's interface.
     *
     * @param others the log-probabilities of the tokens after the first
     */
    static List<Generation.Token> prompt(int[] tokens, List<LogProbs> others) {
        return IntStream.range(0, tokens.length)
                .mapToObj(
                        i -> new Generation.Token(tokens[i], i == 0 ? UNKNOWN : others.get(i - 1)))
                .toList();
    }

    /**
     * Returns the member {@code logprobs} of a choice; null without a record.
     *
     * @param prompt the tokens before the text that the choice repeats
     */
    @Nullable Json of(Continuation text, boolean isChat, List<Generation.Token> prompt) {
        List<Generation.Token> tokens = new ArrayList<>(prompt);
        // An end token is no part of a text.
        boolean ended = text.reason() == Continuation.Reason.END_TOKEN;
        for (int i = 0; i < text.logProbs().size() - (ended ? 1 : 0); i++) {
            tokens.add(new Generation.Token(text.tokens().get(i), text.logProbs().get(i)));
        }
        return text.logProbs().isEmpty()
                ? null
                : isChat ? chat(tokens) : completion(tokens, places(tokens, 0));
    }

    /**
     * Returns the member {@code logprobs} of a chunk; null without tokens.
     *
     * @param offsets the length of the tokens before by index of the text, to which these are added
     */
    @Nullable Json of(
            int index,
            List<Generation.Token> tokens,
            boolean isChat,
            Map<Integer, Integer> offsets) {
        if (tokens.isEmpty()) {
            return null;
        }
        if (isChat) {
            return chat(tokens);
        }
        Places places = places(tokens, offsets.getOrDefault(index, 0));
        offsets.put(index, places.end);
        return completion(tokens, places);
    }

    private Json chat(List<Generation.Token> tokens) {
        List<Json> content = new ArrayList<>();
        for (Generation.Token token : tokens) {
            List<Json> top = new ArrayList<>();
            token.logProbs().top().forEach((id, value) -> top.add(token(id, value)));
            content.add(token(token.id(), token.logProbs().chosen()).with(TOP, top));
        }
        return Json.object("content", content);
    }

    /** Returns the text of a token inside a text. At its start many tokenizers drop the space. */
    private String text(int token) {
        return tokenizer.decode(token, token).substring(tokenizer.decode(token).length());
    }

    /**
     * Returns the texts of tokens and their places. Special tokens have no text, and tokens with
     * parts of a character have the place of the character.
     */
    private Places places(List<Generation.Token> tokens, int start) {
        int[] ids = tokens.stream().mapToInt(Generation.Token::id).toArray();
        boolean atStart = !tokens.isEmpty() && tokens.get(0).logProbs() == UNKNOWN;
        List<String> texts = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        int offset = start;
        int from = 0;
        for (int i = 0; i < ids.length; i++) {
            texts.add(atStart ? tokenizer.decode(ids[i]) : text(ids[i]));
            int size = i + 1 - from;
            String whole =
                    size == 1
                            ? texts.get(i)
                            : tokenizer.decode(Arrays.copyOfRange(ids, from, i + 1));
            if (!whole.endsWith(INCOMPLETE) || size == MOST_BYTES || i + 1 == ids.length) {
                boolean separate = whole.length() == size;
                for (int j = 0; j < size; j++) {
                    offsets.add(separate ? offset + j : offset);
                }
                offset += whole.length();
                atStart &= whole.isEmpty();
                from = i + 1;
            }
        }
        return new Places(texts, offsets, offset);
    }

    private Json.Obj token(int token, double value) {
        String text = text(token);
        List<Integer> bytes = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(Byte.toUnsignedInt(b));
        }
        return Json.object("token", text, "logprob", number(value), "bytes", bytes);
    }

    private Json completion(List<Generation.Token> chosen, Places places) {
        List<Json> values = new ArrayList<>();
        List<Json> tops = new ArrayList<>();
        for (Generation.Token found : chosen) {
            boolean known = found.logProbs() != UNKNOWN;
            values.add(Json.of(known ? number(found.logProbs().chosen()) : null));
            Map<String, Double> top = new LinkedHashMap<>();
            // Several tokens may have one text: the most probable counts.
            found.logProbs().top().forEach((id, value) -> top.putIfAbsent(text(id), number(value)));
            tops.add(Json.of(known ? top : null));
        }
        return Json.object(
                "tokens",
                places.texts,
                "token_logprobs",
                values,
                TOP,
                tops,
                "text_offset",
                places.offsets);
    }

    private static double number(double value) {
        return Math.max(LEAST, value);
    }
}
