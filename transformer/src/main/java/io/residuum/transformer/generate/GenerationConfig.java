package io.residuum.transformer.generate;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import io.residuum.transformer.seq2seq.Seq2Seq;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The tokens that a decoder with an encoder must or must not generate, as published models say in
 * their {@code generation_config.json}.
 *
 * @param start the first input of the decoder; empty for the tokenizer's beginning token
 * @param forcedFirst the first token of every text, such as that of a language; empty for any
 * @param forcedLast the last token of a text of the maximum length; empty for any
 * @param ends tokens that end a text; empty for the tokenizer's end token
 * @param suppressed tokens that are never generated
 */
public record GenerationConfig(
        OptionalInt start,
        OptionalInt forcedFirst,
        OptionalInt forcedLast,
        List<Integer> ends,
        List<Integer> suppressed) {

    private static final String FILE = "generation_config.json";
    private static final String START = "decoder_start_token_id";
    private static final String END = "eos_token_id";
    private static final String FIRST = "forced_bos_token_id";
    private static final String LAST = "forced_eos_token_id";
    private static final String SUPPRESSED = "suppress_tokens";
    private static final String BAD_WORDS = "bad_words_ids";

    /** The keys that a {@code config.json} adds to another file. */
    private static final List<String> COMMON = List.of(START, END, "bos_token_id", "pad_token_id");

    public GenerationConfig {
        ends = List.copyOf(ends);
        suppressed = List.copyOf(suppressed);
    }

    /**
     * {@return the tokens that a model stores}
     *
     * @param metadata the facts about the model
     * @param vocabulary its number of token ids
     */
    static GenerationConfig of(ModelMetadata metadata, long vocabulary) {
        try {
            String text = metadata.entry(ModelMetadata.GENERATION).orElse("{}");
            GenerationConfig found = of(JsonReader.parse(text, ModelMetadata.GENERATION));
            found.requireBelow(vocabulary);
            return found;
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    private void requireBelow(long vocabulary) {
        List<Integer> all = new ArrayList<>(ends);
        all.addAll(suppressed);
        List.of(start, forcedFirst, forcedLast).forEach(token -> token.ifPresent(all::add));
        for (int token : all) {
            Check.that(
                    token >= 0 && token < vocabulary,
                    "tokens of generation must be in [0, %s), got %s; correct config.json or %s",
                    vocabulary,
                    token,
                    FILE);
        }
    }

    /**
     * Adds the tokens of an encoder with a decoder to its description. Others stay unchanged.
     *
     * @param model the model
     * @param config its {@code config.json}
     * @param file the path of that file, beside which a {@code generation_config.json} counts first
     * @return the model
     */
    public static ModelDescription apply(ModelDescription model, Json.Obj config, Path file) {
        if (!(model.spec().network() instanceof Seq2Seq)) {
            return model;
        }
        Path beside = file.resolveSibling(FILE);
        Map<String, Json> found = new LinkedHashMap<>();
        try {
            Json own = Files.isRegularFile(beside) ? JsonReader.read(beside) : config;
            COMMON.forEach(key -> found.put(key, config.get(key)));
            Stream.concat(COMMON.stream(), Stream.of(FIRST, LAST, SUPPRESSED, BAD_WORDS))
                    .filter(key -> !(own.get(key) instanceof Json.Null))
                    .forEach(key -> found.put(key, own.get(key)));
        } catch (JsonException e) {
            throw new SpecException(e);
        }
        String text = Json.of(found).compact();
        ModelMetadata metadata = model.metadata().with(ModelMetadata.GENERATION, text);
        return new ModelDescription(model.spec(), metadata, model.warnings());
    }

    private static GenerationConfig of(Json json) {
        List<Integer> suppressed = new ArrayList<>(ids(json.get(SUPPRESSED)));
        for (Json word : json.get(BAD_WORDS).items()) {
            // Words of several tokens depend on the text before.
            Check.that(
                    word.items().size() == 1,
                    "bad_words_ids must have words of one token, got %s; remove others",
                    word.compact());
            suppressed.addAll(ids(word));
        }
        return new GenerationConfig(
                first(json, START, "bos_token_id", "pad_token_id"),
                first(json, FIRST),
                first(json, LAST),
                ids(json.get(END)),
                suppressed);
    }

    private static OptionalInt first(Json json, String... keys) {
        for (String key : keys) {
            List<Integer> ids = ids(json.get(key));
            if (!ids.isEmpty()) {
                return OptionalInt.of(ids.get(0));
            }
        }
        return OptionalInt.empty();
    }

    /** {@return the ids of a number or a list of numbers} */
    private static List<Integer> ids(Json value) {
        return value instanceof Json.Num
                ? List.of(value.integer(-1))
                : value.items().stream().map(item -> item.integer(-1)).toList();
    }
}
