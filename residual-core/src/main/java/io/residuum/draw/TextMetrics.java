package io.residuum.draw;

/** Estimates the width of text, generously for the usual sans-serif fonts. */
final class TextMetrics {
    /** The font size of headings in boxes. */
    static final double TITLE = 13;

    /** The font size of all other text in boxes. */
    static final double TEXT = 11.5;

    /** The height of a line of that text. */
    static final double LINE = 16;

    private TextMetrics() {}

    static double title(String text) {
        return 1.06 * width(text, TITLE);
    }

    static double text(String text) {
        return width(text, TEXT);
    }

    static double width(String text, double size) {
        return size * text.codePoints().mapToDouble(TextMetrics::ems).sum();
    }

    private static double ems(int c) {
        if ("iljtfrI.,:;'|()[]! -".indexOf(c) >= 0) {
            return 0.38;
        }
        if ("mwMW@%".indexOf(c) >= 0) {
            return 0.95;
        }
        if (c > 0x2E80) {
            return 1.05;
        }
        return Character.isUpperCase(c) ? 0.74 : 0.62;
    }
}
