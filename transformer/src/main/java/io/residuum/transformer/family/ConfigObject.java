package io.residuum.transformer.family;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.spec.SpecException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of one JSON object by its keys. {@link #finish} refuses keys that were not read, so no
 * setting is overlooked. {@code null} counts as no value. Errors are {@link SpecException}s.
 */
final class ConfigObject {
    private final Json.Obj object;
    private final JsonPath path;
    private final Set<String> seen = new HashSet<>();

    ConfigObject(Json.Obj object, JsonPath path) {
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

    boolean has(String key) {
        return find(key, Json.class, "") != null;
    }

    String text(String key, String absent) {
        Json.Str text = find(key, Json.Str.class, "expected a text");
        return text == null ? absent : text.value();
    }

    double number(String key, double absent) {
        Json.Num number = find(key, Json.Num.class, "expected a number");
        return number == null ? absent : Double.parseDouble(number.text());
    }

    int integer(String key, int absent) {
        double number = number(key, absent);
        require(number == (int) number, key, "expected a whole number below 2^31");
        return (int) number;
    }

    boolean flag(String key, boolean absent) {
        Json.Bool flag = find(key, Json.Bool.class, "expected true or false");
        return flag == null ? absent : flag.value();
    }

    List<String> texts(String key) {
        String expected = "expected a list of texts";
        Json.Arr list = find(key, Json.Arr.class, expected);
        return list == null ? List.of() : list.strings().orElseThrow(() -> refusal(key, expected));
    }

    /** {@return the object of a key, which needs a separate {@link #finish}} */
    Optional<ConfigObject> object(String key) {
        return Optional.ofNullable(find(key, Json.Obj.class, "expected an object"))
                .map(inner -> new ConfigObject(inner, path.key(key)));
    }

    int size() {
        return object.members().size();
    }

    void require(boolean ok, String key, String message) {
        if (!ok) {
            throw refusal(key, message);
        }
    }

    /** Accepts keys without reading them. */
    void ignore(String... keys) {
        seen.addAll(Arrays.asList(keys));
    }

    /** Refuses keys that were neither read nor ignored. */
    void finish() {
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
            if (!seen.contains(member.getKey())) {
                throw error(
                        member.getKey(),
                        "this setting is unknown and may change what the network computes; remove"
                                + " it if it does not");
            }
        }
    }

    SpecException refusal(String key, String message) {
        Json value = object.members().get(key);
        return error(key, message + ", got " + (value == null ? "nothing" : value.compact()));
    }

    private SpecException error(String key, String message) {
        int line = object.members().getOrDefault(key, object).line();
        return new SpecException(path.key(key).error(line, message));
    }
}
