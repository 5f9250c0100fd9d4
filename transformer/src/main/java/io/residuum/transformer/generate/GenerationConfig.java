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
import java.util.List;
import java.util.OptionalInt;

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

    /** No such tokens. */
    public static final GenerationConfig NONE =
            new GenerationConfig(
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    List.of(),
                    List.of());

    private static final String METADATA = ModelMetadata.GENERATION;
    private static final String FILE = "generation_config.json";
    private static final String START = "decoder_start_token_id";
    private static final String END = "eos_token_id";

    public GenerationConfig {
        ends = List.copyOf(ends);
        suppressed = List.copyOf(suppressed);
    }

    /** {@return the tokens that a model stores} */
    static GenerationConfig of(ModelMetadata metadata) {
        return metadata.entry(METADATA).map(text -> of(parse(text))).orElse(NONE);
    }

    private static Json parse(String text) {
        try {
            return JsonReader.parse(text, METADATA);
        } catch (JsonException e) {
            throw new SpecException(e);
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
        if (!(model.spec().network() instanceof Seq2Seq network)) {
            return model;
        }
        Path beside = file.resolveSibling(FILE);
        Json.Obj own = config;
        if (Files.isRegularFile(beside)) {
            try {
                own = JsonReader.read(beside) instanceof Json.Obj object ? object : config;
            } catch (JsonException e) {
                throw new SpecException(e);
            }
        }
        for (String key : List.of(START, END, "bos_token_id", "pad_token_id")) {
            own = own.get(key) instanceof Json.Null ? own.with(key, config.get(key)) : own;
        }
        int vocabulary = network.decoder().embedding().vocabulary();
        GenerationConfig found = of(own);
        found.tokens()
                .forEach(
                        token ->
                                Check.that(
                                        token >= 0 && token < vocabulary,
                                        "tokens of generation must be in [0, %s), got %s; correct"
                                                + " %s or %s",
                                        vocabulary,
                                        token,
                                        file,
                                        FILE));
        ModelMetadata metadata = model.metadata().with(METADATA, own.compact());
        return new ModelDescription(model.spec(), metadata, model.warnings());
    }

    private List<Integer> tokens() {
        List<Integer> all = new ArrayList<>(ends);
        all.addAll(suppressed);
        List.of(start, forcedFirst, forcedLast).forEach(t -> t.ifPresent(all::add));
        return all;
    }

    private static GenerationConfig of(Json json) {
        List<Integer> suppressed = new ArrayList<>(ids(json.get("suppress_tokens")));
        for (Json word : json.get("bad_words_ids").items()) {
            // Words of several tokens depend on the text before.
            Check.that(
                    word.items().size() == 1,
                    "bad_words_ids must have words of one token, got %s; remove others",
                    word.compact());
            suppressed.addAll(ids(word));
        }
        return new GenerationConfig(
                first(json, START, "bos_token_id", "pad_token_id"),
                first(json, "forced_bos_token_id"),
                first(json, "forced_eos_token_id"),
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
