package io.residuum.vision.detect;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import java.util.List;

/**
 * The boxes from which a network regresses those of objects: several at each position of each level
 * (Lin et al. 2017, arXiv:1708.02002, Section 4). Coordinates are whole pixels, as in torchvision.
 *
 * @param sizes the side of the smallest square of each level, in pixels. Default: 32 to 512
 * @param octaves the number of sizes of a level, each {@code 2^(1/octaves)} times the one before.
 *     Default: 3
 * @param ratios the heights divided by the widths. Default: 0.5, 1, 2
 */
public record AnchorSpec(
        @Default("[32.0, 64.0, 128.0, 256.0, 512.0]") List<Double> sizes,
        @Default("3") int octaves,
        @Default("[0.5, 1.0, 2.0]") List<Double> ratios) {
    public AnchorSpec {
        sizes = List.copyOf(sizes);
        ratios = List.copyOf(ratios);
        Check.that(!sizes.isEmpty(), "sizes must have one number for each level, got none");
        sizes.forEach(size -> Check.positive("sizes", size));
        Check.positive("octaves", octaves);
        Check.that(!ratios.isEmpty(), "ratios must have one number or more, got none");
        ratios.forEach(ratio -> Check.positive("ratios", ratio));
    }

    /** {@return the number of boxes at a position} */
    public int perPosition() {
        return Math.multiplyExact(octaves, ratios.size());
    }

    /** Returns the boxes of a level around (0, 0): by ratio, then by size. */
    double[][] around(int level) {
        double[][] boxes = new double[perPosition()][];
        int i = 0;
        for (double ratio : ratios) {
            // float32, as torchvision, since rounding decides about half pixels.
            float high = (float) Math.sqrt((float) ratio);
            float wide = 1 / high;
            for (int octave = 0; octave < octaves; octave++) {
                float size = (float) Math.floor(sizes.get(level) * scale(octave));
                double x = Math.rint(wide * size / 2);
                double y = Math.rint(high * size / 2);
                boxes[i++] = new double[] {-x, -y, x, y};
            }
        }
        return boxes;
    }

    private double scale(int octave) {
        return StrictMath.pow(2, (double) octave / octaves);
    }
}
