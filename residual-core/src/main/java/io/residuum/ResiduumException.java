package io.residuum;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can fix. Its subclasses name what failed: a spec, weights, data,
 * training, the engine, or capturing a graph.
 */
public abstract class ResiduumException extends RuntimeException {
    /** Creates an exception; the message names the invariant, the value found and the fix. */
    protected ResiduumException(String message) {
        super(printable(message));
    }

    /** Creates an exception with the underlying failure; null if there is none. */
    protected ResiduumException(String message, @Nullable Throwable cause) {
        super(printable(message), cause);
    }

    /**
     * Escapes characters without a glyph, except line breaks. Messages quote files, and a terminal
     * would obey control characters.
     */
    private static String printable(String message) {
        StringBuilder out = new StringBuilder(message.length());
        message.codePoints()
                .forEach(
                        c -> {
                            switch (Character.getType(c)) {
                                case Character.CONTROL, Character.FORMAT, Character.SURROGATE -> {
                                    if (c == '\n') {
                                        out.append('\n');
                                    } else {
                                        out.append(String.format(Locale.ROOT, "\\u%04x", c));
                                    }
                                }
                                default -> out.appendCodePoint(c);
                            }
                        });
        return out.toString();
    }
}
