package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Size2d;

/**
 * Rotary positions of a grid: half of the pairs of a head rotate by the row and half by the column
 * (EVA-02, Fang et al. 2023, arXiv:2303.11331, Section 2.1; Heo et al. 2024, arXiv:2403.13298,
 * Section 3.2).
 *
 * @param base base of the frequencies. Default: 10000
 * @param interleaved true if neighbours form a pair. If not, elements half a head apart do.
 *     Default: true
 * @param columnsFirst true if the first pairs rotate by the column. Default: false
 * @param coordinates coordinates of the rows and columns. Default: index
 * @param offset number added to each index. Default: 0
 * @param trained rows and columns that indices are scaled to, those of the pretraining; 0 for the
 *     grid itself. Default: 0
 * @param grid rows and columns; 0 for a square of all positions after the tokens. Default: 0
 * @param learned whether each head learns the frequencies of both the row and the column of each
 *     pair, which begin with those of a grid at a random angle (Heo et al. 2024, Section 3.2). The
 *     parameter is {@code positions.frequencies} {@code (2, heads, pairs)}, with the first axis
 *     first. Default: false
 * @param tokens number of positions before the grid, which do not rotate. Vision transformers set
 *     it. Default: 0
 */
@WithBuilder
@TypeName("rotaryGrid")
public record RotaryGrid(
        @Default("10000.0") double base,
        @Default("true") boolean interleaved,
        @Default("false") boolean columnsFirst,
        @Default("\"index\"") Coordinates coordinates,
        @Default("0.0") double offset,
        @Default("0") Size2d trained,
        @Default("0") Size2d grid,
        @Default("false") boolean learned,
        @Default("0") int tokens)
        implements PositionSpec, Rotation, RotaryGridBuilder.With {

    /** The coordinates of rows and columns. */
    public enum Coordinates {
        /** Indices from 0. */
        INDEX,
        /** The centres of patches in [-1, 1], times 2 pi (DINOv3, Simeoni et al. 2025). */
        CENTERED
    }

    public RotaryGrid {
        Check.that(base > 1, "base must be greater than 1, got %s", base);
        Check.finite("offset", offset);
        Check.notNegative("tokens", tokens);
        Check.that(
                trained.height() == 0 || coordinates == Coordinates.INDEX,
                "trained must be 0 with coordinates centered, which do not depend on it, got %s",
                trained);
    }

    @Override
    public PositionSpec afterTokens(int count) {
        Check.that(
                tokens == 0 || tokens == count,
                "tokens must be 0 or the %s tokens before the patches, got %s",
                count,
                tokens);
        return withTokens(count);
    }

    @Override
    public String describe() {
        return learned ? "learned rotary of a grid" : "rotary of a grid";
    }

    @Override
    public int rotated(int head) {
        return head;
    }

    @Override
    public double factor() {
        return 1;
    }

    @Override
    public void requireFit(int head) {
        if (head % 4 != 0) {
            throw new IllegalArgumentException(
                    "rotary positions of a grid need a head width that 4 divides, got " + head);
        }
    }

    @Override
    public double[] angles(int width, int first, int length) {
        double[][] axes = coordinates(first, length);
        int bands = width / 4;
        double[] angles = new double[length * 2 * bands];
        for (int p = tokens; p < length; p++) {
            for (int k = 0; k < bands; k++) {
                double frequency = Math.pow(base, -(double) k / bands);
                int at = p * 2 * bands + k;
                angles[at] = axes[0][p] * frequency;
                angles[at + bands] = axes[1][p] * frequency;
            }
        }
        return angles;
    }

    /** {@return the coordinates of all positions along the first and the second axis} */
    double[][] coordinates(int first, int length) {
        if (first != 0) {
            throw new IllegalArgumentException(
                    "rotaryGrid needs all positions in one pass, got a pass from position %d: generate without a cache"
                            .formatted(first));
        }
        Size2d actual = actual(length);
        double[] rows = new double[length];
        double[] columns = new double[length];
        for (int p = tokens; p < length; p++) {
            int at = p - tokens;
            rows[p] = coordinate(at / actual.width(), actual.height(), trained.height());
            columns[p] = coordinate(at % actual.width(), actual.width(), trained.width());
        }
        return columnsFirst ? new double[][] {columns, rows} : new double[][] {rows, columns};
    }

    private double coordinate(int index, int size, int trainedSize) {
        if (coordinates == Coordinates.CENTERED) {
            return 2 * Math.PI * (2 * (index + 0.5 + offset) / size - 1);
        }
        return trainedSize == 0 ? index + offset : (index + offset) / size * trainedSize;
    }

    /** {@return the grid of a sequence} */
    private Size2d actual(int length) {
        int count = length - tokens;
        int side = (int) Math.round(Math.sqrt(Math.max(0, count)));
        Size2d found = grid.height() == 0 ? Size2d.of(side) : grid;
        if (count != found.height() * found.width()) {
            throw new IllegalArgumentException(
                    "grid of rotaryGrid must have the %d positions after %d tokens, got %s: set its rows and columns"
                            .formatted(count, tokens, found));
        }
        return found;
    }
}
