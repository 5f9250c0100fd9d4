package io.residuum.vision.detect;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import java.util.List;

/** The anchors of an image: rectangles, and the code of boxes relative to them. */
final class Anchors {
    /** Larger factors of a side would overflow. */
    static final double LARGEST = Math.log(1000.0 / 16);

    private final double[] edges;
    private final int[] starts;

    /**
     * Creates the anchors of all levels.
     *
     * @param spec the boxes at each position
     * @param levels the shapes {@code (N, C, H, W)} of the levels
     * @param height the height of the image
     * @param width the width of the image
     */
    Anchors(AnchorSpec spec, List<Shape> levels, int height, int width) {
        Check.that(
                spec.sizes().size() == levels.size(),
                "anchors.sizes must have one number for each of the %s levels, got %s",
                levels.size(),
                spec.sizes());
        starts = new int[levels.size() + 1];
        for (int l = 0; l < levels.size(); l++) {
            long positions = Math.multiplyExact(levels.get(l).get(2), levels.get(l).get(3));
            starts[l + 1] = Math.toIntExact(starts[l] + positions * spec.perPosition());
        }
        edges = new double[Math.multiplyExact(4, starts[levels.size()])];
        int at = 0;
        for (int l = 0; l < levels.size(); l++) {
            double[][] around = spec.around(l);
            long rows = levels.get(l).get(2);
            long columns = levels.get(l).get(3);
            long down = height / rows;
            long right = width / columns;
            for (long y = 0; y < rows; y++) {
                for (long x = 0; x < columns; x++) {
                    for (double[] box : around) {
                        edges[at++] = box[0] + x * right;
                        edges[at++] = box[1] + y * down;
                        edges[at++] = box[2] + x * right;
                        edges[at++] = box[3] + y * down;
                    }
                }
            }
        }
    }

    int size() {
        return edges.length / 4;
    }

    int levels() {
        return starts.length - 1;
    }

    /** Returns the first anchor of a level, or the number of all after the last level. */
    int start(int level) {
        return starts[level];
    }

    BoundingBox get(int i) {
        return new BoundingBox(edges[4 * i], edges[4 * i + 1], edges[4 * i + 2], edges[4 * i + 3]);
    }

    /**
     * Returns the box that four numbers of an output describe: the shift of the centre in sides of
     * the anchor, and the logarithms of the factors of the sides (Girshick et al. 2014, Appendix
     * C).
     */
    BoundingBox decode(int anchor, float[] code, int at) {
        BoundingBox a = get(anchor);
        double x = a.left() + a.width() / 2 + code[at] * a.width();
        double y = a.top() + a.height() / 2 + code[at + 1] * a.height();
        double w = a.width() * Math.exp(Math.min(code[at + 2], LARGEST)) / 2;
        double h = a.height() * Math.exp(Math.min(code[at + 3], LARGEST)) / 2;
        return new BoundingBox(x - w, y - h, x + w, y + h);
    }

    /** Writes the four numbers that describe a box. */
    void encode(int anchor, BoundingBox box, float[] code, int at) {
        BoundingBox a = get(anchor);
        code[at] = (float) ((box.left() + box.right() - a.left() - a.right()) / 2 / a.width());
        code[at + 1] = (float) ((box.top() + box.bottom() - a.top() - a.bottom()) / 2 / a.height());
        code[at + 2] = (float) Math.log(box.width() / a.width());
        code[at + 3] = (float) Math.log(box.height() / a.height());
    }
}
