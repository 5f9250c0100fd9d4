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
 * Decodes JPEG and PNG files. Values are only scaled to [0, 1]: gamma, colour profiles, alpha and
 * EXIF orientation are ignored.
 */
public final class Pictures {
    /** The ratio of an image's resized shorter side to the window that is cropped from it. */
    public static final double MARGIN = 256.0 / 224.0;

    /** The limit of Pillow. A small file that decodes to more pixels is an attack or a mistake. */
    private static final long MAX_PIXELS = 178_956_970;

    private Pictures() {}

    /**
     * Reads an image: 1 channel for gray files, 3 for others.
     *
     * @param file a JPEG or PNG file, 8 or 16 bits per value
     * @param into the buffer
     * @throws DataException if the file cannot be read or decoded
     */
    public static void read(Path file, Image into) {
        byte[] bytes;
        try {
            // Read into memory first, because ImageIO copies streams to a temporary file.
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
        decode(bytes, file.toString(), into);
    }

    /**
     * Decodes an image in memory: 1 channel for gray images, 3 for others.
     *
     * @param encoded the content of a JPEG or PNG file, 8 or 16 bits per value
     * @param name the name of the image in messages
     * @param into the buffer
     * @throws DataException if it cannot be decoded
     */
    public static void decode(byte[] encoded, String name, Image into) {
        try (ImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            copy(decode(name, in), into);
        } catch (IOException | RuntimeException e) {
            // Decoders throw unchecked exceptions as well for damaged files.
            throw e instanceof DataException known ? known : unreadable(name, e);
        }
    }

    private static DataException unreadable(String name, Exception e) {
        return new DataException("cannot read the picture " + name + ": " + e.getMessage(), e);
    }

    /**
     * Fits an image to a network as in its evaluation: converts it to gray or RGB, resizes the
     * shorter side to 256/224 of the network's size, and crops the centre. An image is never
     * enlarged for this margin.
     *
     * @param image the image, in any size
     * @param shape the input shape of the network
     */
    public static void fit(Image image, ImageShape shape) {
        image.convertTo(shape.channels());
        image.fit(shape.height(), shape.width());
    }

    private static BufferedImage decode(String name, ImageInputStream in) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new DataException(name + " is no picture: it is neither JPEG nor PNG");
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
                                + " is a JPEG in CMYK colours, which is not supported; convert it"
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

    /** {@return true for four channels: CMYK in practice, even if ImageIO reports alpha} */
    private static boolean isCmyk(Iterator<ImageTypeSpecifier> types) {
        return !types.hasNext() || types.next().getNumBands() == 4;
    }

    /**
     * Copies a decoded image: 1 channel for gray images, 3 for others.
     *
     * @param picture an image with up to 16 bits per value
     * @param into the buffer
     * @throws DataException if its values are wider, or its colours are neither gray nor RGB
     */
    public static void copy(BufferedImage picture, Image into) {
        ColorModel colors = picture.getColorModel();
        Raster raster = picture.getRaster();
        int height = picture.getHeight();
        int width = picture.getWidth();
        // getRGB looks up colours in a palette, and divides premultiplied colours by alpha.
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
        // Samples instead of getRGB, which treats gray as linear light and brightens it.
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
                            + "; convert it to BufferedImage.TYPE_INT_RGB");
        }
    }
}
