package io.residuum.vision.image;

import io.residuum.data.DataException;
import io.residuum.files.AtomicFiles;
import io.residuum.spec.ImageResize;
import io.residuum.spec.InputSpec;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Converts decoded pictures to images, fits them to a network, and writes pictures. */
public final class Pictures {
    /** The ratio of an image's resized shorter side to the window that is cropped from it. */
    public static final double MARGIN = 256.0 / 224.0;

    private Pictures() {}

    /**
     * Fits an image to a network as in its evaluation: converts it to gray or RGB, resizes it as
     * the input says, and crops the centre. By default the shorter side becomes 256/224 of the
     * network's size, and an image is never enlarged for this margin.
     *
     * @param image the image, in any size
     * @param input the input of the network
     */
    public static void fit(Image image, InputSpec.Image input) {
        List<Integer> shape = input.shape();
        image.convertTo(shape.get(0));
        fit(image, shape.get(1), shape.get(2), input.resize());
    }

    /**
     * Resizes and crops an image as in evaluation.
     *
     * @param image the image, in any size
     * @param height the height of the network's input
     * @param width the width of the network's input
     * @param resize the resizing of the network's input; null for the usual one
     */
    public static void fit(Image image, int height, int width, @Nullable ImageResize resize) {
        if (resize == null) {
            image.fit(height, width);
        } else {
            image.fit(height, width, resize);
        }
    }

    /**
     * Copies a decoded image: 1 channel for gray images, 3 for others.
     *
     * @param picture an image with up to 16 bits per value
     * @param into the buffer
     * @throws DataException if its values are wider, or its colours are not gray, RGB or CMYK
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
        if (colors.getNumColorComponents() == 4) {
            Cmyk.ofInks(raster, into);
            return;
        }
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
        if (copyBytes(raster, channels, values)) {
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

    /** Copies interleaved bytes, which most decoders give; returns false for another layout. */
    private static boolean copyBytes(Raster raster, int channels, float[] values) {
        if (!(raster.getDataBuffer() instanceof DataBufferByte buffer)
                || !(raster.getSampleModel() instanceof PixelInterleavedSampleModel model)
                || raster.getParent() != null) {
            return false;
        }
        byte[] bytes = buffer.getData();
        int at = 0;
        for (int c = 0; c < channels; c++) {
            int first = buffer.getOffset() + model.getBandOffsets()[c];
            for (int y = 0; y < raster.getHeight(); y++) {
                int from = first + y * model.getScanlineStride();
                for (int x = 0; x < raster.getWidth(); x++) {
                    values[at++] = (bytes[from + x * model.getPixelStride()] & 0xFF) / 255f;
                }
            }
        }
        return true;
    }

    /**
     * Writes a picture as a PNG file. Folders are created, and an existing file is replaced
     * atomically.
     *
     * @param file the file to write
     * @throws DataException if the file cannot be written
     */
    public static void write(Path file, BufferedImage picture) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            AtomicFiles.write(file, out -> ImageIO.write(picture, "png", out));
        } catch (IOException e) {
            throw new DataException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void requireSupported(ColorModel colors, Raster raster) {
        int components = colors.getNumColorComponents();
        int bits = raster.getSampleModel().getSampleSize(0);
        boolean cmyk = colors.getColorSpace().getType() == ColorSpace.TYPE_CMYK && bits == 8;
        boolean integers = raster.getTransferType() <= DataBuffer.TYPE_INT && bits <= 16;
        if ((components > 3 && !cmyk) || !integers) {
            throw new DataException(
                    "a picture must be gray or RGB with up to 16 bits a value, or CMYK with 8, got "
                            + colors
                            + "; convert it to BufferedImage.TYPE_INT_RGB");
        }
    }
}
