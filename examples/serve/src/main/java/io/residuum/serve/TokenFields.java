package io.residuum.serve;

import io.residuum.json.Json;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.TokenRules;
import io.residuum.transformer.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The fields of a request about single tokens: {@code logit_bias} of OpenAI, {@code
 * allowed_token_ids} of vLLM and {@code forced_bos_token_id} of transformers, and prompts of token
 * ids.
 */
final class TokenFields {
    private static final String BIAS = "logit_bias";
    private static final String ALLOWED = "allowed_token_ids";
    private static final String FIRST = "forced_bos_token_id";

    /** The largest logit bias of OpenAI's interface. */
    private static final double MOST_BIAS = 100;

    private TokenFields() {}

    static TokenRules rules(Fields fields, ServedModel model) {
        int vocabulary = model.tokenizer().map(Tokenizer::vocabulary).orElse(0);
        Map<Integer, Double> bias = new TreeMap<>();
        Optional<Fields> given = fields.find(BIAS).map(json -> new Fields(BIAS, json));
        if (given.isPresent()) {
            Fields by = given.get();
            for (String key : by.keys()) {
                bias.put(token(BIAS, key, vocabulary), by.number(key, 0, -MOST_BIAS, MOST_BIAS));
            }
        }
        Set<Integer> allowed = new TreeSet<>();
        Optional<Json> list = fields.find(ALLOWED);
        if (list.isPresent()) {
            list.get().items().forEach(id -> allowed.add(token(ALLOWED, id, vocabulary)));
            if (allowed.isEmpty()) {
                throw Fields.wrong(ALLOWED, "a list of one id or more", list.get());
            }
        }
        Integer first = fields.find(FIRST).map(id -> token(FIRST, id, vocabulary)).orElse(null);
        return new TokenRules(bias, allowed, first);
    }

    /** Returns the tokens of one or several prompts, each a text or a list of ids. */
    static List<int[]> prompts(Fields fields, String name, Generator generator, int vocabulary) {
        Json value = fields.required(name);
        if (!(value instanceof Json.Arr list) || list.items().isEmpty()) {
            return fields.strings(name).stream().map(generator::encode).toList();
        }
        if (list.items().get(0) instanceof Json.Num) {
            return List.of(ids(name, list, vocabulary));
        }
        if (list.items().get(0) instanceof Json.Arr) {
            return list.items().stream().map(ids -> ids(name, ids, vocabulary)).toList();
        }
        return fields.strings(name).stream().map(generator::encode).toList();
    }

    /** Returns the same prompts as texts. */
    static List<String> texts(
            Fields fields, String name, List<int[]> prompts, Tokenizer tokenizer) {
        return fields.required(name).strings().isPresent()
                        || fields.required(name) instanceof Json.Str
                ? fields.strings(name)
                : prompts.stream().map(tokenizer::decode).toList();
    }

    private static int[] ids(String name, Json list, int vocabulary) {
        if (!(list instanceof Json.Arr)) {
            throw Fields.wrong(name, "texts, or lists of token ids", list);
        }
        return list.items().stream().mapToInt(id -> token(name, id, vocabulary)).toArray();
    }

    private static int token(String field, Json id, int vocabulary) {
        return token(field, id.compact(), vocabulary);
    }

    private static int token(String field, String text, int vocabulary) {
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) >= vocabulary) {
            throw ApiException.invalid(
                    field,
                    "%s must name tokens by their ids in [0, %d), found %s",
                    field,
                    vocabulary,
                    text);
        }
        return Integer.parseInt(text);
    }
}
