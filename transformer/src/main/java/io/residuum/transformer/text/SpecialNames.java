package io.residuum.transformer.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
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

    private final JsonNode json;
    private final Map<String, Integer> ids = new HashMap<>();

    SpecialNames(JsonNode json) {
        this.json = json;
        json.path("model")
                .path("vocab")
                .properties()
                .forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
        int row = 0;
        for (JsonNode token : json.path("model").path("vocab")) {
            if (token.isArray()) { // Unigram has entries [token, score]
                ids.put(token.path(0).asText(), row++);
            }
        }
        for (JsonNode token : json.path("added_tokens")) {
            ids.put(token.path("content").asText(), token.path("id").asInt());
        }
    }

    /** Returns the highest id plus 1. */
    int vocabulary() {
        return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    }

    /** Returns the lowest id, which should be 0. */
    int least() {
        return ids.values().stream().mapToInt(Integer::intValue).min().orElse(0);
    }

    SpecialTokens find() {
        return new SpecialTokens(
                first(configured("bos_token", "cls_token"), around(0), BEGINNING),
                first(configured("eos_token", "sep_token"), around(1), END),
                first(configured("pad_token"), Optional.empty(), PADDING),
                first(configured("mask_token"), Optional.empty(), MASK),
                first(configured("unk_token"), unknown(), UNKNOWN));
    }

    /**
     * Copies the special tokens of a {@code tokenizer_config.json} into a {@code tokenizer.json}.
     */
    static void keep(JsonNode config, ObjectNode json) {
        ObjectNode names = TextFiles.JSON.createObjectNode();
        for (String key : CONFIG_KEYS) {
            JsonNode value = config.path(key);
            text(value.isObject() ? value.path("content") : value)
                    .ifPresent(name -> names.put(key, name));
        }
        if (!names.isEmpty()) {
            json.set(KEY, names);
        }
    }

    /** Stores the name of the padding token if the file has settings for padding. */
    static void keepPadding(ObjectNode json) {
        text(json.path("padding").path("pad_token"))
                .filter(name -> !json.path(KEY).has("pad_token"))
                .ifPresent(name -> json.withObject("/" + KEY).put("pad_token", name));
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
            Optional<String> name = text(json.path(KEY).path(key));
            if (name.isPresent()) {
                return name;
            }
        }
        return Optional.empty();
    }

    /** Returns the token that the post-processor adds before (0) or after (1) a text. */
    private Optional<String> around(int side) {
        JsonNode processor = json.path("post_processor");
        if (processor.path("type").asText().equals("Sequence")) {
            for (JsonNode one : processor.path("processors")) {
                Optional<String> found = around(one, side);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return around(processor, side);
    }

    private static Optional<String> around(JsonNode processor, int side) {
        JsonNode single = processor.path("single");
        if (single.size() > 1) {
            JsonNode piece = single.get(side == 0 ? 0 : single.size() - 1);
            return text(piece.path("SpecialToken").path("id"));
        }
        // BertProcessing and RobertaProcessing have [name, id]
        return text(processor.path(side == 0 ? "cls" : "sep").path(0));
    }

    private Optional<String> unknown() {
        JsonNode model = json.path("model");
        JsonNode row = model.path("vocab").path(model.path("unk_id").asInt(-1));
        return text(model.path("unk_token")).or(() -> text(row.path(0)));
    }

    private static Optional<String> text(JsonNode node) {
        return Optional.ofNullable(node.textValue());
    }
}
