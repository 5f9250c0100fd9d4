package io.residuum.transformer.text.library;

import com.google.common.base.CharMatcher;
import io.residuum.files.JarText;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lists the parts of a {@code tokenizer.json} with which the native library never fails: their
 * types, the keys of each, and the accepted values. The table {@code known-tokenizer.json} follows
 * the source of tokenizers 0.21.4. It leaves out what can fail at a later text, such as a compiled
 * character map, and regular expressions that no published tokenizer has.
 */
final class KnownTokenizer {
    private static final int MAX_TOKEN = 1024;
    private static final int MAX_TEXT = 64;
    private static final int MAX_WORD = 1000;
    private static final int MAX_NESTED = 4;

    private static final CharMatcher ALPHANUMERIC =
            CharMatcher.inRange('a', 'z')
                    .or(CharMatcher.inRange('A', 'Z'))
                    .or(CharMatcher.inRange('0', '9'));

    private static final Json TABLE = table();
    private static final Set<String> EXPRESSIONS =
            Set.copyOf(TABLE.get("expressions").strings().orElseThrow());

    private static Json table() {
        String name = "known-tokenizer.json";
        return JsonReader.parse(JarText.read(KnownTokenizer.class, name), name);
    }

    private KnownTokenizer() {}

    /** Returns the place of the first value that is not known; empty if all are. */
    static Optional<String> firstUnknown(Json.Obj json) {
        for (Map.Entry<String, Json> member : json.members().entrySet()) {
            String key = member.getKey();
            Json value = member.getValue();
            Json part = TABLE.get("parts").get(key);
            String unknown =
                    switch (key) {
                        case "version", "truncation", "padding" ->
                                accepts(TABLE.get("top").get(key), value) ? null : key;
                        case "added_tokens" -> unknownAddedToken(key, value);
                        case "model" -> unknownInModel(value);
                        default ->
                                part instanceof Json.Null
                                        ? JsonText.quote(key)
                                        : unknownInPart(key, value, part, MAX_NESTED);
                    };
            if (unknown != null) {
                return Optional.of(unknown);
            }
        }
        return Optional.empty();
    }

    private static @Nullable String unknownInPart(String where, Json json, Json part, int depth) {
        if (json instanceof Json.Null) {
            return null;
        }
        String type = json.get("type").string("");
        if (type.equals("Sequence") && depth > 0 && json.members().size() == 2) {
            String sequence = part.get("sequence").string("");
            List<Json> items = json.get(sequence).items();
            for (int i = 0; i < items.size(); i++) {
                String at = where + "." + sequence + "[" + i + "]";
                String unknown =
                        items.get(i) instanceof Json.Null
                                ? at
                                : unknownInPart(at, items.get(i), part, depth - 1);
                if (unknown != null) {
                    return unknown;
                }
            }
            return json.get(sequence) instanceof Json.Arr ? null : where;
        }
        Json keys = part.get("types").get(type);
        if (keys instanceof Json.Null) {
            return where + ".type";
        }
        String unknown = unknownMember(where, json, keys);
        boolean template = type.equals("TemplateProcessing");
        return unknown == null && template && !isTemplate(json) ? where : unknown;
    }

    private static @Nullable String unknownMember(String where, Json json, Json keys) {
        for (Map.Entry<String, Json> member : json.members().entrySet()) {
            String key = member.getKey();
            boolean known = key.equals("type") || accepts(keys.get(key), member.getValue());
            if (!known) {
                return where + "." + key;
            }
        }
        return null;
    }

    private static @Nullable String unknownAddedToken(String where, Json json) {
        for (int i = 0; i < json.items().size(); i++) {
            String at = where + "[" + i + "]";
            Json token = json.get(i);
            Json keys = TABLE.get("added_token");
            boolean complete = token.members().size() == keys.members().size();
            String unknown = complete ? unknownMember(at, token, keys) : at;
            if (unknown != null) {
                return unknown;
            }
            // Normalizers remove control characters, accents and spaces, but never all of these.
            String content = token.get("content").string("");
            if (token.get("normalized").bool(true) && !ALPHANUMERIC.matchesAnyOf(content)) {
                return at + ".content";
            }
        }
        return json instanceof Json.Arr ? null : where;
    }

    /**
     * Returns true if a template for one text has only that text, and special tokens it defines.
     */
    private static boolean isTemplate(Json json) {
        Json special = json.get("special_tokens");
        return special.members().values().stream().allMatch(KnownTokenizer::isSpecialToken)
                && json.get("single").items().stream()
                        .allMatch(piece -> isPiece(piece, special, "A"))
                && json.get("pair").items().stream()
                        .allMatch(piece -> isPiece(piece, special, "A", "B"));
    }

    private static boolean isSpecialToken(Json token) {
        List<Json> ids = token.get("ids").items();
        Optional<List<String>> tokens = token.get("tokens").strings();
        return ids.stream().allMatch(KnownTokenizer::isId)
                && tokens.isPresent()
                && tokens.get().size() == ids.size()
                && ids.size() <= MAX_TEXT;
    }

    private static boolean isPiece(Json piece, Json special, String... sequences) {
        String token = piece.get("SpecialToken").get("id").string("");
        boolean known =
                piece.get("SpecialToken") instanceof Json.Obj
                        ? special.members().containsKey(token)
                        : List.of(sequences).contains(piece.get("Sequence").get("id").string(""));
        return known && piece.members().size() == 1;
    }

    private static @Nullable String unknownInModel(Json model) {
        String type = model.get("type").string("");
        Json keys = TABLE.get("models").get(type);
        if (keys instanceof Json.Null) {
            return "model.type";
        }
        String unknown = unknownMember("model", model, keys);
        if (unknown != null) {
            return unknown;
        }
        Json vocabulary = model.get("vocab");
        if (type.equals("Unigram")) {
            boolean scored =
                    vocabulary.items().stream()
                            .allMatch(
                                    v ->
                                            v.items().size() == 2
                                                    && isToken(v.get(0))
                                                    && v.get(1) instanceof Json.Num);
            boolean inside = model.get("unk_id").integer(-1) < vocabulary.items().size();
            return scored && inside && isId(model.get("unk_id")) ? null : "model.vocab";
        }
        Map<String, Json> ids = vocabulary.members();
        for (Map.Entry<String, Json> token : ids.entrySet()) {
            if (token.getKey().length() > MAX_TOKEN || !isId(token.getValue())) {
                return "model.vocab[" + JsonText.quote(token.getKey()) + "]";
            }
        }
        Json unknownToken = model.get("unk_token");
        if (unknownToken instanceof Json.Str name && !ids.containsKey(name.value())) {
            return "model.unk_token";
        }
        return type.equals("BPE") ? unknownMerge(model.get("merges"), ids.keySet()) : null;
    }

    private static @Nullable String unknownMerge(Json merges, Set<String> tokens) {
        for (int i = 0; i < merges.items().size(); i++) {
            Json merge = merges.get(i);
            List<String> pair =
                    merge instanceof Json.Str text
                            ? List.of(text.value().split(" ", -1))
                            : merge.strings().orElse(List.of());
            boolean known =
                    pair.size() == 2
                            && tokens.containsAll(pair)
                            && tokens.contains(pair.get(0) + pair.get(1));
            if (!known) {
                return "model.merges[" + i + "]";
            }
        }
        return null;
    }

    /** Returns true if a value satisfies a check of the table: its name, or the accepted texts. */
    private static boolean accepts(Json check, Json value) {
        if (check instanceof Json.Arr texts) {
            return value instanceof Json.Str
                    && texts.strings().orElseThrow().contains(value.string(""));
        }
        String text = value.string("");
        boolean isNull = value instanceof Json.Null;
        return switch (check.string("")) {
            case "checked with others" -> true;
            case "null" -> isNull;
            case "bool" -> value instanceof Json.Bool;
            case "bool or null" -> isNull || value instanceof Json.Bool;
            case "text" -> isText(value);
            case "text or null" -> isNull || isText(value);
            case "some text" -> isText(value) && !text.isEmpty();
            case "empty or null" -> isNull || isText(value) && text.isEmpty();
            case "token" -> isToken(value);
            case "token or null" -> isNull || isToken(value);
            case "character" -> text.codePointCount(0, text.length()) == 1;
            case "id" -> isId(value);
            case "token and id" ->
                    value.items().size() == 2 && isToken(value.get(0)) && isId(value.get(1));
            // The decoder "Strip" fails on tokens shorter than a positive "stop".
            case "zero" -> between(value, 0, 0);
            case "length" -> between(value, 0, MAX_TEXT);
            case "word length" -> between(value, 1, MAX_WORD);
            case "pattern" ->
                    value.members().size() == 1
                            && (accepts(Json.of("some text"), value.get("String"))
                                    || EXPRESSIONS.contains(value.get("Regex").string("")));
            default -> false;
        };
    }

    private static boolean isText(Json json) {
        return json instanceof Json.Str s && s.value().length() <= MAX_TEXT;
    }

    private static boolean isToken(Json json) {
        int length = json.string("").length();
        return length > 0 && length <= MAX_TOKEN;
    }

    private static boolean isId(Json json) {
        return between(json, 0, NativeTokenizer.MAX_ID);
    }

    private static boolean between(Json json, int least, int most) {
        return json instanceof Json.Num && json.integer(-1) >= least && json.integer(-1) <= most;
    }
}
