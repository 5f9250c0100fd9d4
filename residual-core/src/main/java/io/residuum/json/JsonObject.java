package io.residuum.json;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of one JSON object by its keys, for settings of other programs. {@link #finish} refuses
 * keys that were not read, so no setting is overlooked. {@code null} counts as no value.
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
     * @return its object
     * @throws JsonException if it is anything else
     */
    public static JsonObject read(Path file) {
        JsonPath root = JsonPath.root(file.toString());
        Json json = JsonReader.read(file);
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
     * Returns whether a key has a value.
     *
     * @param key the key
     * @return false for {@code null}
     */
    public boolean has(String key) {
        return find(key) != null;
    }

    /**
     * Reads a string.
     *
     * @param key the key
     * @param absent the result where there is no value
     * @return the string
     * @throws JsonException if it is no string
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
     * @param absent the result where there is no value
     * @return the number
     * @throws JsonException if it is no number
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
     * @param absent the result where there is no value
     * @return the number
     * @throws JsonException if it is no whole number
     */
    public int integer(String key, int absent) {
        double number = number(key, absent);
        if (number != (int) number) {
            throw refusal(key, "expected a whole number below 2^31");
        }
        return (int) number;
    }

    /**
     * Reads a boolean.
     *
     * @param key the key
     * @param absent the result where there is no value
     * @return the value
     * @throws JsonException if it is neither true nor false
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
     * Reads an array of strings.
     *
     * @param key the key
     * @return empty where there is no value
     * @throws JsonException if it is no array of strings
     */
    public List<String> texts(String key) {
        Json value = find(key);
        if (value == null) {
            return List.of();
        }
        return value.strings().orElseThrow(() -> refusal(key, "expected a list of texts"));
    }

    /**
     * Reads an object within.
     *
     * @param key the key
     * @return the object, which needs a {@link #finish} of its own; empty where there is no value
     * @throws JsonException if it is no object
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
     * @return their number
     */
    public int size() {
        return object.members().size();
    }

    /**
     * Checks a value.
     *
     * @param ok true for a valid value
     * @param key the key
     * @param message what the value must be
     * @throws JsonException if it is not valid
     */
    public void require(boolean ok, String key, String message) {
        if (!ok) {
            throw refusal(key, message);
        }
    }

    /**
     * Accepts keys without reading them.
     *
     * @param keys the keys
     */
    public void ignore(String... keys) {
        seen.addAll(Arrays.asList(keys));
    }

    /**
     * Ends the reading.
     *
     * @throws JsonException if a key was neither read nor ignored
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
     * Creates an error about a value.
     *
     * @param key the key
     * @param message what the value must be
     * @return an exception with file, line, path and the value found
     */
    public JsonException refusal(String key, String message) {
        Json value = object.members().get(key);
        return where.key(key)
                .error(
                        value == null ? object.line() : value.line(),
                        message + ", got " + (value == null ? "nothing" : value.compact()));
    }
}
