package io.residuum.train.rows;

import io.residuum.loss.Target;
import io.residuum.metric.MetricBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** Converts normalized outputs and targets to the units of the table. */
final class Units {
    private Units() {}

    /** Returns the conversion of each output that has normalized numbers. */
    static Map<String, UnaryOperator<MetricBatch>> of(RowHeader header) {
        Map<String, UnaryOperator<MetricBatch>> units = new LinkedHashMap<>();
        header.targets()
                .forEach(
                        (output, columns) -> {
                            List<DoubleUnaryOperator> each = new ArrayList<>();
                            for (String column : columns) {
                                ColumnSpec spec = header.column(column);
                                for (String ignored : spec.outputNames(column)) {
                                    each.add(unit(spec));
                                }
                            }
                            if (columns.stream().anyMatch(c -> isNormalized(header.column(c)))) {
                                units.put(output, batch -> converted(batch, each));
                            }
                        });
        return units;
    }

    private static boolean isNormalized(ColumnSpec spec) {
        return spec instanceof NumberColumn number
                && number.normalize() == NumberColumn.Normalization.STANDARD;
    }

    private static DoubleUnaryOperator unit(ColumnSpec spec) {
        return spec instanceof NumberColumn number
                ? number::inUnits
                : DoubleUnaryOperator.identity();
    }

    private static MetricBatch converted(MetricBatch batch, List<DoubleUnaryOperator> each) {
        Target target = new Target.Numbers(converted(batch.numbers(), each), batch.shape());
        return new MetricBatch(converted(batch.output(), each), batch.shape(), target);
    }

    private static float[] converted(float[] rows, List<DoubleUnaryOperator> each) {
        float[] converted = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            converted[i] = (float) each.get(i % each.size()).applyAsDouble(rows[i]);
        }
        return converted;
    }
}
