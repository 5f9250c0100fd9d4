package io.residuum.train.report;

import io.residuum.draw.Markup;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes a picture into the page. */
final class PictureTag {
    /**
     * The largest side of an image in pixels. Larger images would add megabytes and show no more.
     */
    private static final int LARGEST_SIDE = 160;

    private PictureTag() {}

    /**
     * Adds a picture.
     *
     * @param description the text for readers who do not see it
     */
    static void add(Markup body, Picture picture, String description) {
        body.empty(
                "img",
                "src",
                "data:image/png;base64," + Base64.getEncoder().encodeToString(png(picture)),
                "alt",
                description,
                "width",
                Integer.toString(picture.width()),
                "height",
                Integer.toString(picture.height()));
    }

    private static byte[] png(Picture picture) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        // By default ImageIO writes a temporary file, which is not possible during shutdown.
        try (ImageOutputStream image = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(reduced(picture), "png", image);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    /** Returns the picture, reduced to the size limit by averaging squares of pixels. */
    private static BufferedImage reduced(Picture picture) {
        byte[] rgb = picture.rgb();
        int side = Math.max(picture.width(), picture.height());
        int factor = (side + LARGEST_SIDE - 1) / LARGEST_SIDE;
        int width = Math.max(1, picture.width() / factor);
        int height = Math.max(1, picture.height() / factor);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int pixel = 0;
                for (int channel = 0; channel < 3; channel++) {
                    pixel =
                            pixel << 8
                                    | mean(picture, rgb, x * factor, y * factor, factor, channel);
                }
                image.setRGB(x, y, pixel);
            }
        }
        return image;
    }

    private static int mean(Picture picture, byte[] rgb, int x0, int y0, int size, int channel) {
        int sum = 0;
        int count = 0;
        for (int y = y0; y < Math.min(y0 + size, picture.height()); y++) {
            for (int x = x0; x < Math.min(x0 + size, picture.width()); x++) {
                sum += Byte.toUnsignedInt(rgb[3 * (y * picture.width() + x) + channel]);
                count++;
            }
        }
        return (sum + count / 2) / count;
    }
}
