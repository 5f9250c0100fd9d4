package io.residuum.vision.image;

import io.residuum.data.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG and PNG files. Stored values are taken as they are, scaled to [0, 1]: no gamma or
 * colour profile is applied, alpha is dropped, and an EXIF orientation is ignored.
 */
public final class Pictures {
    /**
     * How many times as long as the window that is cut out of it a picture's shorter side is made.
     */
    public static final double MARGIN = 256.0 / 224.0;

    /** As in Pillow: a small file that decodes to more than this is an attack or a mistake. */
    private static final long MAX_PIXELS = 178_956_970;

    private Pictures() {}

    /**
     * Reads a picture: gray files give 1 channel, all others 3.
     *
     * @param file a JPEG or PNG file, 8 or 16 bits a value
     * @param into the buffer
     * @throws DataException if the file cannot be read or decoded
     */
    public static void read(Path file, Image into) {
        byte[] bytes;
        try {
            // in memory first: ImageIO's own way to read a stream goes through a temporary file
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
        decode(bytes, file.toString(), into);
    }

    /**
     * Decodes a picture in memory: gray pictures give 1 channel, all others 3.
     *
     * @param encoded the content of a JPEG or PNG file, 8 or 16 bits a value
     * @param name names the picture in messages
     * @param into the buffer
     * @throws DataException if it cannot be decoded
     */
    public static void decode(byte[] encoded, String name, Image into) {
        try (ImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            copy(decode(name, in), into);
        } catch (IOException | RuntimeException e) {
            // decoders answer damaged files with unchecked exceptions too
            throw e instanceof DataException known ? known : unreadable(name, e);
        }
    }

    private static DataException unreadable(String name, Exception e) {
        return new DataException("cannot read the picture " + name + ": " + e.getMessage(), e);
    }

    /**
     * Fits a picture to a network as in its evaluation: converted to gray or RGB, the shorter side
     * resized to 256/224 of the wanted size, and the middle cut out. A picture is never enlarged
     * for the sake of that margin.
     *
     * @param image the picture, in its own size
     * @param shape what the network reads
     */
    public static void fit(Image image, ImageShape shape) {
        image.convertTo(shape.channels());
        image.fit(shape.height(), shape.width());
    }

    private static BufferedImage decode(String name, ImageInputStream in) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new DataException(name + " is no picture: its content is neither JPEG nor PNG");
        }
        ImageReader reader = readers.next();
        try {
            reader.setInput(in, true, true);
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > MAX_PIXELS) {
                throw new DataException(
                        String.format(
                                "%s: a picture may have at most %d pixels, got %d",
                                name, MAX_PIXELS, pixels));
            }
            if (isJpeg(reader) && isCmyk(reader.getImageTypes(0))) {
                throw new DataException(
                        name
                                + " is a JPEG in CMYK colours, which is not supported: convert it"
                                + " to RGB");
            }
            return reader.read(0);
        } finally {
            reader.dispose();
        }
    }

    private static boolean isJpeg(ImageReader reader) throws IOException {
        return reader.getFormatName().equalsIgnoreCase("jpeg");
    }

    /**
     * Four channels are CMYK in every JPEG in use, even where ImageIO takes the fourth for alpha.
     */
    private static boolean isCmyk(Iterator<ImageTypeSpecifier> types) {
        return !types.hasNext() || types.next().getNumBands() == 4;
    }

    /**
     * Copies a decoded picture: gray pictures give 1 channel, all others 3.
     *
     * @param picture with up to 16 bits a value
     * @param into the buffer
     * @throws DataException if its values are wider, or are no colours of gray or RGB
     */
    public static void copy(BufferedImage picture, Image into) {
        ColorModel colors = picture.getColorModel();
        Raster raster = picture.getRaster();
        int height = picture.getHeight();
        int width = picture.getWidth();
        // getRGB looks colours up in a palette, and divides them by the alpha they were multiplied
        // by
        boolean indexed = colors instanceof IndexColorModel || colors.isAlphaPremultiplied();
        int channels = indexed || raster.getNumBands() > 2 ? 3 : 1;
        requireSupported(colors, raster);
        ImageShape shape = new ImageShape(channels, height, width);
        float[] values = into.reset(shape);
        if (indexed) {
            int[] row = new int[width];
            for (int y = 0; y < height; y++) {
                picture.getRGB(0, y, width, 1, row, 0, width);
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < 3; c++) {
                        values[(c * height + y) * width + x] =
                                (row[x] >> (16 - 8 * c) & 0xFF) / 255f;
                    }
                }
            }
            return;
        }
        // samples, not getRGB: the latter treats gray as linear light and brightens it
        float[] row = new float[width];
        for (int c = 0; c < channels; c++) {
            float max = (1 << raster.getSampleModel().getSampleSize(c)) - 1;
            for (int y = 0; y < height; y++) {
                raster.getSamples(0, y, width, 1, c, row);
                for (int x = 0; x < width; x++) {
                    values[(c * height + y) * width + x] = row[x] / max;
                }
            }
        }
    }

    private static void requireSupported(ColorModel colors, Raster raster) {
        if (colors.getNumColorComponents() > 3 || raster.getSampleModel().getSampleSize(0) > 16) {
            throw new DataException(
                    "a picture must be gray or RGB with up to 16 bits a value, got "
                            + colors
                            + ": convert it to BufferedImage.TYPE_INT_RGB");
        }
    }
}
