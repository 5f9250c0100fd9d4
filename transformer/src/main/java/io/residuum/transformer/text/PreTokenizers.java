package io.residuum.transformer.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** What a {@code tokenizer.json} says about dividing text into words. */
final class PreTokenizers {

    /** They begin a new word at every white space that follows a letter or digit. */
    private static final Set<String> WORDS =
            Set.of("BertPreTokenizer", "Whitespace", "WhitespaceSplit");

    /** They change characters one by one, or with the combining marks behind them. */
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
     * Whether a text may be cut between a letter or digit and the white space behind it. That is so
     * where words are divided there and nothing is added to the beginning of a text.
     * SentencePiece's ways (a space ahead of the text, words that hold spaces) do not allow it.
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
                // what the first does not divide, a later one may; none may add a space
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
