package io.residuum.picture;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Writes pictures as PNG. Text is drawn as outlines, so that no font needs to be installed. */
final class PngFormat {
    /** These pixels take 512 MiB, at 4 bytes each. */
    private static final double MOST_PIXELS = 1 << 27;

    private PngFormat() {}

    static byte[] of(Picture picture, double scale) {
        double width = Math.ceil(picture.width() * scale);
        double height = Math.ceil(picture.height() * scale);
        if (!(scale > 0) || width * height > MOST_PIXELS) {
            throw new PictureException(
                    ("a PNG must have 1 to %,d pixels, got %,.0f x %,.0f at scale %s; use SVG or"
                                    + " PDF, or a coarser level")
                            .formatted((long) MOST_PIXELS, width, height, scale));
        }
        BufferedImage image =
                new BufferedImage((int) width, (int) height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(Palette.PAPER);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.scale(scale, scale);
        picture.marks().forEach(mark -> draw(mark, graphics));
        graphics.dispose();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void draw(Mark mark, Graphics2D graphics) {
        if (mark instanceof Mark.Text t) {
            graphics.setColor(t.color());
            graphics.fill(t.face().outline(t.text(), t.size(), t.x(), t.y()));
            return;
        }
        Mark.Figure figure = (Mark.Figure) mark;
        if (figure.fill() != null) {
            graphics.setColor(figure.fill());
            graphics.fill(figure.shape());
        }
        if (figure.stroke() != null) {
            graphics.setColor(figure.stroke());
            graphics.setStroke(
                    new BasicStroke(
                            (float) figure.width(),
                            BasicStroke.CAP_BUTT,
                            BasicStroke.JOIN_ROUND,
                            10,
                            figure.dashed() ? new float[] {4, 3} : null,
                            0));
            graphics.draw(figure.shape());
        }
    }
}
