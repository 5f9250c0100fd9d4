package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes as {@code tokenizer.json} what older models come with: a vocabulary, and merges. */
final class TokenizerJson {

    /** Added to a vocabulary for other purposes than text: GPT-2, RoBERTa, BERT. */
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
     * Byte-level BPE, as GPT-2 has it (Radford et al. 2019, section 2.2).
     *
     * @param vocabulary JSON: an id for each token
     * @param merges one merge a line, two tokens separated by a space; the best first
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
                                                "%s: the id of '%s' must be a number from 0 on,"
                                                        + " found %s",
                                                vocabulary, token, id.compact()));
                            }
                            if (token.endsWith("</w>")) {
                                throw new DataException(
                                        vocabulary
                                                + ": marks the ends of words with </w>, which"
                                                + " byte-level BPE does not: give the"
                                                + " tokenizer.json of this model");
                            }
                        });
        boolean bounded = vocab.members().containsKey("<s>") && vocab.members().containsKey("</s>");
        Json byteLevel =
                Json.object(
                        "type", "ByteLevel",
                        "add_prefix_space", false,
                        "trim_offsets", true,
                        "use_regex", true);
        Json model =
                Json.object(
                        "type",
                        "BPE",
                        "vocab",
                        vocab,
                        "merges",
                        merges(merges, vocab.members().keySet()));
        return tokenizer(
                null, byteLevel, bounded ? template(vocab, "<s>", "</s>") : null, byteLevel, model);
    }

    private static List<String> merges(Path file, Set<String> vocab) {
        List<String> merges = new ArrayList<>();
        List<String> lines = TextFiles.read(file).lines().toList();
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
                                "%s: line %d must be two tokens that make a third, all in the"
                                        + " vocabulary, found '%s'",
                                file, i + 1, line));
            }
            merges.add(line);
        }
        return merges;
    }

    /**
     * WordPiece, as BERT has it (Devlin et al. 2018, section 3). A vocabulary without a capital
     * letter is that of an uncased model: text is then made lower case, and accents are left out.
     *
     * @param file one token a line, which has the number of its line as its id
     */
    static Json.Obj wordPiece(Path file) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        boolean cased = false;
        for (String token : TextFiles.read(file).lines().toList()) {
            Integer earlier = ids.putIfAbsent(token, ids.size());
            if (earlier != null) {
                throw new DataException(
                        String.format(
                                "%s: every token must be there once, found '%s' on lines %d and %d",
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
        return tokenizer(
                Json.object(
                        "type",
                        "BertNormalizer",
                        "clean_text",
                        true,
                        "handle_chinese_chars",
                        true,
                        "strip_accents",
                        null,
                        "lowercase",
                        !cased),
                Json.object("type", "BertPreTokenizer"),
                template(vocab, "[CLS]", "[SEP]"),
                Json.object("type", "WordPiece", "prefix", "##", "cleanup", true),
                Json.object(
                        "type", "WordPiece",
                        "unk_token", "[UNK]",
                        "continuing_subword_prefix", "##",
                        "max_input_chars_per_word", 100,
                        "vocab", vocab));
    }

    /** A place in BERT's vocabularies that was kept free. */
    private static boolean unused(String token) {
        return token.startsWith("[unused");
    }

    private static Json.Obj tokenizer(
            @Nullable Json normalizer,
            Json preTokenizer,
            @Nullable Json postProcessor,
            Json decoder,
            Json model) {
        return Json.object(
                "version", "1.0",
                "truncation", null,
                "padding", null,
                "normalizer", normalizer,
                "pre_tokenizer", preTokenizer,
                "post_processor", postProcessor,
                "decoder", decoder,
                "added_tokens", special(model.get("vocab").members()),
                "model", model);
    }

    private static List<Json> special(Map<String, Json> vocab) {
        List<Json> added = new ArrayList<>();
        for (String name : SPECIAL) {
            if (vocab.containsKey(name)) {
                added.add(
                        Json.object(
                                "content", name,
                                "single_word", false,
                                "lstrip", false,
                                "rstrip", false,
                                "normalized", false,
                                "special", true,
                                "id", vocab.get(name)));
            }
        }
        return added;
    }

    /** Beginning, text, end; and with a second text, that and another end. */
    private static Json template(Json vocab, String beginning, String end) {
        List<Json> single =
                List.of(
                        piece("SpecialToken", beginning, 0),
                        piece("Sequence", "A", 0),
                        piece("SpecialToken", end, 0));
        List<Json> pair = new ArrayList<>(single);
        pair.add(piece("Sequence", "B", 1));
        pair.add(piece("SpecialToken", end, 1));
        Map<String, Json> tokens = new LinkedHashMap<>();
        for (String name : List.of(beginning, end)) {
            tokens.put(
                    name,
                    Json.object(
                            "id", name,
                            "ids", List.of(vocab.get(name)),
                            "tokens", List.of(name)));
        }
        return Json.object(
                "type", "TemplateProcessing",
                "single", single,
                "pair", pair,
                "special_tokens", tokens);
    }

    private static Json piece(String kind, String id, int type) {
        return Json.object(kind, Json.object("id", id, "type_id", type));
    }
}
