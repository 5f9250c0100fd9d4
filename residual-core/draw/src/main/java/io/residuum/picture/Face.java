package io.residuum.picture;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.GlyphData;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;

/**
 * A font whose widths are the same on every machine: Liberation Sans, as wide as Arial and
 * Helvetica. Characters without a glyph become {@code ?} in PNG and PDF.
 */
enum Face {
    REGULAR("LiberationSans-Regular.ttf"),
    BOLD("LiberationSans-Bold.ttf");

    private final String file;
    private final TrueTypeFont font;
    private final CmapLookup glyphs;

    Face(String file) {
        this.file = file;
        try (InputStream in = open()) {
            font = new TTFParser().parse(new RandomAccessReadBuffer(in));
            glyphs = font.getUnicodeCmapLookup();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens the font's file. */
    InputStream open() {
        InputStream in = Face.class.getResourceAsStream("/liberation/" + file);
        if (in == null) {
            throw new IllegalStateException(
                    "the font "
                            + file
                            + " must be on the class path: add openpdf-fonts-extra of"
                            + " com.github.librepdf, which residual-draw depends on");
        }
        return in;
    }

    /** Returns a text with the characters that the font has. */
    String printable(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .map(c -> glyphs.getGlyphId(c) == 0 ? '?' : c)
                .forEach(out::appendCodePoint);
        return out.toString();
    }

    double width(String text, double size) {
        return text.codePoints().mapToDouble(this::advance).sum() * size;
    }

    /** Returns the width of a character as a share of the font size. */
    private synchronized double advance(int c) {
        try {
            return (double) font.getAdvanceWidth(glyphs.getGlyphId(c)) / font.getUnitsPerEm();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the outlines of a text whose baseline starts at a point. */
    synchronized Path2D outline(String text, double size, double x, double y) {
        Path2D outline = new Path2D.Double(Path2D.WIND_NON_ZERO);
        try {
            double scale = size / font.getUnitsPerEm();
            double at = x;
            for (int c : printable(text).codePoints().toArray()) {
                GlyphData glyph = font.getGlyph().getGlyph(glyphs.getGlyphId(c));
                if (glyph != null) {
                    var place = new AffineTransform(scale, 0, 0, -scale, at, y);
                    outline.append(glyph.getPath().getPathIterator(place), false);
                }
                at += advance(c) * size;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return outline;
    }
}
