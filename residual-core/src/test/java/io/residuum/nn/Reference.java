package io.residuum.nn;

import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.Size2d;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** Layers as plain loops over doubles. */
final class Reference {
    private Reference() {}

    /** Each row of a length to mean 0 and (biased) variance 1. */
    static double[] normalize(double[] x, int length, double eps) {
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += length) {
            double mean = Arrays.stream(x, row, row + length).average().orElseThrow();
            double squares =
                    Arrays.stream(x, row, row + length).map(v -> (v - mean) * (v - mean)).sum();
            for (int i = row; i < row + length; i++) {
                y[i] = (x[i] - mean) / Math.sqrt(squares / length + eps);
            }
        }
        return y;
    }

    /** Scale and bias by channel, where each channel has {@code area} neighbours in memory. */
    static double[] affine(double[] x, double[] weight, double[] bias, int area) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            int c = i / area % weight.length;
            y[i] = x[i] * weight[c] + bias[c];
        }
        return y;
    }

    /** {@code (N, C, area)} to {@code (N, area, C)}. */
    static double[] channelsLast(double[] x, int channels, int area) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int sample = i / (channels * area);
            int c = i / area % channels;
            y[(sample * area + i % area) * channels + c] = x[i];
        }
        return y;
    }

    /** {@code (N, area, C)} to {@code (N, C, area)}. */
    static double[] channelsFirst(double[] x, int channels, int area) {
        return channelsLast(x, area, channels);
    }

    /** {@code (N, C, area)} to {@code (C, N * area)}. */
    static double[] channelRows(double[] x, int channels, int area) {
        int n = x.length / channels;
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int sample = i / (channels * area);
            int c = i / area % channels;
            y[c * n + sample * area + i % area] = x[i];
        }
        return y;
    }

    static double[] overRows(
            double[] x, int length, Function<DoubleStream, OptionalDouble> function) {
        double[] y = new double[x.length / length];
        for (int i = 0; i < y.length; i++) {
            y[i] = function.apply(Arrays.stream(x, i * length, (i + 1) * length)).orElseThrow();
        }
        return y;
    }

    /** {@code (N, width)} times {@code (units, width)} transposed, plus a bias. */
    static double[] linear(double[] x, double[] weight, double[] bias, int width) {
        int units = bias.length;
        double[] y = new double[x.length / width * units];
        for (int i = 0; i < y.length; i++) {
            y[i] = bias[i % units];
            for (int k = 0; k < width; k++) {
                y[i] += x[i / units * width + k] * weight[i % units * width + k];
            }
        }
        return y;
    }

    /**
     * What a window gives: the sum of what lies inside the image, how much that is, the largest.
     */
    private record View(double sum, int inside, int covered, double largest) {}

    private static double[] pool(
            double[] x,
            int[] shape,
            Size2d kernel,
            Size2d stride,
            Padding2d padding,
            boolean ceil,
            Function<View, Double> value) {
        int[] rows = ends(padding, 0, shape[2], kernel.height(), stride.height());
        int[] columns = ends(padding, 1, shape[3], kernel.width(), stride.width());
        int height = positions(shape[2], kernel.height(), stride.height(), rows, ceil);
        int width = positions(shape[3], kernel.width(), stride.width(), columns, ceil);
        double[] y = new double[shape[0] * shape[1] * height * width];
        for (int i = 0; i < y.length; i++) {
            int plane = i / (height * width) * shape[2] * shape[3];
            int top = i / width % height * stride.height() - rows[0];
            int left = i % width * stride.width() - columns[0];
            double sum = 0;
            int inside = 0;
            double largest = Double.NEGATIVE_INFINITY;
            for (int r = Math.max(0, top); r < Math.min(shape[2], top + kernel.height()); r++) {
                for (int c = Math.max(0, left);
                        c < Math.min(shape[3], left + kernel.width());
                        c++) {
                    double v = x[plane + r * shape[3] + c];
                    sum += v;
                    inside++;
                    largest = Math.max(largest, v);
                }
            }
            y[i] = value.apply(new View(sum, inside, kernel.height() * kernel.width(), largest));
        }
        return y;
    }

    /** PyTorch's rule: with ceil a last window counts if it begins in the image or left of it. */
    private static int positions(int in, int kernel, int stride, int[] ends, boolean ceil) {
        int n = (in + ends[0] + ends[1] - kernel + (ceil ? stride - 1 : 0)) / stride + 1;
        return ceil && (n - 1) * stride >= in + ends[0] ? n - 1 : n;
    }

    /** The positions before and after an axis, for "same" by the formula in TensorFlow's guide. */
    private static int[] ends(Padding2d padding, int axis, int in, int reach, int stride) {
        if (padding instanceof Size2d size) {
            int both = axis == 0 ? size.height() : size.width();
            return new int[] {both, both};
        }
        if (padding instanceof Padding2d.Sides sides) {
            return axis == 0
                    ? new int[] {sides.top(), sides.bottom()}
                    : new int[] {sides.left(), sides.right()};
        }
        int total = Math.max(reach - (in % stride == 0 ? stride : in % stride), 0);
        return new int[] {total / 2, total - total / 2};
    }

    static double[] averagePool(double[] x, int[] shape, AveragePool2d p) {
        return pool(
                x,
                shape,
                p.kernel(),
                p.stride(),
                p.padding(),
                p.ceil(),
                v -> v.sum() / (p.countIncludePad() ? v.covered() : v.inside()));
    }

    static double[] adaptiveAveragePool(double[] x, int[] shape, Size2d size) {
        double[] y = new double[shape[0] * shape[1] * size.height() * size.width()];
        for (int i = 0; i < y.length; i++) {
            int plane = i / (size.height() * size.width()) * shape[2] * shape[3];
            int row = i / size.width() % size.height();
            int column = i % size.width();
            double sum = 0;
            int count = 0;
            for (int r = 0; r < shape[2]; r++) {
                for (int c = 0; c < shape[3]; c++) {
                    if (touches(r, row, shape[2], size.height())
                            && touches(c, column, shape[3], size.width())) {
                        sum += x[plane + r * shape[3] + c];
                        count++;
                    }
                }
            }
            y[i] = sum / count;
        }
        return y;
    }

    /**
     * Position {@code at} of {@code in} is partly in the {@code window}-th of {@code out} parts.
     */
    private static boolean touches(int at, int window, int in, int out) {
        return (at + 1) * out > window * in && at * out < (window + 1) * in;
    }

    static double[] maxPool(double[] x, int[] shape, MaxPool2d p) {
        return pool(x, shape, p.kernel(), p.stride(), p.padding(), p.ceil(), View::largest);
    }

    static double[] convolve(double[] x, int[] shape, double[] weight, double[] bias, Conv2d g) {
        int ofGroup = shape[1] / g.groups();
        int kh = g.kernel().height();
        int kw = g.kernel().width();
        int tall = g.dilation().height() * (kh - 1) + 1;
        int wide = g.dilation().width() * (kw - 1) + 1;
        int[] rows = ends(g.padding(), 0, shape[2], tall, g.stride().height());
        int[] columns = ends(g.padding(), 1, shape[3], wide, g.stride().width());
        int height = positions(shape[2], tall, g.stride().height(), rows, false);
        int width = positions(shape[3], wide, g.stride().width(), columns, false);
        double[] y = new double[shape[0] * g.filters() * height * width];
        for (int i = 0; i < y.length; i++) {
            int f = i / (height * width) % g.filters();
            int sample = i / (height * width * g.filters());
            y[i] = bias[f];
            for (int k = 0; k < ofGroup * kh * kw; k++) {
                int channel = f / (g.filters() / g.groups()) * ofGroup + k / (kh * kw);
                int r =
                        i / width % height * g.stride().height()
                                - rows[0]
                                + k / kw % kh * g.dilation().height();
                int c = i % width * g.stride().width() - columns[0] + k % kw * g.dilation().width();
                if (r >= 0 && r < shape[2] && c >= 0 && c < shape[3]) {
                    int at = ((sample * shape[1] + channel) * shape[2] + r) * shape[3] + c;
                    y[i] += x[at] * weight[f * ofGroup * kh * kw + k];
                }
            }
        }
        return y;
    }

    /** The standard normal distribution by its power series (Marsaglia 2004). */
    static double normalCdf(double x) {
        if (Math.abs(x) > 8) {
            return x > 0 ? 1 : 0;
        }
        double sum = x;
        double term = x;
        for (int i = 3; Math.abs(term) > 1e-18 * Math.abs(sum) && i < 1000; i += 2) {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
}
