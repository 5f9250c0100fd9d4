package io.residuum.vision.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws one digit. It picks a style, jitters its control points, applies a smooth random
 * displacement field and a random affine map, and draws antialiased strokes on uneven, noisy paper.
 * It uses only operations with the same result on every platform.
 */
final class DigitPainter {
    static final int SIZE = 32;

    /** The number of line pieces per Bezier curve; each is at most about 2 pixels long. */
    private static final int PIECES = 10;

    private static final double ANCHOR_JITTER = 0.035;
    private static final double HANDLE_JITTER = 0.02;

    private final SplittableRandom random;
    private final float[] coverage = new float[SIZE * SIZE];

    DigitPainter(SplittableRandom random) {
        this.random = random;
    }

    /** Draws a digit into SIZE x SIZE bytes, beginning at {@code offset}. */
    void paint(int digit, byte[] out, int offset) {
        List<List<double[]>> styles = Glyphs.styles(digit);
        List<double[]> lines = new ArrayList<>();
        for (double[] stroke : styles.get(random.nextInt(styles.size()))) {
            lines.add(flattened(jittered(stroke)));
        }
        Field bend = new Field(random, uniform(0.02, 0.09));
        lines.forEach(bend::displace);
        double radius = uniform(0.7, 1.7);
        place(lines, radius);
        double edge = uniform(0.8, 1.6);
        for (double[] line : lines) {
            ink(line, radius, edge);
        }
        if (random.nextDouble() < 0.3) {
            strayInk(radius, edge);
        }
        render(out, offset);
    }

    /** Moves anchors with their handles, so that joints stay smooth, then each handle a little. */
    private double[] jittered(double[] stroke) {
        double[] moved = stroke.clone();
        int points = stroke.length / 2;
        for (int anchor = 0; anchor < points; anchor += 3) {
            double dx = gaussian() * ANCHOR_JITTER;
            double dy = gaussian() * ANCHOR_JITTER;
            for (int i = Math.max(0, anchor - 1); i <= Math.min(points - 1, anchor + 1); i++) {
                double own = i == anchor ? 0 : HANDLE_JITTER;
                moved[2 * i] += dx + own * gaussian();
                moved[2 * i + 1] += dy + own * gaussian();
            }
        }
        return moved;
    }

    private static double[] flattened(double[] stroke) {
        int curves = stroke.length / 6;
        double[] line = new double[2 * (curves * PIECES + 1)];
        for (int k = 0; k <= curves * PIECES; k++) {
            int curve = Math.min(k / PIECES, curves - 1);
            double t = (double) (k - curve * PIECES) / PIECES;
            double s = 1 - t;
            for (int axis = 0; axis < 2; axis++) {
                int p = 6 * curve + axis;
                line[2 * k + axis] =
                        s * s * s * stroke[p]
                                + 3 * s * s * t * stroke[p + 2]
                                + 3 * s * t * t * stroke[p + 4]
                                + t * t * t * stroke[p + 6];
            }
        }
        return line;
    }

    /** Maps unit coordinates to pixels: slant, aspect, rotation, size, then a random position. */
    private void place(List<double[]> lines, double radius) {
        double height = uniform(15, 25);
        double width = height * uniform(0.7, 1.2);
        double slant = gaussian() * 0.18;
        double angle = gaussian() * 0.12;
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double[] low = {SIZE, SIZE};
        double[] high = {-SIZE, -SIZE};
        for (double[] line : lines) {
            for (int i = 0; i < line.length; i += 2) {
                double x = width * (line[i] - slant * line[i + 1]);
                double y = height * line[i + 1];
                line[i] = cos * x - sin * y;
                line[i + 1] = sin * x + cos * y;
                for (int axis = 0; axis < 2; axis++) {
                    low[axis] = Math.min(low[axis], line[i + axis]);
                    high[axis] = Math.max(high[axis], line[i + axis]);
                }
            }
        }
        for (int axis = 0; axis < 2; axis++) {
            double room = Math.max(0, (SIZE - (high[axis] - low[axis])) / 2 - radius - 0.5);
            double drift = uniform(-1, 1) * Math.min(room, 4.5);
            double shift = SIZE / 2.0 - (low[axis] + high[axis]) / 2 + drift;
            for (double[] line : lines) {
                for (int i = axis; i < line.length; i += 2) {
                    line[i] += shift;
                }
            }
        }
    }

    /** Draws stray ink near the border, like a neighbouring digit or a line of a form. */
    private void strayInk(double radius, double edge) {
        double along = uniform(0, SIZE);
        double across = random.nextBoolean() ? uniform(-1.5, 1) : uniform(SIZE - 1, SIZE + 1.5);
        double length = uniform(4, 14);
        double lean = uniform(-2, 2);
        double[] line = {along - length / 2, across - lean, along + length / 2, across + lean};
        if (random.nextBoolean()) {
            line = new double[] {line[1], line[0], line[3], line[2]};
        }
        ink(line, radius * 0.8, edge);
    }

    /** Covers each pixel by its distance to the line. The radius varies, like pen pressure. */
    private void ink(double[] line, double radius, double edge) {
        double phase = uniform(0, 6.28);
        double swell = uniform(0, 0.25);
        int segments = line.length / 2 - 1;
        for (int s = 0; s < segments; s++) {
            double r = radius * (1 + swell * StrictMath.sin(phase + 4.0 * s / segments));
            segment(line, 2 * s, r, edge);
        }
    }

    private void segment(double[] line, int at, double radius, double edge) {
        double x0 = line[at];
        double y0 = line[at + 1];
        double dx = line[at + 2] - x0;
        double dy = line[at + 3] - y0;
        double squared = Math.max(dx * dx + dy * dy, 1e-9);
        double reach = radius + edge / 2;
        int top = clamp(Math.floor(Math.min(y0, y0 + dy) - reach));
        int bottom = clamp(Math.ceil(Math.max(y0, y0 + dy) + reach));
        int left = clamp(Math.floor(Math.min(x0, x0 + dx) - reach));
        int right = clamp(Math.ceil(Math.max(x0, x0 + dx) + reach));
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                double px = x + 0.5 - x0;
                double py = y + 0.5 - y0;
                double t = Math.max(0, Math.min(1, (px * dx + py * dy) / squared));
                double ox = px - t * dx;
                double oy = py - t * dy;
                double covered = (radius - Math.sqrt(ox * ox + oy * oy)) / edge + 0.5;
                int pixel = y * SIZE + x;
                coverage[pixel] = Math.max(coverage[pixel], (float) Math.min(1, covered));
            }
        }
    }

    /** Mixes paper and ink with a gradient and noise. Either may be the lighter one. */
    private void render(byte[] out, int offset) {
        double paper = uniform(0, 0.3);
        double ink = paper + uniform(0.4, 1 - paper);
        boolean darkOnLight = random.nextDouble() < 0.25;
        double gradientX = uniform(-0.1, 0.1) / SIZE;
        double gradientY = uniform(-0.1, 0.1) / SIZE;
        double noise = uniform(0.01, 0.09);
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                int pixel = y * SIZE + x;
                double ground = paper + gradientX * (x - SIZE / 2) + gradientY * (y - SIZE / 2);
                double value = ground + (ink - ground) * coverage[pixel] + noise * gaussian();
                double shown = Math.max(0, Math.min(1, darkOnLight ? 1 - value : value));
                out[offset + pixel] = (byte) Math.round(255 * shown);
            }
        }
        Arrays.fill(coverage, 0f);
    }

    private static int clamp(double pixel) {
        return (int) Math.max(0, Math.min(SIZE, pixel));
    }

    private double uniform(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    private double gaussian() {
        return gaussian(random);
    }

    /**
     * Approximates a standard Gaussian within +-3.47 by the sum of four uniform values, one from
     * each quarter of a long.
     */
    private static double gaussian(SplittableRandom random) {
        long bits = random.nextLong();
        long sum =
                (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum / 65536.0 - 2) * 1.7320508075688772;
    }

    /**
     * A smooth random displacement field: random vectors on a lattice under a cubic B-spline. It
     * approximates the elastic distortion of Simard, Steinkraus and Platt, "Best practices for
     * convolutional neural networks", 2003, which filters pixel noise with a Gaussian. It moves the
     * path of the pen instead of pixels, so strokes keep their width.
     */
    private static final class Field {
        private static final int CELLS = 3;
        private static final int KNOTS = CELLS + 3;
        private static final double EXTENT = 1.3;

        private final double[] knots = new double[2 * KNOTS * KNOTS];

        Field(SplittableRandom random, double strength) {
            for (int i = 0; i < knots.length; i++) {
                knots[i] = strength * gaussian(random);
            }
        }

        void displace(double[] line) {
            double[] wx = new double[4];
            double[] wy = new double[4];
            for (int i = 0; i < line.length; i += 2) {
                int x = weights(line[i], wx);
                int y = weights(line[i + 1], wy);
                for (int a = 0; a < 4; a++) {
                    for (int b = 0; b < 4; b++) {
                        int knot = 2 * ((y + a) * KNOTS + x + b);
                        line[i] += wy[a] * wx[b] * knots[knot];
                        line[i + 1] += wy[a] * wx[b] * knots[knot + 1];
                    }
                }
            }
        }

        /** Computes the four B-spline weights at a coordinate. Returns their first knot. */
        private static int weights(double at, double[] w) {
            double position = Math.max(0, Math.min(CELLS - 1e-9, (at / EXTENT + 0.5) * CELLS));
            int cell = (int) position;
            double t = position - cell;
            double s = 1 - t;
            w[0] = s * s * s / 6;
            w[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
            w[2] = (3 * s * s * s - 6 * s * s + 4) / 6;
            w[3] = t * t * t / 6;
            return cell;
        }
    }
}
