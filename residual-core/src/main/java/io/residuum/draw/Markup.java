package io.residuum.draw;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * A builder of markup that is both HTML and well-formed XML. It escapes all text and attributes, so
 * that no caller can forget to.
 */
public final class Markup {
    private static final Set<String> ON_A_LINE =
            Set.of("section", "table", "tr", "svg", "g", "figure", "div", "p", "h2", "li", "head");

    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Opens an element.
     *
     * @param tag the name of the element
     * @param attributes names, each followed by its value
     */
    public Markup open(String tag, String... attributes) {
        start(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    /** Closes the element that was opened last. */
    public Markup close() {
        String tag = open.pop();
        out.append("</").append(tag).append('>');
        if (ON_A_LINE.contains(tag)) {
            out.append('\n');
        }
        return this;
    }

    /**
     * Adds an element that holds only text.
     *
     * @param tag the name of the element
     * @param text any text
     * @param attributes names, each followed by its value
     */
    public Markup leaf(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    /**
     * Adds an element without content, such as {@code img} or a shape in a drawing.
     *
     * @param tag the name of the element
     * @param attributes names, each followed by its value
     */
    public Markup empty(String tag, String... attributes) {
        start(tag, attributes);
        out.append("/>");
        return this;
    }

    /**
     * Adds text.
     *
     * @param text any text; characters that XML cannot hold are replaced
     */
    public Markup text(String text) {
        escape(text);
        return this;
    }

    /**
     * Adds a style sheet. HTML reads it without resolving entities.
     *
     * @param css a style sheet without {@code <} and {@code &}
     */
    public Markup style(String css) {
        checkArgument(
                css.indexOf('<') < 0 && css.indexOf('&') < 0, "a style sheet must not use < or &");
        out.append("<style>").append(css).append("</style>");
        return this;
    }

    /**
     * Appends complete markup.
     *
     * @param finished markup with all elements closed
     */
    public Markup append(Markup finished) {
        out.append(finished);
        return this;
    }

    private void start(String tag, String... attributes) {
        checkArgument(
                attributes.length % 2 == 0,
                "attributes of <%s> must be name-value pairs, got %s strings",
                tag,
                attributes.length);
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            out.append('"');
        }
    }

    private void escape(String text) {
        text.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> out.append("&amp;");
                                case '<' -> out.append("&lt;");
                                case '>' -> out.append("&gt;");
                                case '"' -> out.append("&quot;");
                                default -> out.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
                            }
                        });
    }

    // XML 1.0, production 2, excludes control characters and lone surrogates.
    private static boolean isAllowed(int c) {
        return c >= 0x20
                ? (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE && c != 0xFFFF
                : c == '\t' || c == '\n' || c == '\r';
    }

    @Override
    public String toString() {
        checkState(open.isEmpty(), "all elements must be closed, still open: %s", open);
        return out.toString();
    }
}
