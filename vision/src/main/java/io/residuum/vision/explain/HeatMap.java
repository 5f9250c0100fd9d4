package io.residuum.vision.explain;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.files.AtomicFiles;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * The importance of each position of an image.
 *
 * @param height the number of rows
 * @param width the number of columns
 * @param values row by row, in [0, 1]; the largest is 1, unless all are 0
 */
public record HeatMap(int height, int width, float[] values) {
    private static final int LEAST_SIDE = 224;

    public HeatMap {
        checkArgument(
                values.length == height * width,
                "values must have %s x %s elements, got %s",
                height,
                width,
                values.length);
        values = values.clone();
    }

    /**
     * {@return a map of any numbers: negative ones count as 0, the others are divided by the
     * largest}
     */
    static HeatMap ofScores(int height, int width, double[] scores) {
        double largest = 0;
        for (double score : scores) {
            largest = Math.max(largest, score);
        }
        float[] values = new float[scores.length];
        for (int i = 0; i < values.length && largest > 0; i++) {
            values[i] = (float) Math.max(0, scores[i] / largest);
        }
        return new HeatMap(height, width, values);
    }

    @Override
    public float[] values() {
        return values.clone();
    }

    /**
     * {@return the importance at a position}
     *
     * @param y the row
     * @param x the column
     */
    public float at(int y, int x) {
        return values[y * width + x];
    }

    /**
     * {@return this map resized bilinearly}
     *
     * @param newHeight the number of rows
     * @param newWidth the number of columns
     */
    public HeatMap resized(int newHeight, int newWidth) {
        Image image = new Image();
        float[] buffer = image.reset(new ImageShape(1, height, width));
        System.arraycopy(values, 0, buffer, 0, values.length);
        image.resize(newHeight, newWidth);
        double[] scores = new double[newHeight * newWidth];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = image.values()[i];
        }
        return ofScores(newHeight, newWidth, scores);
    }

    /**
     * Draws this map over an image, from blue (0) to red (1). Small images are enlarged.
     *
     * @param image the image with values in [0, 1]
     * @return the picture
     */
    public BufferedImage over(Image image) {
        ImageShape shape = image.shape();
        HeatMap map = resized(shape.height(), shape.width());
        int scale =
                Math.max(1, -Math.floorDiv(-LEAST_SIDE, Math.min(shape.height(), shape.width())));
        BufferedImage picture =
                new BufferedImage(
                        shape.width() * scale, shape.height() * scale, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int at = y / scale * shape.width() + x / scale;
                double heat = map.values[at];
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    int plane = shape.channels() == 1 ? 0 : c;
                    double own = image.values()[plane * shape.plane() + at];
                    // Red, green and blue are highest at 3/4, 2/4 and 1/4.
                    double colour = 1.5 - Math.abs(4 * heat - (3 - c));
                    double mixed = (clip(own) + clip(colour)) / 2;
                    rgb = rgb << 8 | (int) Math.round(255 * mixed);
                }
                picture.setRGB(x, y, rgb);
            }
        }
        return picture;
    }

    private static double clip(double value) {
        return Math.min(1, Math.max(0, value));
    }

    /**
     * Writes the map over an image as a PNG file.
     *
     * @param file the file; an existing one is replaced atomically
     * @param image the image with values in [0, 1]
     * @throws IOException if the file cannot be written
     */
    public void write(Path file, Image image) throws IOException {
        BufferedImage picture = over(image);
        AtomicFiles.write(file, out -> ImageIO.write(picture, "png", out));
    }
}
