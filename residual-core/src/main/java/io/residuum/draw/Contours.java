package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Finds the lines along which a grid of values has a level, by marching squares (Lorensen and Cline
 * 1987, in the plane).
 *
 * @param values by row and column; NaN where there is none
 * @param x the coordinate of a column
 * @param y the coordinate of a row
 */
record Contours(double[][] values, DoubleUnaryOperator x, DoubleUnaryOperator y) {

    /** Returns the lines of a level as an SVG path; empty if there are none. */
    String at(double level) {
        StringBuilder path = new StringBuilder();
        for (int r = 0; r + 1 < values.length; r++) {
            for (int c = 0; c + 1 < values[r].length; c++) {
                // The corners in a circle: edge i joins corner i and the next one.
                int[] row = {r, r, r + 1, r + 1};
                int[] column = {c, c + 1, c + 1, c};
                double[] above = new double[4];
                for (int i = 0; i < 4; i++) {
                    above[i] = values[row[i]][column[i]] - level;
                }
                if (!Double.isNaN(DoubleStream.of(above).sum())) {
                    addLines(path, row, column, above);
                }
            }
        }
        return path.toString();
    }

    private void addLines(StringBuilder path, int[] row, int[] column, double[] above) {
        List<double[]> crossings = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int next = (i + 1) % 4;
            if (above[i] > 0 != above[next] > 0) {
                double part = above[i] / (above[i] - above[next]);
                crossings.add(
                        new double[] {
                            x.applyAsDouble(column[i] + part * (column[next] - column[i])),
                            y.applyAsDouble(row[i] + part * (row[next] - row[i]))
                        });
            }
        }
        boolean middleAbove = DoubleStream.of(above).sum() > 0;
        if (crossings.size() == 4 && above[0] > 0 != middleAbove) {
            // A saddle whose middle lies with corners 1 and 3: the lines cut off corners 0 and 2.
            crossings.add(0, crossings.remove(3));
        }
        for (int i = 0; i + 1 < crossings.size(); i += 2) {
            double[] from = crossings.get(i);
            double[] to = crossings.get(i + 1);
            path.append('M').append(Svg.n(from[0])).append(' ').append(Svg.n(from[1]));
            path.append('L').append(Svg.n(to[0])).append(' ').append(Svg.n(to[1]));
        }
    }
}
