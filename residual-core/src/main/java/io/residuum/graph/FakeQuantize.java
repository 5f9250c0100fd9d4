package io.residuum.graph;

/**
 * Rounds values to 8 bits and back (Jacob et al. 2018, arXiv:1712.05877): {@code scale
 * (clamp(round(x / scale) + zeroPoint, 0, 255) - zeroPoint)}. The gradient passes as if nothing was
 * rounded, and is zero where a value was clamped (straight-through estimator, Bengio et al. 2013,
 * arXiv:1308.3432).
 *
 * @param scale the distance of two levels, positive
 * @param zeroPoint the level of zero, from 0 to 255
 */
public record FakeQuantize(float scale, int zeroPoint) implements Operation {
    /** The largest level. */
    public static final int LEVELS = 255;

    /** Checks the numbers. */
    public FakeQuantize {
        boolean valid = scale > 0 && scale < Float.POSITIVE_INFINITY;
        if (!valid || zeroPoint < 0 || zeroPoint > LEVELS) {
            throw new IllegalArgumentException(
                    "a range must have a positive scale and a zero point from 0 to %d, got %s and %d"
                            .formatted(LEVELS, scale, zeroPoint));
        }
    }

    /**
     * {@return the quantization of a range, which is extended to zero: padding must stay exact}
     *
     * @param low the smallest value
     * @param high the largest value
     */
    public static FakeQuantize of(double low, double high) {
        double first = Math.min(low, 0);
        double range = Math.max(Math.max(high, 0) - first, Float.MIN_NORMAL * LEVELS);
        float scale = (float) (range / LEVELS);
        return new FakeQuantize(scale, (int) Math.min(LEVELS, Math.round(-first / scale)));
    }

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
        return visitor.fakeQuantize(this);
    }
}
