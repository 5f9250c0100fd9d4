package io.residuum.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Formats strings and numbers for JSON and messages. */
public final class JsonText {
    private static final int SHOWN_VALUE = 120;
    private static final int SHOWN_MESSAGE = 1000;

    private JsonText() {}

    /** {@return a JSON string in quotes, on one line: characters without a glyph are escaped} */
    public static String literal(String value) {
        return '"' + escape(value, true) + '"';
    }

    /** {@return a JSON string for a message, cut after 120 characters with its length added} */
    public static String quote(String value) {
        return value.length() <= SHOWN_VALUE
                ? literal(value)
                : literal(value.substring(0, SHOWN_VALUE)) + "... of " + value.length();
    }

    /** {@return a foreign message on one line of at most 1000 characters} */
    public static String oneLine(String message) {
        String escaped = escape(message, false);
        return escaped.length() <= SHOWN_MESSAGE
                ? escaped
                : escaped.substring(0, SHOWN_MESSAGE) + "...";
    }

    /**
     * {@return the message for an unknown name, with the nearest name and all accepted names}
     *
     * @param what the word for such names, for instance "key"
     * @param found the unknown name
     * @param accepted the known names
     */
    public static String unknown(String what, String found, Collection<String> accepted) {
        String meant =
                nearest(found, accepted)
                        .map(near -> ", did you mean " + literal(near) + "?")
                        .orElse("");
        String all = accepted.isEmpty() ? "nothing" : String.join(", ", accepted);
        return "unknown " + what + " " + quote(found) + meant + " (accepted: " + all + ")";
    }

    /**
     * {@return the known name that a misspelt name probably means; empty if none is near}
     *
     * @param found the unknown name
     * @param accepted the known names
     */
    public static Optional<String> nearest(String found, Collection<String> accepted) {
        String nearest = null;
        // Two wrong letters, or a third of them, are a typo. More, or all, are another word.
        int best = Math.min(found.length(), Math.max(2, found.length() / 3) + 1);
        for (String candidate : accepted) {
            int distance = distance(found, candidate, best);
            if (distance < Math.min(best, candidate.length())) {
                best = distance;
                nearest = candidate;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** Returns a finite number that reads back as the same value of its type. */
    static String number(Number value) {
        return value instanceof Double real ? number(real.doubleValue()) : value.toString();
    }

    /**
     * {@return the shortest decimal that reads back as the same double, always with a point or an
     * exponent}
     *
     * @param value a finite number
     */
    public static String number(double value) {
        if (value == 0) {
            return Double.toString(value);
        }
        BigDecimal exact = new BigDecimal(value);
        BigDecimal shortest = exact;
        for (int digits = 1; digits <= 17; digits++) {
            shortest = exact.round(new MathContext(digits));
            if (shortest.doubleValue() == value) {
                break;
            }
        }
        shortest = shortest.stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            return shortest.setScale(Math.max(1, shortest.scale())).toPlainString();
        }
        return shortest.movePointLeft(exponent).toPlainString() + "e" + exponent;
    }

    private static String escape(String value, boolean quoted) {
        StringBuilder out = new StringBuilder(value.length() + 2);
        value.codePoints()
                .forEach(
                        c -> {
                            if (quoted && (c == '"' || c == '\\')) {
                                out.append('\\').append((char) c);
                            } else if (c == '\n') {
                                out.append("\\n");
                            } else if (c == '\r') {
                                out.append("\\r");
                            } else if (c == '\t') {
                                out.append("\\t");
                            } else if (hasGlyph(c)) {
                                out.appendCodePoint(c);
                            } else {
                                for (char unit : Character.toChars(c)) {
                                    out.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                                }
                            }
                        });
        return out.toString();
    }

    private static boolean hasGlyph(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }

    /** Returns the edit distance, ignoring case, or {@code limit} if it is larger. */
    private static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) >= limit) {
            return limit;
        }
        int distance = EditDistance.between(a.toLowerCase(Locale.ROOT), b.toLowerCase(Locale.ROOT));
        return Math.min(limit, distance);
    }

    /** {@return a byte for messages: the character, or its number if it is none of ASCII's} */
    static String describe(int c) {
        return c > ' ' && c < 0x7f ? "'" + (char) c + "'" : "byte 0x%02x".formatted(c);
    }
}
