package io.residuum.transformer.generate;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The settings of generation that a published model stores in its {@code generation_config.json}.
 *
 * @param start the first input of a decoder with an encoder, or of an empty prompt; empty for the
 *     tokenizer's beginning token
 * @param ends tokens that end a text; empty for the tokenizer's end token
 * @param rules the rules that change scores of tokens
 * @param suggestions the settings that users choose by options, such as {@code num_beams}: value by
 *     key
 */
record GenerationConfig(
        OptionalInt start, Set<Integer> ends, ModelRules rules, Map<String, String> suggestions) {

    static final String START = "decoder_start_token_id";
    static final String END = "eos_token_id";
    static final String BEGINNING = "bos_token_id";
    static final String PADDING = "pad_token_id";
    private static final String FIRST = "forced_bos_token_id";
    private static final String LAST = "forced_eos_token_id";
    private static final String SUPPRESSED = "suppress_tokens";
    private static final String SUPPRESSED_FIRST = "begin_suppress_tokens";
    private static final String BAD_WORDS = "bad_words_ids";
    private static final String BIAS = "sequence_bias";
    private static final String DECAY = "exponential_decay_length_penalty";
    private static final String SOURCE_NGRAM = "encoder_no_repeat_ngram_size";

    private static final List<String> READ =
            List.of(
                    FIRST,
                    LAST,
                    SUPPRESSED,
                    SUPPRESSED_FIRST,
                    BAD_WORDS,
                    BIAS,
                    DECAY,
                    SOURCE_NGRAM);

    /** Settings that change texts and have no counterpart here, unless they are neutral. */
    private static final List<String> REFUSED =
            List.of(
                    """
                    constraints diversity_penalty dola_layers encoder_repetition_penalty
                    force_words_ids forced_decoder_ids guidance_scale num_beam_groups
                    penalty_alpha renormalize_logits token_healing watermarking_config
                    """
                            .split("\\s+"));

    private static final Set<String> NEUTRAL =
            Set.of("null", "false", "[]", "0", "0.0", "1", "1.0");

    /** Settings that users choose. */
    private static final List<String> CHOSEN =
            List.of(
                    """
                    do_sample early_stopping epsilon_cutoff eta_cutoff length_penalty max_length
                    max_new_tokens min_length min_new_tokens min_p no_repeat_ngram_size
                    num_beams repetition_penalty stop_strings temperature top_h top_k top_p
                    typical_p
                    """
                            .split("\\s+"));

    /** The keys that change texts, except tokens that {@code config.json} gives too. */
    static final List<String> KEYS =
            Stream.of(READ, REFUSED, CHOSEN).flatMap(List::stream).toList();

    GenerationConfig {
        ends = Set.copyOf(ends);
        suggestions = Collections.unmodifiableMap(new TreeMap<>(suggestions));
    }

    /**
     * {@return the settings that a model stores}
     *
     * @param metadata the facts about the model
     * @param vocabulary its number of token ids
     * @throws SpecException if a setting is invalid or not supported
     */
    static GenerationConfig of(ModelMetadata metadata, long vocabulary) {
        try {
            String text = metadata.entry(ModelMetadata.GENERATION).orElse("{}");
            Json json = JsonReader.parse(text, ModelMetadata.GENERATION);
            REFUSED.forEach(key -> requireNeutral(key, json.get(key)));
            // A model has no logit for an id outside its vocabulary, so that no text ends by it.
            List<Integer> ends =
                    ids(json, END).stream().filter(id -> id >= 0 && id < vocabulary).toList();
            OptionalInt start = first(json, START, BEGINNING, PADDING);
            start.ifPresent(id -> requireBelow(vocabulary, START, List.of(id)));
            return new GenerationConfig(
                    start, Set.copyOf(ends), rules(json, ends, vocabulary), suggestions(json));
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    private static ModelRules rules(Json json, List<Integer> ends, long vocabulary) {
        for (String key : List.of(FIRST, LAST, SUPPRESSED, SUPPRESSED_FIRST)) {
            requireBelow(vocabulary, key, ids(json, key));
        }
        Map<List<Integer>, Double> biases = new LinkedHashMap<>();
        for (Json pair : items(BIAS, json.get(BIAS))) {
            biases.put(word(BIAS, pair.get(0), vocabulary), number(BIAS, pair.get(1)));
        }
        for (Json item : items(BAD_WORDS, json.get(BAD_WORDS))) {
            List<Integer> word = word(BAD_WORDS, item, vocabulary);
            // An end token is no word, as in transformers.
            if (word.size() > 1 || !ends.contains(word.get(0))) {
                biases.put(word, Double.NEGATIVE_INFINITY);
            }
        }
        Json decay = json.get(DECAY);
        boolean decays = decay.items().size() == 2;
        Check.that(
                decays || decay instanceof Json.Null,
                "%s must be [start, factor], got %s; correct %s",
                DECAY,
                decay.compact(),
                GenerationFile.NAME);
        return new ModelRules(
                first(json, FIRST),
                ids(json, LAST),
                ids(json, SUPPRESSED),
                ids(json, SUPPRESSED_FIRST),
                biases,
                whole(SOURCE_NGRAM, json.get(SOURCE_NGRAM)),
                decays ? whole(DECAY, decay.get(0)) : 0,
                decays ? number(DECAY, decay.get(1)) : 1);
    }

    private static List<Integer> word(String key, Json ids, long vocabulary) {
        List<Integer> word = items(key, ids).stream().map(id -> id(key, id)).toList();
        Check.that(
                !word.isEmpty(),
                "%s must list words of one token id or more, got %s; correct %s",
                key,
                ids.compact(),
                GenerationFile.NAME);
        requireBelow(vocabulary, key, word);
        return word;
    }

    private static void requireBelow(long vocabulary, String key, List<Integer> tokens) {
        for (int token : tokens) {
            Check.that(
                    token >= 0 && token < vocabulary,
                    "tokens of %s must be in [0, %s), got %s; correct config.json or %s",
                    key,
                    vocabulary,
                    token,
                    GenerationFile.NAME);
        }
    }

    private static void requireNeutral(String key, Json value) {
        Check.that(
                isNeutral(value),
                "%s must be absent, because this kind of generation is not supported, got %s;"
                        + " remove it from %s",
                key,
                value.compact(),
                GenerationFile.NAME);
    }

    /** {@return true if a setting has no effect} */
    private static boolean isNeutral(Json value) {
        return NEUTRAL.contains(value.compact());
    }

    private static Map<String, String> suggestions(Json json) {
        Map<String, String> found = new TreeMap<>();
        for (String key : CHOSEN) {
            if (!isNeutral(json.get(key))) {
                found.put(key, json.get(key).compact());
            }
        }
        return found;
    }

    private static OptionalInt first(Json json, String... keys) {
        for (String key : keys) {
            List<Integer> ids = ids(json, key);
            if (!ids.isEmpty()) {
                return OptionalInt.of(ids.get(0));
            }
        }
        return OptionalInt.empty();
    }

    /** {@return the ids of a number or a list of numbers} */
    private static List<Integer> ids(Json json, String key) {
        Json value = json.get(key);
        List<Json> items =
                value instanceof Json.Num || value instanceof Json.Null
                        ? List.of(value)
                        : items(key, value);
        List<Integer> ids = new ArrayList<>();
        for (Json item : items) {
            if (!(item instanceof Json.Null)) {
                ids.add(id(key, item));
            }
        }
        return ids;
    }

    private static int whole(String key, Json value) {
        int number = value instanceof Json.Null ? 0 : value.integer(-1);
        Check.that(
                number >= 0,
                "%s must have a whole number of 0 or more, got %s; correct %s",
                key,
                value.compact(),
                GenerationFile.NAME);
        return number;
    }

    private static int id(String key, Json value) {
        int id = value.integer(Integer.MIN_VALUE);
        Check.that(
                id != Integer.MIN_VALUE,
                "%s must have whole numbers as token ids, got %s; correct %s",
                key,
                value.compact(),
                GenerationFile.NAME);
        return id;
    }

    private static List<Json> items(String key, Json value) {
        Check.that(
                value instanceof Json.Arr || value instanceof Json.Null,
                "%s must be a list, got %s; correct %s",
                key,
                value.compact(),
                GenerationFile.NAME);
        return value.items();
    }

    private static double number(String key, Json value) {
        Check.that(
                value instanceof Json.Num,
                "%s must have a number, got %s; correct %s",
                key,
                value.compact(),
                GenerationFile.NAME);
        return Double.parseDouble(((Json.Num) value).text());
    }
}
