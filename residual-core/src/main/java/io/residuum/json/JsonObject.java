package io.residuum.json;

import io.residuum.spec.SpecException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of another program, read key by key. What was not asked for when all is read is
 * refused by name, so that no setting is overlooked. {@code null} is the same as no value.
 */
public final class JsonObject {
    private final Json.Obj object;
    private final JsonPath where;
    private final Set<String> seen = new HashSet<>();

    private JsonObject(Json.Obj object, JsonPath where) {
        this.object = object;
        this.where = where;
    }

    /**
     * Reads a file.
     *
     * @param file a JSON file with one object
     * @return its settings
     * @throws SpecException if it is anything else
     */
    public static JsonObject read(Path file) {
        return parse(JsonReader.text(file), file.toString());
    }

    /**
     * Reads a text.
     *
     * @param text the JSON of one object
     * @param source what messages call the text, for instance a file name
     * @return its settings
     * @throws SpecException if it is anything else
     */
    public static JsonObject parse(String text, String source) {
        JsonPath root = JsonPath.root(source);
        Json json = JsonReader.parse(text, source);
        if (json instanceof Json.Obj object) {
            return new JsonObject(object, root);
        }
        throw root.error(json.line(), "expected an object");
    }

    private @Nullable Json find(String key) {
        seen.add(key);
        Json value = object.members().get(key);
        return value instanceof Json.Null ? null : value;
    }

    /**
     * Whether a key has a value.
     *
     * @param key the key
     * @return false for {@code null}
     */
    public boolean has(String key) {
        return find(key) != null;
    }

    /**
     * Reads a text.
     *
     * @param key the key
     * @param absent what stands for no value
     * @return the text
     * @throws SpecException if it is no text
     */
    public String text(String key, String absent) {
        Json value = find(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof Json.Str text) {
            return text.value();
        }
        throw refusal(key, "expected a text");
    }

    /**
     * Reads a number.
     *
     * @param key the key
     * @param absent what stands for no value
     * @return the number
     * @throws SpecException if it is no number
     */
    public double number(String key, double absent) {
        Json value = find(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof Json.Num number) {
            return Double.parseDouble(number.text());
        }
        throw refusal(key, "expected a number");
    }

    /**
     * Reads a whole number.
     *
     * @param key the key
     * @param absent what stands for no value
     * @return the number
     * @throws SpecException if it is no whole number
     */
    public int integer(String key, int absent) {
        double number = number(key, absent);
        if (number != (int) number) {
            throw refusal(key, "expected a whole number below 2^31");
        }
        return (int) number;
    }

    /**
     * Reads a truth value.
     *
     * @param key the key
     * @param absent what stands for no value
     * @return the value
     * @throws SpecException if it is neither true nor false
     */
    public boolean flag(String key, boolean absent) {
        Json value = find(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof Json.Bool flag) {
            return flag.value();
        }
        throw refusal(key, "expected true or false");
    }

    /**
     * Reads a list of texts.
     *
     * @param key the key
     * @return empty where there is no value
     * @throws SpecException if it is no list of texts
     */
    public List<String> texts(String key) {
        Json value = find(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof Json.Arr list
                && list.items().stream().allMatch(Json.Str.class::isInstance)) {
            return list.items().stream().map(item -> ((Json.Str) item).value()).toList();
        }
        throw refusal(key, "expected a list of texts");
    }

    /**
     * Reads an object within.
     *
     * @param key the key
     * @return its settings, to be read to the end like these; empty where there is no value
     * @throws SpecException if it is no object
     */
    public Optional<JsonObject> object(String key) {
        Json value = find(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Json.Obj inner) {
            return Optional.of(new JsonObject(inner, where.key(key)));
        }
        throw refusal(key, "expected an object");
    }

    /**
     * Counts the keys of this object.
     *
     * @return how many there are
     */
    public int size() {
        return object.members().size();
    }

    /**
     * Requires a setting to be one that the reader knows how to follow.
     *
     * @param ok whether it is
     * @param key the key
     * @param message what it must be
     * @throws SpecException if it is not
     */
    public void require(boolean ok, String key, String message) {
        if (!ok) {
            throw refusal(key, message);
        }
    }

    /**
     * Passes over settings that make no difference.
     *
     * @param keys the keys
     */
    public void ignore(String... keys) {
        seen.addAll(Arrays.asList(keys));
    }

    /**
     * Ends the reading.
     *
     * @throws SpecException if there is a setting that nobody asked for
     */
    public void finish() {
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
            if (!seen.contains(member.getKey())) {
                throw where.key(member.getKey())
                        .error(
                                member.getValue().line(),
                                "this setting is not known, and may change what the network"
                                        + " computes; take it out if it does not");
            }
        }
    }

    /**
     * The error of a setting.
     *
     * @param key the key
     * @param message what it must be
     * @return an exception with file, line, path and the value found
     */
    public SpecException refusal(String key, String message) {
        Json value = object.members().get(key);
        return where.key(key)
                .error(
                        value == null ? object.line() : value.line(),
                        message + ", got " + (value == null ? "nothing" : value.compact()));
    }
}
