package io.residuum.weights;

/** Strings as JSON writes them, which is also how messages show names that a file chose. */
final class JsonText {
    private static final int SHOWN = 120;

    private JsonText() {}

    /** Quotes a string; the result is one line whatever the string holds. */
    static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /** Quotes a string for a message, where a name of a megabyte would help nobody. */
    static String shown(String text) {
        return text.length() <= SHOWN
                ? quote(text)
                : quote(text.substring(0, SHOWN)) + "... (" + text.length() + " characters)";
    }
}
