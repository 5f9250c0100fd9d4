package io.residuum.transformer.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** Finds out from a {@code tokenizer.json} how it splits text into words. */
final class PreTokenizers {

    /** Pre-tokenizers that begin a new word at every white space after a letter or digit. */
    private static final Set<String> WORDS =
            Set.of("BertPreTokenizer", "Whitespace", "WhitespaceSplit");

    /** Normalizers that change one character at a time, or a character with its combining marks. */
    private static final Set<String> LOCAL =
            Set.of(
                    "BertNormalizer",
                    "Lowercase",
                    "NFC",
                    "NFD",
                    "NFKC",
                    "NFKD",
                    "StripAccents",
                    "Nmt");

    private PreTokenizers() {}

    /**
     * Returns true if a text may be split between a letter or digit and the white space after it.
     * The tokenizer must split words there, and must add nothing to the beginning of a text.
     * SentencePiece does not qualify: it adds a space before the text and has words that contain
     * spaces.
     */
    static boolean splitAtSpaces(JsonNode json) {
        return normalizes(json.path("normalizer")) && divides(json.path("pre_tokenizer"));
    }

    private static boolean normalizes(JsonNode normalizer) {
        String type = normalizer.path("type").asText();
        if (type.equals("Sequence")) {
            for (JsonNode one : normalizer.path("normalizers")) {
                if (!normalizes(one)) {
                    return false;
                }
            }
            return true;
        }
        return normalizer.isNull() || normalizer.isMissingNode() || LOCAL.contains(type);
    }

    private static boolean divides(JsonNode preTokenizer) {
        return switch (preTokenizer.path("type").asText()) {
            case "Sequence" -> {
                // one of them must split there, and none may add a space
                boolean any = false;
                for (JsonNode one : preTokenizer.path("pretokenizers")) {
                    if (addsSpace(one)) {
                        yield false;
                    }
                    any |= divides(one);
                }
                yield any;
            }
            case "ByteLevel" ->
                    !addsSpace(preTokenizer) && preTokenizer.path("use_regex").asBoolean(true);
            case "Split" -> preTokenizer.path("pattern").path("Regex").asText().contains("\\p{L}+");
            default -> WORDS.contains(preTokenizer.path("type").asText());
        };
    }

    private static boolean addsSpace(JsonNode preTokenizer) {
        return preTokenizer.path("type").asText().equals("Metaspace")
                || preTokenizer.path("type").asText().equals("ByteLevel")
                        && preTokenizer.path("add_prefix_space").asBoolean(true);
    }
}
