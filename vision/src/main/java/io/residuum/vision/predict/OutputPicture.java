package io.residuum.vision.predict;

import io.residuum.train.TrainingException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.VocPalette;
import io.residuum.vision.train.ImageMapping;
import io.residuum.vision.train.PixelOutput;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.Arrays;

/**
 * Draws outputs {@code (C, H, W)} as pictures: classes as a picture with a palette, values as gray
 * or RGB.
 *
 * @param mapping the shapes of the network
 * @param kind the meaning of the output
 */
record OutputPicture(ImageMapping mapping, PixelOutput kind) {
    /** Masks keep the index 255 for pixels that do not count. */
    private static final int CLASSES = 255;

    OutputPicture {
        if (kind != PixelOutput.CLASSES) {
            mapping.picture(); // 1 or 3 channels
        } else if (mapping.channels() > CLASSES) {
            throw new TrainingException(
                    "a mask holds at most %d classes, but the network has %d: write its output with --input and --output, or Network.predict"
                            .formatted(CLASSES, mapping.channels()));
        }
    }

    /**
     * Draws one output.
     *
     * @param values the outputs of a batch
     * @param sample the index of the image in the batch
     * @param height the height of the picture
     * @param width the width of the picture
     */
    BufferedImage draw(float[] values, int sample, int height, int width) {
        return kind == PixelOutput.CLASSES
                ? mask(values, sample, height, width)
                : picture(values, sample, height, width);
    }

    private BufferedImage picture(float[] values, int sample, int height, int width) {
        int type =
                mapping.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
        BufferedImage picture = new BufferedImage(width, height, type);
        for (int c = 0; c < mapping.channels(); c++) {
            float[] plane = plane(values, sample, c, height, width);
            int[] levels = new int[height * width];
            for (int i = 0; i < levels.length; i++) {
                levels[i] = Math.round(255 * Math.min(1, Math.max(0, plane[i])));
            }
            picture.getRaster().setSamples(0, 0, width, height, c, levels);
        }
        return picture;
    }

    /** Interpolates the logits, not the classes: borders stay smooth in a larger picture. */
    private BufferedImage mask(float[] values, int sample, int height, int width) {
        int[] best = new int[height * width];
        float[] highest = new float[height * width];
        Arrays.fill(highest, Float.NEGATIVE_INFINITY);
        for (int c = 0; c < mapping.channels(); c++) {
            float[] plane = plane(values, sample, c, height, width);
            for (int i = 0; i < best.length; i++) {
                if (plane[i] > highest[i]) {
                    highest[i] = plane[i];
                    best[i] = c;
                }
            }
        }
        BufferedImage mask =
                new BufferedImage(
                        width, height, BufferedImage.TYPE_BYTE_INDEXED, VocPalette.colors());
        WritableRaster raster = mask.getRaster();
        raster.setSamples(0, 0, width, height, 0, best);
        return mask;
    }

    /** Returns the values of a channel, resized; the array may be longer. */
    private float[] plane(float[] values, int sample, int channel, int height, int width) {
        int size = mapping.height() * mapping.width();
        int from = (sample * mapping.channels() + channel) * size;
        Image plane = new Image();
        float[] into = plane.reset(new ImageShape(1, mapping.height(), mapping.width()));
        for (int i = 0; i < size; i++) {
            float value = values[from + i];
            into[i] = kind == PixelOutput.LOGITS ? sigmoid(value) : value;
        }
        plane.resize(height, width);
        return plane.values();
    }

    private static float sigmoid(float logit) {
        return (float) (1 / (1 + Math.exp(-logit)));
    }
}
