package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Converts the vocabulary and merge files of older models to a {@code tokenizer.json}. */
final class TokenizerJson {

    /** The special tokens in the vocabularies of GPT-2, RoBERTa and BERT. */
    private static final List<String> SPECIAL =
            List.of(
                    "<|endoftext|>",
                    "<s>",
                    "</s>",
                    "<pad>",
                    "<unk>",
                    "<mask>",
                    "[PAD]",
                    "[UNK]",
                    "[CLS]",
                    "[SEP]",
                    "[MASK]");

    private static final String BYTE_LEVEL =
            """
            {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false,
                               "trim_offsets": true, "use_regex": true},
             "decoder": {"type": "ByteLevel", "add_prefix_space": false,
                         "trim_offsets": true, "use_regex": true}}
            """;

    private static final String WORD_PIECE =
            """
            {"version": "1.0", "truncation": null, "padding": null,
             "normalizer": {"type": "BertNormalizer", "clean_text": true,
                            "handle_chinese_chars": true, "strip_accents": null, "lowercase": %s},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}}
            """;

    private static final String ADDED =
            """
            {"single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
             "special": true}
            """;

    /** Beginning, text, end; and with a second text, that and another end. */
    private static final String TEMPLATE =
            """
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "%1$s", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "%3$s", "type_id": 0}}],
             "pair": [{"SpecialToken": {"id": "%1$s", "type_id": 0}},
                      {"Sequence": {"id": "A", "type_id": 0}},
                      {"SpecialToken": {"id": "%3$s", "type_id": 0}},
                      {"Sequence": {"id": "B", "type_id": 1}},
                      {"SpecialToken": {"id": "%3$s", "type_id": 1}}],
             "special_tokens": {"%1$s": {"id": "%1$s", "ids": [%2$d], "tokens": ["%1$s"]},
                                "%3$s": {"id": "%3$s", "ids": [%4$d], "tokens": ["%3$s"]}}}
            """;

    private static final Pattern CAPITAL = Pattern.compile("\\p{Lu}");

    private TokenizerJson() {}

    /**
     * Returns a byte-level BPE tokenizer as in GPT-2 (Radford et al. 2019, section 2.2).
     *
     * @param vocabulary JSON with an id for each token
     * @param merges one merge per line, two tokens separated by a space, the highest priority first
     */
    static Json.Obj byteLevel(Path vocabulary, Path merges) {
        Json vocab = TextFiles.readJson(vocabulary);
        if (vocab.members().isEmpty()) {
            throw new DataException(vocabulary + ": must be an object with an id for each token");
        }
        vocab.members()
                .forEach(
                        (token, id) -> {
                            if (id.integer(-1) < 0) {
                                throw new DataException(
                                        String.format(
                                                "%s: the id of '%s' must be a number, 0 or more,"
                                                        + " found %s",
                                                vocabulary, token, id.compact()));
                            }
                            if (token.endsWith("</w>")) {
                                throw new DataException(
                                        vocabulary
                                                + ": marks the ends of words with </w>, which"
                                                + " byte-level BPE does not; use the"
                                                + " tokenizer.json of this model");
                            }
                        });
        boolean bounded = vocab.members().containsKey("<s>") && vocab.members().containsKey("</s>");
        Json.Obj model =
                Json.object("type", "BPE", "vocab", vocab)
                        .with("merges", merges(merges, vocab.members().keySet()));
        return tokenizer(BYTE_LEVEL, model, bounded ? template(vocab, "<s>", "</s>") : null);
    }

    private static List<String> merges(Path file, Set<String> vocab) {
        List<String> merges = new ArrayList<>();
        List<String> lines = Utf8.read(file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || i == 0 && line.startsWith("#version")) {
                continue;
            }
            String[] pair = line.split(" ", -1);
            if (pair.length != 2
                    || !Stream.of(pair[0], pair[1], pair[0] + pair[1]).allMatch(vocab::contains)) {
                throw new DataException(
                        String.format(
                                "%s: line %d must hold two tokens that form a third one, all in the"
                                        + " vocabulary, found '%s'",
                                file, i + 1, line));
            }
            merges.add(line);
        }
        return merges;
    }

    /**
     * Returns a WordPiece tokenizer as in BERT (Devlin et al. 2018, section 3). A vocabulary
     * without capital letters belongs to an uncased model. Such a tokenizer converts text to lower
     * case and removes accents.
     *
     * @param file one token per line; the id of a token is its line number, from 0
     */
    static Json.Obj wordPiece(Path file) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        boolean cased = false;
        for (String token : Utf8.read(file).lines().toList()) {
            Integer earlier = ids.putIfAbsent(token, ids.size());
            if (earlier != null) {
                throw new DataException(
                        String.format(
                                "%s: tokens must be unique, found '%s' on lines %d and %d",
                                file, token, earlier + 1, ids.size() + 1));
            }
            cased |= !SPECIAL.contains(token) && !unused(token) && CAPITAL.matcher(token).find();
        }
        for (String needed : List.of("[UNK]", "[CLS]", "[SEP]")) {
            if (!ids.containsKey(needed)) {
                throw new DataException(
                        file + ": the vocabulary of a WordPiece tokenizer must have " + needed);
            }
        }
        Json vocab = Json.of(ids);
        Json.Obj model =
                Json.object("type", "WordPiece", "unk_token", "[UNK]")
                        .with("continuing_subword_prefix", "##")
                        .with("max_input_chars_per_word", 100)
                        .with("vocab", vocab);
        return tokenizer(WORD_PIECE.formatted(!cased), model, template(vocab, "[CLS]", "[SEP]"));
    }

    /** Returns true for an unused token of BERT's vocabularies. */
    private static boolean unused(String token) {
        return token.startsWith("[unused");
    }

    private static Json.Obj tokenizer(String parts, Json model, @Nullable Json template) {
        List<Json> added = new ArrayList<>();
        model.get("vocab")
                .members()
                .forEach(
                        (name, id) -> {
                            if (SPECIAL.contains(name)) {
                                added.add(parse(ADDED).with("content", name).with("id", id));
                            }
                        });
        return parse(parts)
                .with("post_processor", template)
                .with("added_tokens", added)
                .with("model", model);
    }

    private static Json.Obj template(Json vocab, String beginning, String end) {
        return parse(
                TEMPLATE.formatted(
                        beginning,
                        vocab.get(beginning).integer(0),
                        end,
                        vocab.get(end).integer(0)));
    }

    private static Json.Obj parse(String json) {
        return (Json.Obj) JsonReader.parse(json, "tokenizer");
    }
}
