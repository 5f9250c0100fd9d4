package io.residuum.transformer.window;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;

/** Pads images with channels last. */
final class Borders {
    private Borders() {}

    /**
     * Adds zeros on the right and below.
     *
     * @param x {@code (N, H, W, C)}
     * @param rows the divisor of the new height
     * @param columns the divisor of the new width
     */
    static NDArray padded(ForwardPass pass, NDArray x, int rows, int columns) {
        Shape s = x.getShape();
        long below = Math.floorMod(-s.get(1), (long) rows);
        long right = Math.floorMod(-s.get(2), (long) columns);
        NDArray y = x;
        Shape none = new Shape(0, 0);
        if (below > 0) {
            NDArray flat = y.reshape(-1, 1, s.get(1), s.get(2) * s.get(3));
            y = pass.ops().pad(flat, none, new Shape(below, 0), 0);
        }
        if (right > 0) {
            NDArray image = y.reshape(-1, s.get(1) + below, s.get(2), s.get(3));
            y = pass.ops().pad(image, none, new Shape(right, 0), 0);
        }
        return y == x ? x : y.reshape(-1, s.get(1) + below, s.get(2) + right, s.get(3));
    }
}
