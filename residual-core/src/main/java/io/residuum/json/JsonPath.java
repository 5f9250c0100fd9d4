package io.residuum.json;

import org.jspecify.annotations.Nullable;

/**
 * The path of a value in a document, as messages show it: {@code $.network.layers[3].kernel}.
 *
 * @param source what messages call the document, for instance a file name
 * @param parent the path of the object or array that holds the value; null for the document
 * @param step a key or an index
 */
public record JsonPath(String source, @Nullable JsonPath parent, Object step) {

    /**
     * Returns the path of a whole document.
     *
     * @param source what messages call the document
     * @return {@code $}
     */
    public static JsonPath root(String source) {
        return new JsonPath(source, null, "$");
    }

    /**
     * Returns the path of an object's member.
     *
     * @param name the key
     * @return {@code path.name}
     */
    public JsonPath key(String name) {
        return new JsonPath(source, this, name);
    }

    /**
     * Returns the path of an array's item.
     *
     * @param index counted from 0
     * @return {@code path[index]}
     */
    public JsonPath index(int index) {
        return new JsonPath(source, this, index);
    }

    /**
     * Creates an error about the value at this path.
     *
     * @param line the line of the value
     * @param problem what must hold, and what was found
     * @return the exception
     */
    public JsonException error(int line, String problem) {
        return error(line, problem, null);
    }

    /**
     * Creates an error about the value at this path.
     *
     * @param line the line of the value
     * @param problem what must hold, and what was found
     * @param cause the underlying failure
     * @return the exception
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
