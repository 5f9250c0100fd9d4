package io.residuum.vision.image;

/**
 * The weights of a one-dimensional linear resampling: every output is a weighted mean of
 * neighbouring inputs. If the axis shrinks, the triangle filter widens by the same factor, so that
 * no input is skipped, as in Pillow and in torchvision with {@code antialias=True}.
 */
final class Resampling {
    private final int[] first;
    private final float[][] weights;

    private Resampling(int[] first, float[][] weights) {
        this.first = first;
        this.weights = weights;
    }

    static Resampling bilinear(int from, int to) {
        double scale = (double) from / to;
        double support = Math.max(1, scale);
        int[] first = new int[to];
        float[][] weights = new float[to][];
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            int low = (int) Math.max(0, center - support + 0.5);
            int high = (int) Math.min(from, center + support + 0.5);
            double[] raw = new double[high - low];
            double sum = 0;
            for (int j = 0; j < raw.length; j++) {
                raw[j] = Math.max(0, 1 - Math.abs(low + j + 0.5 - center) / support);
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
