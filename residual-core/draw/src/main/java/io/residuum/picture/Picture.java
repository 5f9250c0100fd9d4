package io.residuum.picture;

import io.residuum.draw.Diagram;
import io.residuum.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A picture of a network, the same as SVG, PNG and PDF. The light background suits paper.
 * Immutable.
 */
public final class Picture {
    /** The file formats, as file name suffixes. */
    public static final List<String> SUFFIXES = List.of(".svg", ".png", ".pdf");

    private final String title;
    private final double width;
    private final double height;
    private final List<Mark> marks;

    Picture(String title, double width, double height, List<Mark> marks) {
        this.title = title;
        this.width = width;
        this.height = height;
        this.marks = List.copyOf(marks);
    }

    /**
     * Draws a diagram. Of several layouts it takes the one that is largest on a page of A4.
     *
     * @param diagram the diagram to draw, usually {@link Diagram#folded folded}
     * @param title the title of the picture
     * @param subtitle a line below the title
     */
    public static Picture of(Diagram diagram, String title, String subtitle) {
        return Painter.paint(diagram, Arrangement.of(diagram), title, subtitle);
    }

    /**
     * Writes the picture to a file.
     *
     * @param file a file whose suffix is one of {@link #SUFFIXES}
     * @throws IOException if the file cannot be written
     */
    public void write(Path file) throws IOException {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".svg")) {
            AtomicFiles.writeString(file, svg());
        } else if (name.endsWith(".png")) {
            byte[] png = png(2);
            AtomicFiles.write(file, out -> out.write(png));
        } else if (name.endsWith(".pdf")) {
            byte[] pdf = pdf();
            AtomicFiles.write(file, out -> out.write(pdf));
        } else {
            throw new PictureException(
                    "a picture must end in one of %s, got %s".formatted(SUFFIXES, file));
        }
    }

    /**
     * Returns the picture as SVG, with text as text.
     *
     * @return a document
     */
    public String svg() {
        return SvgFormat.of(this);
    }

    /**
     * Returns the picture as PNG.
     *
     * @param scale the number of pixels per point, positive
     * @return the contents of a file
     */
    public byte[] png(double scale) {
        return PngFormat.of(this, scale);
    }

    /**
     * Returns the picture as a PDF with one page, no larger than A4, with text as text. Equal
     * pictures give equal files.
     *
     * @return the contents of a file
     */
    public byte[] pdf() {
        return PdfFormat.of(this);
    }

    String title() {
        return title;
    }

    double width() {
        return width;
    }

    double height() {
        return height;
    }

    /** Returns the scale at which the picture fits a page of A4, at most 1. */
    double pageScale() {
        return Arrangement.pageScale(width, height);
    }

    List<Mark> marks() {
        return marks;
    }
}
