package io.residuum.transformer.text;

import io.residuum.json.Json;
import java.util.Set;

/** Reads how a {@code tokenizer.json} divides text into words. */
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
     * Returns whether a text may be cut between a letter or digit and the white space behind it.
     * That is so where words are divided there and nothing is added to the beginning of a text.
     * SentencePiece's ways (a space ahead of the text, words that hold spaces) do not allow it.
     */
    static boolean splitAtSpaces(Json json) {
        return normalizes(json.get("normalizer")) && divides(json.get("pre_tokenizer"));
    }

    private static boolean normalizes(Json normalizer) {
        String type = normalizer.get("type").string("");
        if (type.equals("Sequence")) {
            for (Json one : normalizer.get("normalizers").items()) {
                if (!normalizes(one)) {
                    return false;
                }
            }
            return true;
        }
        return normalizer instanceof Json.Null || LOCAL.contains(type);
    }

    private static boolean divides(Json preTokenizer) {
        return switch (preTokenizer.get("type").string("")) {
            case "Sequence" -> {
                // what the first does not divide, a later one may; none may add a space
                boolean any = false;
                for (Json one : preTokenizer.get("pretokenizers").items()) {
                    if (addsSpace(one)) {
                        yield false;
                    }
                    any |= divides(one);
                }
                yield any;
            }
            case "ByteLevel" ->
                    !addsSpace(preTokenizer) && preTokenizer.get("use_regex").bool(true);
            case "Split" -> preTokenizer.get("pattern").get("Regex").string("").contains("\\p{L}+");
            default -> WORDS.contains(preTokenizer.get("type").string(""));
        };
    }

    private static boolean addsSpace(Json preTokenizer) {
        return preTokenizer.get("type").string("").equals("Metaspace")
                || preTokenizer.get("type").string("").equals("ByteLevel")
                        && preTokenizer.get("add_prefix_space").bool(true);
    }
}
