package io.residuum.vision.image;

import io.residuum.spec.ImageResize.Filter;
import java.util.Arrays;

/**
 * The weights of a one-dimensional resampling: every output is a weighted mean of neighbouring
 * inputs. If the axis shrinks, the filter widens by the same factor, so that no input is skipped,
 * as in Pillow and in torchvision with {@code antialias=True}.
 */
record Resampling(int[] first, float[][] weights) {
    /**
     * {@return the weights for an axis}
     *
     * @param from the number of inputs
     * @param to the number of outputs
     */
    static Resampling of(int from, int to, Filter filter) {
        double scale = (double) from / to;
        double wider = Math.max(1, scale);
        double support = radius(filter) * wider;
        int[] first = new int[to];
        float[][] weights = new float[to][];
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            if (filter == Filter.NEAREST) {
                first[i] = (int) center;
                weights[i] = new float[] {1};
                continue;
            }
            int low = (int) Math.max(0, center - support + 0.5);
            int high = (int) Math.min(from, center + support + 0.5);
            double[] raw = new double[high - low];
            double sum = 0;
            for (int j = 0; j < raw.length; j++) {
                raw[j] = weight(filter, Math.abs(low + j + 0.5 - center) / wider);
                sum += raw[j];
            }
            first[i] = low;
            weights[i] = new float[raw.length];
            for (int j = 0; j < raw.length; j++) {
                weights[i][j] = (float) (raw[j] / sum);
            }
        }
        return new Resampling(first, weights);
    }

    private static int radius(Filter filter) {
        return switch (filter) {
            case NEAREST, BILINEAR -> 1;
            case BICUBIC -> 2;
            case LANCZOS -> 3;
        };
    }

    /** {@return the weight at a distance of 0 or more} */
    private static double weight(Filter filter, double x) {
        if (x >= radius(filter)) {
            return 0;
        }
        return switch (filter) {
            case NEAREST, BILINEAR -> 1 - x;
            // Keys 1981, Equation 4, with the parameter -0.5.
            case BICUBIC ->
                    x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
            case LANCZOS -> sinc(x) * sinc(x / 3);
        };
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    /** {@return the number of outputs} */
    int size() {
        return first.length;
    }

    /** {@return the first input that is read} */
    int begin() {
        return first[0];
    }

    /** {@return the end of the inputs that are read} */
    int end() {
        int last = size() - 1;
        return first[last] + weights[last].length;
    }

    /** {@return the resampling of some outputs} */
    Resampling part(int from, int to) {
        return from == 0 && to == size()
                ? this
                : new Resampling(
                        Arrays.copyOfRange(first, from, to), Arrays.copyOfRange(weights, from, to));
    }

    /**
     * Resamples each column of a window.
     *
     * @param source an image
     * @param origin the index of the window's first value
     * @param stride the width of the image
     * @param width the width of the window
     * @param target receives (outputs, width)
     */
    void alongColumns(float[] source, int origin, int stride, int width, float[] target) {
        for (int y = 0; y < first.length; y++) {
            float[] w = weights[y];
            int row = y * width;
            int at = origin + first[y] * stride;
            // Whole rows at a time, which Java computes with vectors.
            for (int x = 0; x < width; x++) {
                target[row + x] = w[0] * source[at + x];
            }
            for (int j = 1; j < w.length; j++) {
                float weight = w[j];
                at += stride;
                for (int x = 0; x < width; x++) {
                    target[row + x] += weight * source[at + x];
                }
            }
        }
    }

    /**
     * Resamples each row.
     *
     * @param source rows that begin with the first input that is read
     * @param width the width of the source
     * @param rows the number of rows
     * @param target receives (rows, outputs)
     * @param origin the index of the first value in {@code target}
     */
    void alongRows(float[] source, int width, int rows, float[] target, int origin) {
        int outputs = first.length;
        int begin = begin();
        for (int y = 0; y < rows; y++) {
            int row = y * width - begin;
            for (int x = 0; x < outputs; x++) {
                float[] w = weights[x];
                int at = row + first[x];
                float sum = 0;
                for (int j = 0; j < w.length; j++) {
                    sum += w[j] * source[at + j];
                }
                target[origin + y * outputs + x] = sum;
            }
        }
    }
}
