package io.residuum.transformer.text;

import io.residuum.json.Json;
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
                // one of them must split there, and none may add a space
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
