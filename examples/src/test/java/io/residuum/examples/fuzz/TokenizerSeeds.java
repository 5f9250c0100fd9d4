package io.residuum.examples.fuzz;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small tokenizers of every model type, with the parts that published ones have. */
final class TokenizerSeeds {
    /** Texts with which late failures show. */
    static final List<String> TEXTS =
            List.of(
                    "",
                    " ",
                    "hello, world! 12345",
                    "\n\t  \r\n",
                    "<s>hello</s> [UNK]##lo<0x0A>",
                    "\u00e9e\u0301\u4e2d\u6587\ud83d\ude00\u200d\u0000\ufffd\u2581",
                    "a".repeat(3000));

    private static final String PARTS =
            """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [
               {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true},
               {"id": 1, "content": "</s>", "single_word": false, "lstrip": true, "rstrip": true,
                "normalized": true, "special": true}],
             "normalizer": %s, "pre_tokenizer": %s, "post_processor": %s, "decoder": %s}
            """;

    private static final String TEMPLATE =
            """
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                      {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}}
            """;

    private static final String BYTE_LEVEL =
            """
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
             "use_regex": true}
            """;

    private TokenizerSeeds() {}

    static List<Kind.Seed> all() {
        List<String> tokens = new ArrayList<>(List.of("<s>", "</s>", "<unk>"));
        for (char c = ' '; c < 127; c++) {
            tokens.add(Character.toString(c));
        }
        tokens.addAll(
                List.of("\u0120", "\u2581", "##l", "##o", "##e", "he", "ll", "hello", "<0x0A>"));
        Map<String, Integer> ids = new LinkedHashMap<>();
        tokens.forEach(token -> ids.putIfAbsent(token, ids.size()));
        List<List<Object>> scored = new ArrayList<>();
        ids.forEach((token, id) -> scored.add(List.of(token, -1.0 - id)));

        Json bpe =
                Json.object("type", "BPE", "dropout", null, "unk_token", "<unk>")
                        .with("continuing_subword_prefix", null)
                        .with("end_of_word_suffix", null)
                        .with("fuse_unk", false)
                        .with("byte_fallback", true)
                        .with("vocab", ids)
                        .with("merges", List.of("h e", "l l"));
        Json wordPiece =
                Json.object("type", "WordPiece", "unk_token", "<unk>", "vocab", ids)
                        .with("continuing_subword_prefix", "##")
                        .with("max_input_chars_per_word", 100);
        Json wordLevel = Json.object("type", "WordLevel", "unk_token", "<unk>", "vocab", ids);
        Json unigram =
                Json.object("type", "Unigram", "unk_id", 2, "vocab", scored)
                        .with("byte_fallback", false);
        String metaspace =
                "{\"type\": \"Metaspace\", \"replacement\": \"\u2581\","
                        + " \"prepend_scheme\": \"always\", \"split\": true}";
        return List.of(
                seed(bpe, "null", BYTE_LEVEL, "null", BYTE_LEVEL),
                seed(
                        bpe,
                        """
                        {"type": "Sequence", "normalizers": [
                          {"type": "Prepend", "prepend": "\u2581"},
                          {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
                        """,
                        "null",
                        TEMPLATE,
                        """
                        {"type": "Sequence", "decoders": [
                          {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                          {"type": "ByteFallback"}, {"type": "Fuse"},
                          {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
                        """),
                seed(
                        bpe,
                        "{\"type\": \"NFC\"}",
                        """
                        {"type": "Sequence", "pretokenizers": [
                          {"type": "Split", "pattern": {"Regex": "\\\\p{N}{1,3}"},
                           "behavior": "Isolated", "invert": false},
                          {"type": "Digits", "individual_digits": true},
                          {"type": "Punctuation", "behavior": "Isolated"}]}
                        """,
                        TEMPLATE,
                        BYTE_LEVEL),
                seed(
                        wordPiece,
                        """
                        {"type": "BertNormalizer", "clean_text": true,
                         "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}
                        """,
                        "{\"type\": \"BertPreTokenizer\"}",
                        "{\"type\": \"BertProcessing\", \"sep\": [\"</s>\", 1],"
                                + " \"cls\": [\"<s>\", 0]}",
                        "{\"type\": \"WordPiece\", \"prefix\": \"##\", \"cleanup\": true}"),
                seed(
                        wordLevel,
                        "{\"type\": \"Lowercase\"}",
                        "{\"type\": \"Whitespace\"}",
                        "null",
                        "null"),
                seed(
                        unigram,
                        """
                        {"type": "Sequence", "normalizers": [
                          {"type": "Nmt"}, {"type": "NFKC"},
                          {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}
                        """,
                        metaspace,
                        TEMPLATE,
                        metaspace));
    }

    /** Returns folders with the files beside a tokenizer, and those that come without it. */
    static List<Kind.Seed> folders() {
        List<String> tokens =
                new ArrayList<>(List.of("<|endoftext|>", "\u0120", "he", "ll", "\u0120he"));
        "abcdefghijklmnopqrstuvwxyz".chars().forEach(c -> tokens.add(Character.toString(c)));
        Map<String, Integer> ids = new LinkedHashMap<>();
        tokens.forEach(token -> ids.put(token, ids.size()));
        String vocabulary = Json.of(ids).compact();
        String merges = "#version: 0.2\nh e\nl l\n\u0120 he\n";
        String config =
                """
                {"bos_token": {"content": "<s>", "lstrip": false, "special": true},
                 "eos_token": "</s>", "pad_token": null, "model_max_length": 512,
                 "added_tokens_decoder": {"0": {"content": "<s>", "special": true}},
                 "chat_template": "{{ messages }}", "tokenizer_class": "LlamaTokenizer"}
                """;
        return List.of(
                beside("vocab.json", vocabulary, JsonMutation.TEXT, "merges.txt", merges),
                beside("merges.txt", merges, ByteMutation.LITTLE_ENDIAN, "vocab.json", vocabulary),
                beside(
                        "tokenizer_config.json",
                        config,
                        JsonMutation.TEXT,
                        "tokenizer.json",
                        new String(all().get(0).bytes(), StandardCharsets.UTF_8)));
    }

    private static Kind.Seed beside(
            String file, String text, Kind.Mutation mutation, String other, String content) {
        return new Kind.Seed(
                file,
                text.getBytes(StandardCharsets.UTF_8),
                mutation,
                Map.of(other, content.getBytes(StandardCharsets.UTF_8)));
    }

    private static Kind.Seed seed(
            Json model, String normalizer, String preTokenizer, String processor, String decoder) {
        String parts = PARTS.formatted(normalizer, preTokenizer, processor, decoder);
        Json.Obj json = (Json.Obj) JsonReader.parse(parts, "seed");
        return Kinds.json("tokenizer.json", json.with("model", model).compact());
    }
}
