package io.residuum.vision.image;

import io.residuum.spec.ImageResize.Filter;

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

    /** Resamples {@code rows} rows of {@code source} into {@code target} (rows, outputs). */
    void alongRows(float[] source, int origin, int stride, int rows, float[] target) {
        int outputs = first.length;
        for (int y = 0; y < rows; y++) {
            int row = origin + y * stride;
            for (int x = 0; x < outputs; x++) {
                float[] w = weights[x];
                int at = row + first[x];
                float sum = 0;
                for (int j = 0; j < w.length; j++) {
                    sum += w[j] * source[at + j];
                }
                target[y * outputs + x] = sum;
            }
        }
    }

    /** Resamples the columns of {@code source} (inputs, width) into (outputs, width). */
    void alongColumns(float[] source, int width, float[] target, int origin) {
        for (int y = 0; y < first.length; y++) {
            float[] w = weights[y];
            int row = origin + y * width;
            for (int x = 0; x < width; x++) {
                float sum = 0;
                for (int j = 0; j < w.length; j++) {
                    sum += w[j] * source[(first[y] + j) * width + x];
                }
                target[row + x] = sum;
            }
        }
    }
}
