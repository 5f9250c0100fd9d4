package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;

/**
 * A grid of positions.
 *
 * @param rows the number of rows
 * @param columns the number of columns
 */
record Grid(int rows, int columns) {

    int size() {
        return Math.multiplyExact(rows, columns);
    }

    /**
     * {@return the values interpolated to another grid}
     *
     * <p>This is for weights trained at another image size: bicubic with a = -0.5, a wider filter
     * when the grid shrinks, no values beyond the border. It equals PyTorch's {@code interpolate}
     * with antialiasing.
     *
     * @param to the new grid
     * @param values the values, row by row
     * @param offset the index of the first value
     * @param width the number of values per position
     */
    float[] antialiased(Grid to, float[] values, int offset, int width) {
        double[][] down = filter(rows, to.rows);
        double[][] across = filter(columns, to.columns);
        double[] half = new double[to.rows * columns * width];
        for (int r = 0; r < to.rows; r++) {
            for (int from = 0; from < rows; from++) {
                for (int i = 0; i < columns * width; i++) {
                    half[r * columns * width + i] +=
                            down[r][from] * values[offset + from * columns * width + i];
                }
            }
        }
        float[] out = new float[to.size() * width];
        for (int r = 0; r < to.rows; r++) {
            for (int c = 0; c < to.columns; c++) {
                for (int w = 0; w < width; w++) {
                    double sum = 0;
                    for (int from = 0; from < columns; from++) {
                        sum += across[c][from] * half[(r * columns + from) * width + w];
                    }
                    out[(r * to.columns + c) * width + w] = (float) sum;
                }
            }
        }
        return out;
    }

    private static double[][] filter(int from, int to) {
        double scale = (double) from / to;
        double stretch = Math.max(1, scale);
        double[][] weights = new double[to][from];
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * scale;
            double sum = 0;
            for (int j = 0; j < from; j++) {
                weights[i][j] = cubic(Math.abs(j + 0.5 - centre) / stretch, -0.5);
                sum += weights[i][j];
            }
            for (int j = 0; j < from; j++) {
                weights[i][j] /= sum;
            }
        }
        return weights;
    }

    private static double cubic(double d, double a) {
        if (d <= 1) {
            return ((a + 2) * d - (a + 3)) * d * d + 1;
        }
        return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
    }

    /**
     * The matrix {@code (to, from)} that interpolates values on one grid to another: bicubic
     * convolution with a = -0.75, aligned pixel centres and repeated borders (Keys 1981). It equals
     * PyTorch's {@code interpolate} without antialiasing.
     *
     * @param from the grid of the values
     * @param to the new grid
     * @param type the data type of the values
     */
    record Resize(Grid from, Grid to, DataType type) implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            double[][] down = weights(from.rows, to.rows);
            double[][] across = weights(from.columns, to.columns);
            float[] values = new float[to.size() * from.size()];
            int i = 0;
            for (double[] row : down) {
                for (double[] column : across) {
                    for (double r : row) {
                        for (double c : column) {
                            values[i++] = (float) (r * c);
                        }
                    }
                }
            }
            return Values.create(pass.manager(), values, new Shape(to.size(), from.size()), type);
        }

        private static double[][] weights(int from, int to) {
            double[][] weights = new double[to][from];
            for (int i = 0; i < to; i++) {
                double centre = (i + 0.5) * from / to - 0.5;
                int first = (int) Math.floor(centre) - 1;
                for (int j = first; j < first + 4; j++) {
                    int inside = Math.min(from - 1, Math.max(0, j));
                    weights[i][inside] += cubic(Math.abs(centre - j), -0.75);
                }
            }
            return weights;
        }
    }
}
