package io.residuum.vision.image;

import io.residuum.data.DataException;
import java.awt.image.Raster;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Converts CMYK and YCCK to RGB without a colour profile, as Pillow does. */
final class Cmyk {
    private static final int APP14 = 0xEE;
    private static final int START_OF_SCAN = 0xDA;
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);

    /** The offset of the colour transform from the length of an Adobe marker. */
    private static final int TRANSFORM = 13;

    private static final int YCCK = 2;

    private Cmyk() {}

    /** Converts the stored values of a JPEG file, which are inverted: 255 is no ink. */
    static void ofJpeg(Raster stored, byte[] file, Image into) {
        if (stored.getNumBands() != 4) {
            throw new DataException(
                    "a JPEG picture must be gray, RGB, CMYK or YCCK, but has "
                            + stored.getNumBands()
                            + " channels of another kind; convert it to RGB");
        }
        boolean ycck = adobeTransform(file) == YCCK;
        convert(
                stored,
                into,
                (row, at) -> {
                    if (ycck) {
                        toCmy(row, at);
                    }
                });
    }

    /** Converts values that are not inverted, as in TIFF: 0 is no ink. */
    static void ofInks(Raster inks, Image into) {
        convert(
                inks,
                into,
                (row, at) -> {
                    for (int c = 0; c < 4; c++) {
                        row[at + c] = 255 - row[at + c];
                    }
                });
    }

    private interface Step {
        void apply(int[] row, int at);
    }

    private static void convert(Raster raster, Image into, Step toInverted) {
        int height = raster.getHeight();
        int width = raster.getWidth();
        float[] values = into.reset(new ImageShape(3, height, width));
        int[] row = new int[4 * width];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int at = 4 * x;
                toInverted.apply(row, at);
                for (int c = 0; c < 3; c++) {
                    // Pillow rounds to bytes. So do the networks' training images.
                    int value = Math.round(row[at + c] * row[at + 3] / 255f);
                    values[(c * height + y) * width + x] = value / 255f;
                }
            }
        }
    }

    /** Converts YCbCr to inverted CMY in place (JFIF 1.02, Adobe Technical Note 5116). */
    private static void toCmy(int[] row, int at) {
        int y = row[at];
        int cb = row[at + 1] - 128;
        int cr = row[at + 2] - 128;
        row[at] = 255 - clip(y + 1.402 * cr);
        row[at + 1] = 255 - clip(y - 0.344136286 * cb - 0.714136286 * cr);
        row[at + 2] = 255 - clip(y + 1.772 * cb);
    }

    private static int clip(double value) {
        return (int) Math.round(Math.min(255, Math.max(0, value)));
    }

    /** Returns the colour transform of the Adobe marker before the first scan, or -1 for none. */
    private static int adobeTransform(byte[] file) {
        int at = 2;
        while (at + 4 <= file.length && (file[at] & 0xFF) == 0xFF) {
            int marker = file[at + 1] & 0xFF;
            if (marker == 0xFF) {
                at++; // a fill byte
                continue;
            }
            int begin = at + 2;
            int length = (file[begin] & 0xFF) << 8 | file[begin + 1] & 0xFF;
            boolean adobe =
                    marker == APP14
                            && length > TRANSFORM
                            && begin + length <= file.length
                            && Arrays.equals(file, begin + 2, begin + 7, ADOBE, 0, ADOBE.length);
            if (adobe) {
                return file[begin + TRANSFORM] & 0xFF;
            }
            if (marker == START_OF_SCAN) {
                return -1;
            }
            at = begin + length;
        }
        return -1;
    }
}
