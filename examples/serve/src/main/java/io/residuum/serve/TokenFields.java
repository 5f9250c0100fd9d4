package io.residuum.serve;

import io.residuum.json.Json;
import io.residuum.transformer.generate.TokenRules;
import io.residuum.transformer.text.Tokenizer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The fields of a request about single tokens: {@code logit_bias} of OpenAI, and {@code
 * allowed_token_ids} of vLLM.
 */
final class TokenFields {
    private static final String BIAS = "logit_bias";
    private static final String ALLOWED = "allowed_token_ids";

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
            list.get().items().forEach(id -> allowed.add(token(ALLOWED, id.compact(), vocabulary)));
            if (allowed.isEmpty()) {
                throw Fields.wrong(ALLOWED, "a list of one id or more", list.get());
            }
        }
        return new TokenRules(bias, allowed);
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
