package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class MarkupTest {
    @Test
    void textAndAttributesAreEscaped() {
        Markup markup = new Markup().leaf("b", "a < b & \"c\" > 'd'", "title", "\"/><script>");
        assertEquals(
                "<b title=\"&quot;/&gt;&lt;script&gt;\">a &lt; b &amp; &quot;c&quot; &gt; 'd'</b>",
                markup.toString());
    }

    @Test
    void whatXmlCannotHoldIsReplaced() {
        String text = "tab\t nul\0 bell\7 half\uD83D whole\uD83D\uDE00";
        assertEquals(
                "tab\t nul\uFFFD bell\uFFFD half\uFFFD whole\uD83D\uDE00",
                new Markup().text(text).toString());
    }

    @Test
    void elementsMustBeClosedAndAttributesHaveValues() {
        Markup open = new Markup().open("div").open("p");
        assertThrows(IllegalStateException.class, open::toString);
        assertThrows(IllegalArgumentException.class, () -> new Markup().open("div", "class"));
        assertThrows(IllegalArgumentException.class, () -> new Markup().style("a </style> b"));
    }
}
