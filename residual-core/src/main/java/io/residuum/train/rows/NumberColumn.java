package io.residuum.train.rows;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.train.samples.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A column of numbers. Predictions of a normalized target are in the units of the table.
 *
 * @param normalize the normalization of inputs and targets. Default: standard
 * @param mean the mean to subtract. Default: none, the mean of the training rows
 * @param std the standard deviation to divide by, positive. Default: none, that of the training
 *     rows
 * @param missing what an input reads where there is no number. Default: refuse
 */
@TypeName("number")
public record NumberColumn(
        @Default("\"standard\"") Normalization normalize,
        @Nullable Double mean,
        @Nullable Double std,
        @Default("\"refuse\"") Missing missing)
        implements ColumnSpec {

    /** A normalization of numbers. */
    public enum Normalization {
        /** Subtracts the mean and divides by the standard deviation. */
        STANDARD,
        /** Leaves numbers as they are. */
        NONE
    }

    public NumberColumn {
        Check.that(
                std == null || (std > 0 && Double.isFinite(std)),
                "std must be positive, got %s",
                String.valueOf(std));
        Check.that(
                mean == null || Double.isFinite(mean),
                "mean must be finite, got %s",
                String.valueOf(mean));
    }

    @Override
    public ColumnSpec fitted(List<Cell> training) {
        if (mean != null && std != null) {
            return this;
        }
        double[] values =
                training.stream()
                        .filter(cell -> !cell.isMissing())
                        .mapToDouble(Cell::number)
                        .toArray();
        double average = 0;
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            double change = values[i] - average;
            average += change / (i + 1);
            squares += change * (values[i] - average);
        }
        double deviation = Math.sqrt(squares / Math.max(1, values.length));
        if (!Double.isFinite(deviation)) {
            throw training.stream()
                    .filter(cell -> !cell.isMissing())
                    .max(Comparator.comparingDouble(cell -> Math.abs(cell.number())))
                    .orElseThrow()
                    .error("numbers must be below 1e150, found larger ones; use another unit");
        }
        // A column without contrast keeps its scale.
        boolean flat = !(deviation > 1e-12 * Math.max(1, Math.abs(average)));
        return new NumberColumn(
                normalize,
                mean == null ? Double.valueOf(average) : mean,
                std == null ? Double.valueOf(flat ? 1 : deviation) : std,
                missing);
    }

    @Override
    public ColumnEncoder input(ColumnContext context) {
        return cell ->
                Tensor.numbers(normalized(cell, cell.isMissing() ? fill(cell) : cell.number()));
    }

    private double fill(Cell cell) {
        if (missing instanceof Missing.Value given) {
            return given.value();
        }
        return missing instanceof Missing.Mean ? learned(mean) : cell.number();
    }

    @Override
    public int inputWidth() {
        return 1;
    }

    @Override
    public ColumnEncoder target() {
        return cell ->
                Tensor.numbers(cell.isMissing() ? Float.NaN : normalized(cell, cell.number()));
    }

    private float normalized(Cell cell, double value) {
        boolean plain = normalize == Normalization.NONE;
        float number = (float) (plain ? value : (value - learned(mean)) / learned(std));
        if (!Float.isFinite(number)) {
            throw cell.error(
                    "must be within float32, up to 3.4e38, %s, found %s; use another unit"
                            .formatted(
                                    plain ? "as it is not normalized" : "when it is normalized",
                                    value));
        }
        return number;
    }

    @Override
    public Map<String, Object> decode(String name, float[] output, int from) {
        return Map.of(name, inUnits(output[from]));
    }

    /** Returns a number of an output in the units of the table. */
    double inUnits(double value) {
        return normalize == Normalization.NONE ? value : value * learned(std) + learned(mean);
    }

    private static double learned(@Nullable Double value) {
        if (value == null) {
            throw new IllegalStateException("a column is fitted before it is read");
        }
        return value;
    }
}
