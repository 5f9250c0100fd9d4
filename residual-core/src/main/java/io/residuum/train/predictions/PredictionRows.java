package io.residuum.train.predictions;

import io.residuum.loss.Target;
import io.residuum.metric.MeasuredOutput;
import io.residuum.metric.MetricBatch;
import io.residuum.metric.OutputKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one output in a file of predictions. An output with several positions a sample, or
 * with more than {@link #MOST} labels or numbers, has one number a row that says how well it was
 * predicted.
 */
final class PredictionRows {
    /** The largest number of classes, labels or numbers that have a column each. */
    static final int MOST = 100;

    private final MeasuredOutput output;
    private final MetricBatch batch;
    private final int columns;

    PredictionRows(PredictionListener.Predicted predicted) {
        output = predicted.output();
        batch = predicted.batch();
        columns = batch.columns().count();
    }

    /** Returns the cells of a sample by key. A cell is a text, a number, null or a map of cells. */
    Map<String, @Nullable Object> row(int sample) {
        boolean onePosition = batch.columns().positions() == batch.samples();
        if (output.kind() == OutputKind.CLASSES) {
            return onePosition ? classes(sample) : singleton("accuracy", accuracy(sample));
        }
        boolean labels = output.kind() == OutputKind.LABELS;
        if (!onePosition || columns > MOST) {
            return labels
                    ? singleton("accuracy", accuracy(sample))
                    : singleton("rmse", rmse(sample));
        }
        return labels ? labels(sample) : numbers(sample);
    }

    private static Map<String, @Nullable Object> singleton(String key, double value) {
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        cells.put(key, number(value));
        return cells;
    }

    /** Returns a number, or null for none. JSON has no other numbers than finite ones. */
    private static @Nullable Object number(double value) {
        return Double.isFinite(value) ? (Object) (float) value : null;
    }

    private Map<String, @Nullable Object> classes(int sample) {
        int label = batch.labels()[sample];
        int best = batch.best(sample);
        double max = batch.value(sample, best);
        double sum = 0;
        for (int c = 0; c < columns; c++) {
            sum += Math.exp(batch.value(sample, c) - max);
        }
        double total = sum;
        List<String> names = output.names();
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        cells.put("label", label == Target.IGNORED ? null : names.get(label));
        cells.put("prediction", names.get(best));
        cells.put("probability", number(1 / total));
        if (columns <= MOST) {
            cells.put(
                    "probabilities",
                    byName(c -> number(Math.exp(batch.value(sample, c) - max) / total)));
        }
        return cells;
    }

    private Map<String, @Nullable Object> labels(int sample) {
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        cells.put("labels", byName(c -> number(target(sample, c))));
        cells.put("predictions", byName(c -> batch.value(sample, c) > 0 ? 1 : 0));
        cells.put(
                "probabilities", byName(c -> number(1 / (1 + Math.exp(-batch.value(sample, c))))));
        return cells;
    }

    private Map<String, @Nullable Object> numbers(int sample) {
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        if (columns == 1) {
            cells.put("true", number(target(sample, 0)));
            cells.put("predicted", number(batch.value(sample, 0)));
        } else {
            cells.put("true", byName(c -> number(target(sample, c))));
            cells.put("predicted", byName(c -> number(batch.value(sample, c))));
        }
        return cells;
    }

    private float target(int sample, int column) {
        return batch.numbers()[batch.columns().index(sample, column)];
    }

    private Map<String, @Nullable Object> byName(IntFunction<@Nullable Object> value) {
        Map<String, @Nullable Object> cells = new LinkedHashMap<>();
        for (int c = 0; c < columns; c++) {
            cells.put(output.names().get(c), value.apply(c));
        }
        return cells;
    }

    /** Returns the share of known positions or labels of a sample that are predicted correctly. */
    private double accuracy(int sample) {
        int positions = batch.columns().positions() / batch.samples();
        boolean classes = output.kind() == OutputKind.CLASSES;
        int correct = 0;
        int known = 0;
        for (int p = sample * positions; p < (sample + 1) * positions; p++) {
            if (classes) {
                int label = batch.labels()[p];
                known += label == Target.IGNORED ? 0 : 1;
                correct += label != Target.IGNORED && batch.rank(p, label) == 0 ? 1 : 0;
                continue;
            }
            for (int c = 0; c < columns; c++) {
                float target = target(p, c);
                known += Float.isNaN(target) ? 0 : 1;
                correct += !Float.isNaN(target) && target > 0.5f == batch.value(p, c) > 0 ? 1 : 0;
            }
        }
        return (double) correct / known;
    }

    private double rmse(int sample) {
        return Math.sqrt(batch.meanSquaredError(sample));
    }
}
