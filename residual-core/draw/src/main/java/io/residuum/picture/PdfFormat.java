package io.residuum.picture;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.PathIterator;
import java.awt.geom.Point2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.apache.pdfbox.util.Matrix;

/** Writes pictures as PDF, with the used part of the fonts embedded. */
final class PdfFormat {
    private final Map<Face, PDType0Font> fonts = new EnumMap<>(Face.class);
    private final PDPageContentStream page;

    private PdfFormat(PDDocument document, PDPageContentStream page) throws IOException {
        this.page = page;
        for (Face face : Face.values()) {
            try (InputStream in = face.open()) {
                fonts.put(face, PDType0Font.load(document, in));
            }
        }
    }

    static byte[] of(Picture picture) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PDDocument document = new PDDocument()) {
            // The default depends on the time.
            document.setDocumentId(1L);
            document.getDocumentInformation().setTitle(picture.title());
            float scale = (float) picture.pageScale();
            float height = (float) picture.height() * scale;
            PDPage page = new PDPage(new PDRectangle((float) picture.width() * scale, height));
            document.addPage(page);
            try (PDPageContentStream stream = new PDPageContentStream(document, page)) {
                // PDF has y up.
                stream.transform(new Matrix(scale, 0, 0, -scale, 0, height));
                PdfFormat format = new PdfFormat(document, stream);
                for (Mark mark : picture.marks()) {
                    format.draw(mark);
                }
            }
            document.save(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private void draw(Mark mark) throws IOException {
        if (mark instanceof Mark.Text text) {
            text(text);
        } else {
            figure((Mark.Figure) mark);
        }
    }

    private void text(Mark.Text text) throws IOException {
        page.beginText();
        page.setFont(Objects.requireNonNull(fonts.get(text.face())), (float) text.size());
        page.setNonStrokingColor(text.color());
        page.setTextMatrix(new Matrix(1, 0, 0, -1, (float) text.x(), (float) text.y()));
        page.showText(text.face().printable(text.text()));
        page.endText();
    }

    private void figure(Mark.Figure figure) throws IOException {
        Color fill = figure.fill();
        Color stroke = figure.stroke();
        if (fill != null) {
            page.setNonStrokingColor(fill);
        }
        if (stroke != null) {
            page.setStrokingColor(stroke);
            page.setLineWidth((float) figure.width());
            page.setLineDashPattern(figure.dashed() ? new float[] {4, 3} : new float[0], 0);
        }
        trace(figure.shape());
        if (fill != null && stroke != null) {
            page.fillAndStroke();
        } else if (fill != null) {
            page.fill();
        } else {
            page.stroke();
        }
    }

    private void trace(Shape shape) throws IOException {
        float[] c = new float[6];
        Point2D.Float at = new Point2D.Float();
        for (PathIterator i = shape.getPathIterator(new AffineTransform()); !i.isDone(); i.next()) {
            switch (i.currentSegment(c)) {
                case PathIterator.SEG_MOVETO -> page.moveTo(c[0], c[1]);
                case PathIterator.SEG_LINETO -> page.lineTo(c[0], c[1]);
                case PathIterator.SEG_QUADTO -> {
                    // PDF has only cubic curves.
                    float x = c[0];
                    float y = c[1];
                    page.curveTo(
                            at.x + 2 * (x - at.x) / 3,
                            at.y + 2 * (y - at.y) / 3,
                            c[2] + 2 * (x - c[2]) / 3,
                            c[3] + 2 * (y - c[3]) / 3,
                            c[2],
                            c[3]);
                    c[0] = c[2];
                    c[1] = c[3];
                }
                case PathIterator.SEG_CUBICTO -> {
                    page.curveTo(c[0], c[1], c[2], c[3], c[4], c[5]);
                    c[0] = c[4];
                    c[1] = c[5];
                }
                default -> page.closePath();
            }
            at.setLocation(c[0], c[1]);
        }
    }
}
