package io.residuum.vision.detect;

/**
 * A rectangle in an image, in pixels. The corner of the image is (0, 0).
 *
 * @param left the left edge
 * @param top the upper edge
 * @param right the right edge, not before the left one
 * @param bottom the lower edge, not above the upper one
 */
public record BoundingBox(double left, double top, double right, double bottom) {

    /** {@return the width} */
    public double width() {
        return right - left;
    }

    /** {@return the height} */
    public double height() {
        return bottom - top;
    }

    /** {@return the number of pixels} */
    public double area() {
        return width() * height();
    }

    /** {@return the number of pixels in both boxes} */
    public double intersection(BoundingBox other) {
        double width = Math.min(right, other.right) - Math.max(left, other.left);
        double height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
        return Math.max(0, width) * Math.max(0, height);
    }

    /** {@return the intersection over union (Jaccard index), in [0, 1]} */
    public double iou(BoundingBox other) {
        double both = intersection(other);
        return both == 0 ? 0 : both / (area() + other.area() - both);
    }

    /**
     * {@return the part inside an image}
     *
     * @param width the width of the image
     */
    public BoundingBox clipped(double width, double height) {
        return new BoundingBox(
                clip(left, width), clip(top, height), clip(right, width), clip(bottom, height));
    }

    private static double clip(double value, double most) {
        return Math.min(Math.max(value, 0), most);
    }

    /**
     * {@return this box in an image of another size}
     *
     * @param x the factor of the width
     * @param y the factor of the height
     */
    public BoundingBox scaled(double x, double y) {
        return new BoundingBox(left * x, top * y, right * x, bottom * y);
    }

    /**
     * {@return this box in the mirrored image}
     *
     * @param width the width of the image
     */
    public BoundingBox mirrored(double width) {
        return new BoundingBox(width - right, top, width - left, bottom);
    }
}
