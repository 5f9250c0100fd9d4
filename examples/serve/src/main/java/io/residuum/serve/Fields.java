package io.residuum.serve;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The members of a JSON object in a request. Every access names a member that the server knows;
 * {@link #end} refuses the others.
 */
final class Fields {
    private final String path;
    private final Json.Obj object;
    private final Set<String> known = new LinkedHashSet<>();

    Fields(String path, Json json) {
        this.path = path;
        if (!(json instanceof Json.Obj members)) {
            throw ApiException.invalid(
                    path.isEmpty() ? "body" : path,
                    "%s must be a JSON object, found %s",
                    path.isEmpty() ? "the body" : path,
                    kind(json));
        }
        this.object = members;
    }

    /** Parses the body of a request. */
    static Fields parse(byte[] body) {
        try {
            return new Fields("", JsonReader.read(ByteBuffer.wrap(body), "body", bytes -> {}));
        } catch (JsonException e) {
            throw ApiException.of(
                    ApiException.BAD_REQUEST, "invalid_json", "%s", String.valueOf(e.getMessage()));
        }
    }

    private static String kind(Json json) {
        return json.kind().name().toLowerCase(Locale.ROOT);
    }

    String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Returns a member; empty if it is missing or null. */
    Optional<Json> find(String key) {
        known.add(key);
        Json value = object.get(key);
        return value.kind() == Json.Kind.NULL ? Optional.empty() : Optional.of(value);
    }

    Json required(String key) {
        return find(key)
                .orElseThrow(() -> ApiException.invalid(name(key), "%s is missing", name(key)));
    }

    private <T extends Json> Optional<T> find(String key, Class<T> type, String wanted) {
        return find(key)
                .map(
                        value -> {
                            if (!type.isInstance(value)) {
                                throw wrong(name(key), wanted, value);
                            }
                            return type.cast(value);
                        });
    }

    static ApiException wrong(String name, String wanted, Json found) {
        return ApiException.invalid(name, "%s must be %s, found %s", name, wanted, kind(found));
    }

    Optional<String> string(String key) {
        return find(key, Json.Str.class, "a string").map(Json.Str::value);
    }

    boolean bool(String key) {
        return find(key, Json.Bool.class, "true or false").map(Json.Bool::value).orElse(false);
    }

    /** Returns a string, or the strings of a list; empty if it is missing. */
    List<String> strings(String key) {
        Optional<Json> value = find(key);
        if (value.isEmpty()) {
            return List.of();
        }
        return value.get() instanceof Json.Str one
                ? List.of(one.value())
                : value.get()
                        .strings()
                        .orElseThrow(
                                () ->
                                        wrong(
                                                name(key),
                                                "a string or a list of strings",
                                                value.get()));
    }

    double number(String key, double absent, double least, double most) {
        Optional<Json.Num> number = find(key, Json.Num.class, "a number");
        double value = number.map(n -> Double.parseDouble(n.text())).orElse(absent);
        if (number.isPresent() && !(value >= least && value <= most)) {
            throw ApiException.invalid(
                    name(key),
                    "%s must be in [%s, %s], found %s",
                    name(key),
                    JsonText.number(least),
                    JsonText.number(most),
                    number.get().text());
        }
        return value;
    }

    long integer(String key, long absent, long least, long most) {
        Optional<Json.Num> number = find(key, Json.Num.class, "an integer");
        if (number.isEmpty()) {
            return absent;
        }
        String text = number.get().text();
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // The message below says so.
        }
        throw ApiException.invalid(
                name(key),
                "%s must be an integer in [%d, %d], found %s",
                name(key),
                least,
                most,
                text);
    }

    /** Accepts a member only with a value that has no effect, because the server has no other. */
    void only(String key, Object accepted) {
        Json wanted = Json.of(accepted);
        Optional<Json> found = find(key).filter(value -> !same(value, wanted));
        if (found.isPresent()) {
            throw ApiException.invalid(
                    name(key),
                    "%s must be %s, found %s: this server has no other",
                    name(key),
                    wanted.compact(),
                    found.get().compact());
        }
    }

    private static boolean same(Json found, Json wanted) {
        return found instanceof Json.Num a && wanted instanceof Json.Num b
                ? Double.parseDouble(a.text()) == Double.parseDouble(b.text())
                : found.compact().equals(wanted.compact());
    }

    /** Returns the objects of a list. */
    List<Fields> objects(String key) {
        if (!(required(key) instanceof Json.Arr list)) {
            throw wrong(name(key), "a list of objects", object.get(key));
        }
        List<Fields> all = new ArrayList<>();
        for (Json item : list.items()) {
            all.add(new Fields(name(key) + "[" + all.size() + "]", item));
        }
        return all;
    }

    /** Returns the members of an object, each as fields. */
    Set<String> keys() {
        return object.members().keySet();
    }

    /** Refuses members that were not asked for. */
    void end() {
        for (String key : object.members().keySet()) {
            if (!known.contains(key)) {
                throw ApiException.invalid(
                        name(key),
                        "%s%s",
                        path.isEmpty() ? "" : path + ": ",
                        JsonText.unknown("field", key, known));
            }
        }
    }
}
