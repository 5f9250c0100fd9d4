package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads masks: pictures whose gray value or index in a palette is the class of a pixel, as in
 * PASCAL VOC and Cityscapes. 255 is a pixel that does not count.
 */
final class LabelMap {
    /** The value of pixels that do not count. */
    private static final int VOID = 255;

    private LabelMap() {}

    /**
     * Reads the classes of a mask, resized to the nearest pixel.
     *
     * @param file an 8-bit picture with one channel
     * @param maxPixels the largest number of pixels of the mask
     * @param height the height to resize to
     * @param width the width to resize to
     * @param into receives the class plus 1 of each pixel, and 0 where it does not count. So zeros
     *     that a transform adds at borders do not count either
     */
    static void read(Path file, long maxPixels, int height, int width, Image into) {
        BufferedImage picture = decode(file, maxPixels);
        Raster raster = picture.getRaster();
        boolean indexed = picture.getColorModel() instanceof IndexColorModel;
        int bits = picture.getSampleModel().getSampleSize(0);
        if (raster.getNumBands() != 1 || bits > 8) {
            throw new DataException(
                    "%s: a mask must have a palette or be gray with 8 bits, so that the value of a pixel is its class, found %d channels of %d bits%s"
                            .formatted(
                                    file,
                                    raster.getNumBands(),
                                    bits,
                                    indexed ? " with a palette" : ""));
        }
        float[] values = into.reset(new ImageShape(1, height, width));
        for (int y = 0; y < height; y++) {
            int row = (int) ((y + 0.5) * raster.getHeight() / height);
            for (int x = 0; x < width; x++) {
                int column = (int) ((x + 0.5) * raster.getWidth() / width);
                int label = raster.getSample(column, row, 0);
                values[y * width + x] = label == VOID ? 0 : label + 1;
            }
        }
    }

    private static BufferedImage decode(Path file, long maxPixels) {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DataException(file + ": a mask must be a picture, such as PNG");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                // Compared before memory is allocated.
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > maxPixels) {
                    throw new DataException(
                            "%s: a mask may have at most %,d pixels, got %,d; raise the limit (--max-pixels, PictureReader) if you trust it"
                                    .formatted(file, maxPixels, pixels));
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Decoders throw unchecked exceptions as well for damaged files.
            throw new DataException(
                    "%s: the mask is damaged or cannot be read: %s".formatted(file, e.getMessage()),
                    e);
        }
    }
}
