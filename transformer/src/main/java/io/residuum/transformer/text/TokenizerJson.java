package io.residuum.transformer.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residuum.data.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

    private static final Pattern CAPITAL = Pattern.compile("\\p{Lu}");

    private TokenizerJson() {}

    /**
     * Returns a byte-level BPE tokenizer as in GPT-2 (Radford et al. 2019, section 2.2).
     *
     * @param vocabulary JSON with an id for each token
     * @param merges one merge per line, two tokens separated by a space, the highest priority first
     */
    static ObjectNode byteLevel(Path vocabulary, Path merges) {
        JsonNode ids = TextFiles.parse(TextFiles.read(vocabulary), vocabulary.toString());
        if (!(ids instanceof ObjectNode vocab) || vocab.isEmpty()) {
            throw new DataException(vocabulary + ": must be an object with an id for each token");
        }
        vocab.properties()
                .forEach(
                        e -> {
                            if (!e.getValue().isInt() || e.getValue().intValue() < 0) {
                                throw new DataException(
                                        String.format(
                                                "%s: the id of '%s' must be a number, 0 or more,"
                                                        + " found %s",
                                                vocabulary, e.getKey(), e.getValue()));
                            }
                            if (e.getKey().endsWith("</w>")) {
                                throw new DataException(
                                        vocabulary
                                                + ": marks the ends of words with </w>, which"
                                                + " byte-level BPE does not; use the"
                                                + " tokenizer.json of this model");
                            }
                        });
        ObjectNode json = empty();
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE").set("vocab", vocab);
        model.set("merges", merges(merges, vocab));
        json.set("pre_tokenizer", byteLevel());
        json.set("decoder", byteLevel());
        addSpecial(json, vocab);
        if (vocab.has("<s>") && vocab.has("</s>")) {
            json.set("post_processor", template(vocab, "<s>", "</s>"));
        }
        return json;
    }

    private static ObjectNode byteLevel() {
        return TextFiles.JSON
                .createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
    }

    private static ArrayNode merges(Path file, ObjectNode vocab) {
        ArrayNode merges = TextFiles.JSON.createArrayNode();
        List<String> lines = TextFiles.read(file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || i == 0 && line.startsWith("#version")) {
                continue;
            }
            String[] pair = line.split(" ", -1);
            if (pair.length != 2
                    || !Stream.of(pair[0], pair[1], pair[0] + pair[1]).allMatch(vocab::has)) {
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
    static ObjectNode wordPiece(Path file) {
        ObjectNode vocab = TextFiles.JSON.createObjectNode();
        boolean cased = false;
        for (String token : TextFiles.read(file).lines().toList()) {
            if (vocab.has(token)) {
                throw new DataException(
                        String.format(
                                "%s: tokens must be unique, found '%s' on lines %d and %d",
                                file, token, vocab.get(token).intValue() + 1, vocab.size() + 1));
            }
            vocab.put(token, vocab.size());
            cased |= !SPECIAL.contains(token) && !unused(token) && CAPITAL.matcher(token).find();
        }
        for (String needed : List.of("[UNK]", "[CLS]", "[SEP]")) {
            if (!vocab.has(needed)) {
                throw new DataException(
                        file + ": the vocabulary of a WordPiece tokenizer must have " + needed);
            }
        }
        ObjectNode json = empty();
        json.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100)
                .set("vocab", vocab);
        json.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .putNull("strip_accents")
                .put("lowercase", !cased);
        json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        addSpecial(json, vocab);
        json.set("post_processor", template(vocab, "[CLS]", "[SEP]"));
        return json;
    }

    /** Returns true for an unused token of BERT's vocabularies. */
    private static boolean unused(String token) {
        return token.startsWith("[unused");
    }

    private static ObjectNode empty() {
        ObjectNode json = TextFiles.JSON.createObjectNode();
        json.put("version", "1.0");
        Stream.of(
                        "truncation",
                        "padding",
                        "normalizer",
                        "pre_tokenizer",
                        "post_processor",
                        "decoder")
                .forEach(json::putNull);
        json.putArray("added_tokens");
        return json;
    }

    private static void addSpecial(ObjectNode json, ObjectNode vocab) {
        ArrayNode added = json.putArray("added_tokens");
        for (String name : SPECIAL) {
            Optional.ofNullable(vocab.get(name))
                    .ifPresent(
                            id ->
                                    added.addObject()
                                            .put("content", name)
                                            .put("single_word", false)
                                            .put("lstrip", false)
                                            .put("rstrip", false)
                                            .put("normalized", false)
                                            .put("special", true)
                                            .set("id", id));
        }
    }

    /**
     * Returns a post-processor that adds the tokens: beginning, text, end, then a second text and
     * end if given.
     */
    private static ObjectNode template(ObjectNode vocab, String beginning, String end) {
        ObjectNode template = TextFiles.JSON.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        ArrayNode pair = template.putArray("pair");
        for (ArrayNode pieces : List.of(single, pair)) {
            piece(pieces, "SpecialToken", beginning, 0);
            piece(pieces, "Sequence", "A", 0);
            piece(pieces, "SpecialToken", end, 0);
        }
        piece(pair, "Sequence", "B", 1);
        piece(pair, "SpecialToken", end, 1);
        ObjectNode tokens = template.putObject("special_tokens");
        for (String name : List.of(beginning, end)) {
            ObjectNode token = tokens.putObject(name).put("id", name);
            token.putArray("ids").add(vocab.get(name));
            token.putArray("tokens").add(name);
        }
        return template;
    }

    private static void piece(ArrayNode pieces, String kind, String id, int type) {
        pieces.addObject().putObject(kind).put("id", id).put("type_id", type);
    }
}
