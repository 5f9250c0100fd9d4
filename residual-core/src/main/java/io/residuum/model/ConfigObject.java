package io.residuum.model;

import com.google.common.base.Splitter;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonText;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.Size2d;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object of another library's settings by its keys. {@link #finish} refuses keys
 * that were not read, and {@link #unread} lists them, so no setting is overlooked. {@code null}
 * counts as no value. Errors are {@link SpecException}s with file, line and path.
 */
public final class ConfigObject {
    private final Json.Obj object;
    private final JsonPath path;
    private final Set<String> seen = new HashSet<>();

    /**
     * Creates a reader.
     *
     * @param path its place
     */
    public ConfigObject(Json.Obj object, JsonPath path) {
        this.object = object;
        this.path = path;
    }

    /** {@return the value of a key, or null if there is none} */
    private <T extends Json> @Nullable T find(String key, Class<T> kind, String expected) {
        seen.add(key);
        Json value = object.get(key);
        if (value instanceof Json.Null) {
            return null;
        }
        require(kind.isInstance(value), key, expected);
        return kind.cast(value);
    }

    /** {@return true if the key has a value} */
    public boolean has(String key) {
        return find(key, Json.class, "") != null;
    }

    /** {@return true if the object has a key, even without a value} */
    public boolean names(String key) {
        return object.members().containsKey(key);
    }

    /**
     * {@return a text}
     *
     * @param absent the result if there is no value
     */
    public String text(String key, String absent) {
        Json.Str text = find(key, Json.Str.class, "expected a text");
        return text == null ? absent : text.value();
    }

    /**
     * {@return a number}
     *
     * @param absent the result if there is no value
     */
    public double number(String key, double absent) {
        Json.Num number = find(key, Json.Num.class, "expected a number");
        double value = number == null ? absent : Double.parseDouble(number.text());
        require(Double.isFinite(value), key, "expected a number that a double holds");
        return value;
    }

    /**
     * {@return a whole number, which is a size: 1 or more, or 0 if that is the default}
     *
     * @param absent the result if there is no value
     */
    public int integer(String key, int absent) {
        return integer(key, absent, Math.min(absent, 1));
    }

    /**
     * {@return a whole number}
     *
     * @param absent the result if there is no value
     * @param least the smallest one that is accepted
     */
    public int integer(String key, int absent, int least) {
        double number = number(key, absent);
        require(
                number == (int) number && number >= least,
                key,
                "expected a whole number in [" + least + ", 2^31)");
        return (int) number;
    }

    /**
     * {@return true or false}
     *
     * @param absent the result if there is no value
     */
    public boolean flag(String key, boolean absent) {
        Json.Bool flag = find(key, Json.Bool.class, "expected true or false");
        return flag == null ? absent : flag.value();
    }

    /** {@return a list of texts; empty if there is no value} */
    public List<String> texts(String key) {
        String expected = "expected a list of texts";
        Json.Arr list = find(key, Json.Arr.class, expected);
        return list == null ? List.of() : list.strings().orElseThrow(() -> refusal(key, expected));
    }

    /**
     * {@return the parts of a text with a separator, or a list of texts; empty if there is no
     * value}
     *
     * @param separator the character between the parts
     */
    public List<String> texts(String key, char separator) {
        return object.get(key) instanceof Json.Str
                ? Splitter.on(separator).trimResults().splitToList(text(key, ""))
                : texts(key);
    }

    /**
     * {@return a height and a width, given as one number for both or as a list}
     *
     * @param absent the result if there is no value
     */
    public Size2d size(String key, int absent) {
        if (object.get(key) instanceof Json.Arr) {
            List<Double> sizes = numbers(key, List.of());
            boolean whole = sizes.stream().allMatch(s -> s == s.intValue() && s > 0);
            must(key, whole && sizes.size() == 2, "a number or [height, width]");
            return new Size2d(sizes.get(0).intValue(), sizes.get(1).intValue());
        }
        return Size2d.of(integer(key, absent));
    }

    /**
     * {@return a list of numbers}
     *
     * @param absent the result if there is no value
     */
    public List<Double> numbers(String key, List<Double> absent) {
        Json.Arr list = find(key, Json.Arr.class, "expected a list of numbers");
        if (list == null) {
            return absent;
        }
        require(
                list.items().stream().allMatch(Json.Num.class::isInstance),
                key,
                "expected a list of numbers");
        return list.items().stream()
                .map(item -> Double.parseDouble(((Json.Num) item).text()))
                .toList();
    }

    /** {@return the object of a key, which needs a separate {@link #finish}} */
    public Optional<ConfigObject> object(String key) {
        return Optional.ofNullable(find(key, Json.Obj.class, "expected an object"))
                .map(inner -> new ConfigObject(inner, path.key(key)));
    }

    /** {@return true if the value of a key is an object} */
    public boolean isObject(String key) {
        return object.get(key) instanceof Json.Obj;
    }

    /** {@return the number of keys} */
    public int size() {
        return object.members().size();
    }

    /**
     * Fails unless a condition holds.
     *
     * @param ok the condition
     * @param key the key that it is about
     * @param message the invariant; the value follows it
     */
    public void require(boolean ok, String key, String message) {
        if (!ok) {
            throw refusal(key, message);
        }
    }

    /**
     * Fails with "must be" unless a condition holds.
     *
     * @param key the key that it is about
     * @param ok the condition
     * @param value what it must be
     */
    public void must(String key, boolean ok, String value) {
        require(ok, key, "must be " + value);
    }

    /** Fails if one of these is true. */
    public void mustBeFalse(String... keys) {
        for (String key : keys) {
            must(key, !flag(key, false), "false");
        }
    }

    /**
     * Fails if an object has members.
     *
     * @param key the key of the object
     * @param message the invariant
     */
    public void requireEmpty(String key, String message) {
        require(object(key).map(ConfigObject::size).orElse(0) == 0, key, message);
    }

    /** {@return the name of the file} */
    public String source() {
        return path.source();
    }

    /** {@return the keys with a value that were neither read nor ignored} */
    public List<String> unread() {
        return object.members().entrySet().stream()
                .filter(m -> !seen.contains(m.getKey()) && !(m.getValue() instanceof Json.Null))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Accepts keys without reading them. */
    public void ignore(String... keys) {
        seen.addAll(Arrays.asList(keys));
    }

    /** Refuses keys that were neither read nor ignored. */
    public void finish() {
        for (String key : unread()) {
            throw error(
                    key,
                    "this setting is unknown and may change what the network computes; remove it if"
                            + " it does not");
        }
    }

    /**
     * {@return a failure that shows the value of a key}
     *
     * @param message the invariant
     */
    public SpecException refusal(String key, String message) {
        Json value = object.members().get(key);
        String found = value == null ? "nothing" : JsonText.oneLine(value.compact());
        return error(key, message + ", got " + found);
    }

    /**
     * {@return the failure of reading this object, with its place unless it has the one of a
     * setting}
     */
    public RuntimeException located(RuntimeException failure) {
        return failure.getCause() instanceof JsonException
                ? failure
                : new SpecException(
                        path.error(object.line(), String.valueOf(failure.getMessage()), failure));
    }

    private SpecException error(String key, String message) {
        int line = object.members().getOrDefault(key, object).line();
        return new SpecException(path.key(key).error(line, message));
    }
}
