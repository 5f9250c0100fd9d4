package io.residuum.json;

import io.residuum.spec.SpecException;
import org.jspecify.annotations.Nullable;

/** A place in a document, as a JSON path: {@code $.network.layers[3].kernel}. */
public record JsonPath(String source, @Nullable JsonPath parent, String step) {

    public static JsonPath root(String source) {
        return new JsonPath(source, null, "$");
    }

    public JsonPath key(String name) {
        boolean plain = name.length() <= 40 && name.matches("[A-Za-z_]\\w*");
        return new JsonPath(source, this, plain ? "." + name : "[" + JsonText.quote(name) + "]");
    }

    public JsonPath index(int index) {
        return new JsonPath(source, this, "[" + index + "]");
    }

    /** An error here, on a line of the source. */
    public SpecException error(int line, String message) {
        return new SpecException(describe(line, message));
    }

    public SpecException error(int line, String message, Throwable cause) {
        return new SpecException(describe(line, message), cause);
    }

    private String describe(int line, String message) {
        return JsonText.oneLine(source) + ":" + line + ": " + this + ": " + message;
    }

    @Override
    public String toString() {
        return parent == null ? step : parent + step;
    }
}
