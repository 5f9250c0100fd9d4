package io.residuum.transformer.text.library;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Converts the tokenizer in the metadata of a GGUF file to a {@code tokenizer.json}: byte-level BPE
 * ({@code gpt2}), and the byte-pair encoding of SentencePiece ({@code llama}), whose scores become
 * the order of merges.
 */
public final class GgufTokenizer {
    private static final String KEYS = "tokenizer.ggml.";
    private static final String SPACE = "\u2581";
    private static final int MAX_TOKEN = 1024;
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private static final String LLAMA3 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
                    + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final String QWEN2 = LLAMA3.replace("{1,3}", "");

    /** The values of {@code tokenizer.ggml.pre} by the way to split text into words. */
    private static final Set<String> LIKE_LLAMA3 =
            Set.of("llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral");

    private static final Set<String> LIKE_QWEN2 = Set.of("qwen2", "deepseek-r1-qwen");
    private static final Set<String> LIKE_GPT2 = Set.of("gpt-2", "phi-2", "mpt", "olmo", "jais");
    private static final Set<String> SINGLE_DIGITS =
            Set.of("smollm", "starcoder", "refact", "command-r", "codeshell");

    /** The special tokens by the key in GGUF and that of a {@code tokenizer_config.json}. */
    private static final Map<String, String> SPECIAL =
            Map.of(
                    "bos_token_id", "bos_token",
                    "eos_token_id", "eos_token",
                    "padding_token_id", "pad_token",
                    "unknown_token_id", "unk_token",
                    "mask_token_id", "mask_token");

    private final Json metadata;
    private final String source;
    private final List<String> tokens;
    private final int[] types;
    private final Map<String, Integer> ids = new LinkedHashMap<>();

    private GgufTokenizer(Json metadata, String source) {
        this.metadata = metadata;
        this.source = source;
        this.tokens = value("tokens").strings().orElse(List.of());
        check(!tokens.isEmpty(), "tokens", "must be a list of texts");
        this.types = new int[tokens.size()];
        List<Json> given = value("token_type").items();
        check(
                given.isEmpty() || given.size() == tokens.size(),
                "token_type",
                "must be as many as the tokens, " + tokens.size());
        for (int id = 0; id < types.length; id++) {
            types[id] = given.isEmpty() ? NORMAL : given.get(id).integer(0);
            String token = tokens.get(id);
            check(
                    token.length() <= MAX_TOKEN && ids.putIfAbsent(token, id) == null,
                    "tokens",
                    "must be unique and of at most %d characters, found %s"
                            .formatted(MAX_TOKEN, JsonText.oneLine(JsonText.quote(token))));
        }
    }

    /**
     * {@return the {@code tokenizer.json}, with the names of special tokens under {@code
     * special_tokens}}
     *
     * @param metadata the metadata of the file
     * @param source the name of the file, for errors
     * @throws DataException if the file has no tokenizer or one of another kind
     */
    public static Json.Obj read(Json metadata, String source) {
        GgufTokenizer tokenizer = new GgufTokenizer(metadata, source);
        String model = tokenizer.value("model").string("");
        return switch (model) {
            case "gpt2" -> tokenizer.byteLevel();
            case "llama" -> tokenizer.sentencePiece();
            default ->
                    throw tokenizer.refusal(
                            "model", "must be gpt2 or llama, found " + JsonText.quote(model));
        };
    }

    /**
     * {@return the special tokens by their names in a {@code tokenizer_config.json}, such as {@code
     * bos_token}}
     *
     * @param metadata the metadata of a file
     */
    public static Map<String, Json> special(Json metadata) {
        Map<String, Json> names = new LinkedHashMap<>();
        SPECIAL.forEach(
                (key, name) -> {
                    int id = metadata.get(KEYS + key).integer(-1);
                    if (metadata.get(KEYS + "tokens").get(id) instanceof Json.Str token) {
                        names.put(name, token);
                    }
                });
        return names;
    }

    private Json value(String key) {
        return metadata.get(KEYS + key);
    }

    private void check(boolean holds, String key, String invariant) {
        if (!holds) {
            throw refusal(key, invariant);
        }
    }

    private DataException refusal(String key, String invariant) {
        return new DataException(
                "%s: the metadata key %s%s %s; give another tokenizer with --tokenizer"
                        .formatted(source, KEYS, key, invariant));
    }

    private Json.Obj byteLevel() {
        // The first files of GPT-2 do not name its way to split.
        String absent =
                metadata.get("general.architecture").string("").equals("gpt2") ? "gpt-2" : "";
        String pre = value("pre").string(absent);
        Json plain = byteLevel(false);
        Json split;
        if (LIKE_LLAMA3.contains(pre) || LIKE_QWEN2.contains(pre)) {
            split =
                    sequence(
                            "pretokenizers",
                            split(LIKE_QWEN2.contains(pre) ? QWEN2 : LLAMA3),
                            plain);
        } else if (SINGLE_DIGITS.contains(pre)) {
            Json digits = Json.object("type", "Digits", "individual_digits", true);
            split = sequence("pretokenizers", digits, byteLevel(true));
        } else {
            check(LIKE_GPT2.contains(pre), "pre", "is unknown: " + JsonText.quote(pre));
            split = byteLevel(true);
        }
        Json normalizer = Json.object("type", "NFC");
        boolean begins = LIKE_LLAMA3.contains(pre);
        return json(begins)
                .with("normalizer", LIKE_QWEN2.contains(pre) ? normalizer : null)
                .with("pre_tokenizer", split)
                .with("decoder", byteLevel(true))
                .with(
                        "model",
                        Json.object("type", "BPE", "ignore_merges", begins, "vocab", ids)
                                .with("merges", value("merges")));
    }

    private static Json byteLevel(boolean splits) {
        return Json.object("type", "ByteLevel", "add_prefix_space", false)
                .with("trim_offsets", true)
                .with("use_regex", splits);
    }

    private static Json split(String expression) {
        return Json.object("type", "Split", "pattern", Json.object("Regex", expression))
                .with("behavior", "Isolated")
                .with("invert", false);
    }

    private static Json sequence(String key, Json... items) {
        return Json.object("type", "Sequence", key, List.of(items));
    }

    private Json.Obj sentencePiece() {
        boolean prefix = value("add_space_prefix").bool(true);
        Json spaces = replace(" ", SPACE);
        Json words = replace(SPACE, " ");
        Json bytes = Json.object("type", "ByteFallback");
        Json fuse = Json.object("type", "Fuse");
        Json strip = Json.object("type", "Strip", "content", " ", "start", 1, "stop", 0);
        Json prepend = Json.object("type", "Prepend", "prepend", SPACE);
        Json model =
                Json.object("type", "BPE", "fuse_unk", true, "byte_fallback", true)
                        .with("unk_token", special(metadata).get("unk_token"))
                        .with("vocab", ids)
                        .with("merges", merges());
        return json(true)
                .with("normalizer", prefix ? sequence("normalizers", prepend, spaces) : spaces)
                .with("pre_tokenizer", null)
                .with(
                        "decoder",
                        prefix
                                ? sequence("decoders", words, bytes, fuse, strip)
                                : sequence("decoders", words, bytes, fuse))
                .with("model", model);
    }

    private static Json replace(String from, String to) {
        return Json.object("type", "Replace", "pattern", Json.object("String", from))
                .with("content", to);
    }

    /** A pair of tokens and the score of the token that they form. */
    private record Merge(String left, String right, double score) {}

    /** Returns all pairs of tokens that form a token, the best score first. */
    private List<List<String>> merges() {
        List<Json> scores = value("scores").items();
        check(
                scores.size() == tokens.size()
                        && scores.stream().allMatch(Json.Num.class::isInstance),
                "scores",
                "must be as many numbers as the tokens, " + tokens.size());
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < types.length; id++) {
            if (types[id] != NORMAL && types[id] != USER_DEFINED && types[id] != UNUSED) {
                continue;
            }
            String token = tokens.get(id);
            double score = Double.parseDouble(((Json.Num) scores.get(id)).text());
            int at = 0;
            while (at + Character.charCount(token.codePointAt(at)) < token.length()) {
                at += Character.charCount(token.codePointAt(at));
                String left = token.substring(0, at);
                String right = token.substring(at);
                if (ids.containsKey(left) && ids.containsKey(right)) {
                    merges.add(new Merge(left, right, score));
                }
            }
        }
        // Of pairs that form the same token, the order of training is unknown.
        merges.sort(
                Comparator.comparingDouble(Merge::score)
                        .reversed()
                        .thenComparing(merge -> ids.get(merge.left))
                        .thenComparing(merge -> ids.get(merge.right)));
        return merges.stream().map(merge -> List.of(merge.left, merge.right)).toList();
    }

    /** Returns what both kinds have in common. */
    private Json.Obj json(boolean begins) {
        List<Json> added = new ArrayList<>();
        for (int id = 0; id < types.length; id++) {
            boolean special = types[id] == CONTROL || types[id] == UNKNOWN;
            if ((special || types[id] == USER_DEFINED) && !tokens.get(id).isEmpty()) {
                added.add(
                        Json.object("id", id, "content", tokens.get(id), "special", special)
                                .with("single_word", false)
                                .with("lstrip", false)
                                .with("rstrip", false)
                                .with("normalized", false));
            }
        }
        return Json.object("version", "1.0", "truncation", null, "padding", null)
                .with("added_tokens", added)
                .with("post_processor", template(begins))
                .with("special_tokens", special(metadata));
    }

    /** Returns the special tokens around a text; JSON null for none. */
    private Json template(boolean begins) {
        Map<String, Json> special = special(metadata);
        Map<String, Json> definitions = new LinkedHashMap<>();
        List<Json> before = new ArrayList<>();
        List<Json> after = new ArrayList<>();
        if (value("add_bos_token").bool(begins)) {
            add(before, definitions, special.get("bos_token"));
        }
        if (value("add_eos_token").bool(false)) {
            add(after, definitions, special.get("eos_token"));
        }
        if (definitions.isEmpty()) {
            return Json.of(null);
        }
        List<Json> single = around(before, "A", 0, after);
        List<Json> pair = new ArrayList<>(single);
        pair.addAll(around(before, "B", 1, after));
        return Json.object("type", "TemplateProcessing", "single", single, "pair", pair)
                .with("special_tokens", definitions);
    }

    private void add(List<Json> pieces, Map<String, Json> definitions, @Nullable Json token) {
        if (token != null) {
            String name = token.string("");
            pieces.add(token);
            definitions.put(
                    name,
                    Json.object("id", name, "ids", List.of(ids.getOrDefault(name, 0)))
                            .with("tokens", List.of(name)));
        }
    }

    private static List<Json> around(
            List<Json> before, String sequence, int segment, List<Json> after) {
        List<Json> pieces = new ArrayList<>();
        before.forEach(token -> pieces.add(piece("SpecialToken", token, segment)));
        pieces.add(piece("Sequence", Json.of(sequence), segment));
        after.forEach(token -> pieces.add(piece("SpecialToken", token, segment)));
        return pieces;
    }

    private static Json piece(String kind, Json id, int segment) {
        return Json.object(kind, Json.object("id", id, "type_id", segment));
    }
}
