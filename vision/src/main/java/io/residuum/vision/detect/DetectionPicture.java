package io.residuum.vision.detect;

import io.residuum.vision.image.Image;
import io.residuum.vision.image.Pictures;
import io.residuum.vision.image.VocPalette;
import io.residuum.vision.predict.ImageInput;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/** Draws detections into their image, a colour for each class. */
public final class DetectionPicture {
    private DetectionPicture() {}

    /**
     * {@return the image with the rectangles of detections}
     *
     * @param detections what was found in it
     */
    public static BufferedImage of(ImageInput input, List<Detection> detections) {
        Image image = new Image();
        input.read(image);
        image.convertTo(3);
        int height = image.shape().height();
        int width = image.shape().width();
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int plane = image.shape().plane();
        int[] levels = new int[plane];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < plane; i++) {
                levels[i] = Math.round(255 * image.values()[c * plane + i]);
            }
            picture.getRaster().setSamples(0, 0, width, height, c, levels);
        }
        Graphics2D graphics = picture.createGraphics();
        graphics.setStroke(new BasicStroke(Math.max(1, Math.min(width, height) / 200f)));
        for (Detection detection : detections) {
            graphics.setColor(new Color(VocPalette.color(1 + detection.label() % 254)));
            BoundingBox box = detection.box();
            graphics.draw(
                    new Rectangle2D.Double(
                            box.left(), box.top(), box.width() - 1, box.height() - 1));
        }
        graphics.dispose();
        return picture;
    }

    /**
     * Writes the image with the rectangles of detections as a PNG file. Folders are created, and an
     * existing file is replaced atomically.
     *
     * @param file the file to write
     * @param detections what was found in it
     * @throws io.residuum.data.DataException if the image cannot be read, or the file cannot be
     *     written
     */
    public static void write(Path file, ImageInput input, List<Detection> detections) {
        Pictures.write(file, of(input, detections));
    }
}
