package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonText;
import io.residuum.transformer.text.library.NativeTokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Finds the special tokens of a {@code tokenizer.json}. A {@code tokenizer_config.json} in the same
 * folder has precedence, then the model and the post-processor, then common names.
 */
final class SpecialNames {

    /** The key of names from other files, in a {@code tokenizer.json} written by this project. */
    static final String KEY = "special_tokens";

    private static final List<String> BEGINNING =
            List.of(
                    "<s>",
                    "<|begin_of_text|>",
                    "<bos>",
                    "[BOS]",
                    "<|startoftext|>",
                    "[CLS]",
                    "<|endoftext|>");
    private static final List<String> END =
            List.of(
                    "</s>",
                    "<|end_of_text|>",
                    "<eos>",
                    "[EOS]",
                    "<|endoftext|>",
                    "<|eot_id|>",
                    "<|im_end|>",
                    "[SEP]");
    private static final List<String> PADDING =
            List.of("[PAD]", "<pad>", "<|pad|>", "<|padding|>", "<|finetune_right_pad_id|>");
    private static final List<String> MASK = List.of("[MASK]", "<mask>");
    private static final List<String> UNKNOWN = List.of("[UNK]", "<unk>");

    /**
     * The keys of a {@code tokenizer_config.json}. If two have the same purpose, the first has
     * precedence.
     */
    private static final List<String> CONFIG_KEYS =
            List.of(
                    "bos_token",
                    "cls_token",
                    "eos_token",
                    "sep_token",
                    "pad_token",
                    "mask_token",
                    "unk_token");

    private final Json json;
    private final Map<String, Integer> ids = new HashMap<>();

    /**
     * Reads the vocabulary.
     *
     * @param json a {@code tokenizer.json}
     * @param source its name, for errors
     * @throws DataException if there is no vocabulary, or an id is not a number in range
     */
    SpecialNames(Json json, String source) {
        this.json = json;
        JsonPath root = JsonPath.root(source);
        JsonPath place = root.key("model").key("vocab");
        Json vocabulary = json.get("model").get("vocab");
        vocabulary.members().forEach((token, id) -> ids.put(token, id(id, place.key(token))));
        int row = 0;
        for (Json token : vocabulary.items()) { // Unigram: [token, score]
            ids.put(token.get(0).string(""), row++);
        }
        row = 0;
        for (Json token : json.get("added_tokens").items()) {
            JsonPath at = root.key("added_tokens").index(row++).key("id");
            ids.put(token.get("content").string(""), id(token.get("id"), at));
        }
        if (ids.isEmpty()) {
            throw invalid(place, vocabulary, "must have at least one token");
        }
    }

    private static int id(Json id, JsonPath place) {
        int value = id.integer(-1);
        if (value < 0 || value > NativeTokenizer.MAX_ID) {
            throw invalid(
                    place,
                    id,
                    "an id must be a whole number in [0, "
                            + NativeTokenizer.MAX_ID
                            + "], found "
                            + JsonText.oneLine(id.compact()));
        }
        return value;
    }

    private static DataException invalid(JsonPath place, Json value, String problem) {
        JsonException located = place.error(value.line(), problem);
        return new DataException(String.valueOf(located.getMessage()), located);
    }

    /** Returns the highest id plus 1. */
    int vocabulary() {
        return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    }

    SpecialTokens find() {
        return new SpecialTokens(
                first(configured("bos_token", "cls_token"), around(0), BEGINNING),
                first(configured("eos_token", "sep_token"), around(1), END),
                first(configured("pad_token"), Optional.empty(), PADDING),
                first(configured("mask_token"), Optional.empty(), MASK),
                first(configured("unk_token"), unknown(), UNKNOWN));
    }

    /** Adds the names of a {@code tokenizer_config.json} to a {@code tokenizer.json}. */
    static Json.Obj keep(Json config, Json.Obj json) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String key : CONFIG_KEYS) {
            Json value = config.get(key);
            text(value instanceof Json.Obj ? value.get("content") : value)
                    .ifPresent(name -> names.put(key, name));
        }
        return names.isEmpty() ? json : json.with(KEY, names);
    }

    /** Adds the name of the padding token, where the file says how it pads. */
    static Json.Obj keepPadding(Json.Obj json) {
        Map<String, Object> names = new LinkedHashMap<>(json.get(KEY).members());
        text(json.get("padding").get("pad_token"))
                .ifPresent(name -> names.putIfAbsent("pad_token", name));
        return names.isEmpty() ? json : json.with(KEY, names);
    }

    private OptionalInt first(
            Optional<String> configured, Optional<String> own, List<String> usual) {
        List<String> names = new ArrayList<>();
        configured.ifPresent(names::add);
        own.ifPresent(names::add);
        names.addAll(usual);
        return names.stream().filter(ids::containsKey).mapToInt(ids::get).findFirst();
    }

    private Optional<String> configured(String... keys) {
        for (String key : keys) {
            Optional<String> name = text(json.get(KEY).get(key));
            if (name.isPresent()) {
                return name;
            }
        }
        return Optional.empty();
    }

    /** Returns the token that the post-processor adds before (0) or after (1) a text. */
    private Optional<String> around(int side) {
        Json processor = json.get("post_processor");
        if (processor.get("type").string("").equals("Sequence")) {
            for (Json one : processor.get("processors").items()) {
                Optional<String> found = around(one, side);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return around(processor, side);
    }

    private static Optional<String> around(Json processor, int side) {
        Json single = processor.get("single");
        int pieces = single.items().size();
        if (pieces > 1) {
            Json piece = single.get(side == 0 ? 0 : pieces - 1);
            return text(piece.get("SpecialToken").get("id"));
        }
        // BertProcessing and RobertaProcessing: [name, id]
        return text(processor.get(side == 0 ? "cls" : "sep").get(0));
    }

    private Optional<String> unknown() {
        Json model = json.get("model");
        Json row = model.get("vocab").get(model.get("unk_id").integer(-1));
        return text(model.get("unk_token")).or(() -> text(row.get(0)));
    }

    private static Optional<String> text(Json node) {
        return node instanceof Json.Str text ? Optional.of(text.value()) : Optional.empty();
    }
}
