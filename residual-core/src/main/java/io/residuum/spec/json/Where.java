package io.residuum.spec.json;

import io.residuum.spec.SpecException;
import org.jspecify.annotations.Nullable;

/** A place in a document, as a JSON path: {@code $.network.layers[3].kernel}. */
record Where(String source, @Nullable Where parent, String step) {

    static Where root(String source) {
        return new Where(source, null, "$");
    }

    Where key(String name) {
        boolean plain = name.length() <= 40 && name.matches("[A-Za-z_]\\w*");
        return new Where(source, this, plain ? "." + name : "[" + Text.quote(name) + "]");
    }

    Where index(int index) {
        return new Where(source, this, "[" + index + "]");
    }

    /** An error here, on a line of the source. */
    SpecException error(int line, String message) {
        return new SpecException(describe(line, message));
    }

    SpecException error(int line, String message, Throwable cause) {
        return new SpecException(describe(line, message), cause);
    }

    private String describe(int line, String message) {
        return Text.oneLine(source) + ":" + line + ": " + this + ": " + message;
    }

    @Override
    public String toString() {
        return parent == null ? step : parent + step;
    }
}
