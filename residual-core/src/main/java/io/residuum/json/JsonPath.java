package io.residuum.json;

import org.jspecify.annotations.Nullable;

/**
 * The path of a value in a document, as messages show it: {@code $.network.layers[3].kernel}.
 *
 * @param source the document's name in messages, for instance a file name
 * @param parent the path of the object or array that holds the value; null for the document
 * @param step a key or an index
 */
public record JsonPath(String source, @Nullable JsonPath parent, Object step) {

    /**
     * {@return the path of a document, {@code $}}
     *
     * @param source the document's name in messages
     */
    public static JsonPath root(String source) {
        return new JsonPath(source, null, "$");
    }

    /**
     * {@return the path of an object's member, {@code path.name}}
     *
     * @param name the key
     */
    public JsonPath key(String name) {
        return new JsonPath(source, this, name);
    }

    /**
     * {@return the path of an array's item, {@code path[index]}}
     *
     * @param index the index, counted from 0
     */
    public JsonPath index(int index) {
        return new JsonPath(source, this, index);
    }

    /**
     * {@return an exception about the value at this path}
     *
     * @param line the line of the value
     * @param problem the invariant and the value found
     */
    public JsonException error(int line, String problem) {
        return error(line, problem, null);
    }

    /**
     * {@return an exception about the value at this path}
     *
     * @param line the line of the value
     * @param problem the invariant and the value found
     * @param cause the underlying failure
     */
    public JsonException error(int line, String problem, @Nullable Throwable cause) {
        return new JsonException(source, line, this + ": " + problem, cause);
    }

    @Override
    public String toString() {
        if (parent == null) {
            return String.valueOf(step);
        }
        if (step instanceof String key) {
            boolean plain = key.length() <= 40 && key.matches("[A-Za-z_]\\w*");
            return parent + (plain ? "." + key : "[" + JsonText.quote(key) + "]");
        }
        return parent + "[" + step + "]";
    }
}
