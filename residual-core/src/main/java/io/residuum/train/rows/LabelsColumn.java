package io.residuum.train.rows;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.train.samples.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A column of several labels a row, such as {@code red;round}. It is a vector with 1 for each label
 * of the row and 0 for all others. Its output learns by the binary cross-entropy, unless the recipe
 * names another loss.
 *
 * @param values the labels in the order of the vector. Default: none, those of the training rows,
 *     sorted
 * @param separator stands between labels of a text; JSON lines may have arrays. Default: {@code ;}
 */
@TypeName("labels")
public record LabelsColumn(@Default("[]") List<String> values, @Default("\";\"") String separator)
        implements ColumnSpec {
    public LabelsColumn {
        values = List.copyOf(values);
        Check.that(
                new HashSet<>(values).size() == values.size(),
                "values must be different, got %s",
                values);
        Check.that(!separator.isEmpty(), "separator must not be empty");
    }

    @Override
    public ColumnSpec fitted(List<Cell> training) {
        if (!values.isEmpty()) {
            return this;
        }
        return new LabelsColumn(
                Categories.sorted(
                        training.stream()
                                .filter(cell -> !cell.isMissing())
                                .flatMap(cell -> cell.list(separator).stream())
                                .toList()),
                separator);
    }

    @Override
    public ColumnEncoder input(ColumnContext context) {
        return encoder(0);
    }

    @Override
    public int inputWidth() {
        return values.size();
    }

    @Override
    public ColumnEncoder target() {
        return encoder(Float.NaN);
    }

    /** Returns an encoder whose numbers are all {@code absent} in a row without a value. */
    private ColumnEncoder encoder(float absent) {
        Categories categories = new Categories(values);
        return cell -> {
            float[] labels = new float[categories.size()];
            if (cell.isMissing()) {
                Arrays.fill(labels, absent);
            } else {
                cell.list(separator).forEach(label -> labels[categories.index(cell, label)] = 1);
            }
            return Tensor.numbers(labels);
        };
    }

    @Override
    public List<String> outputNames(String name) {
        return values;
    }

    @Override
    public Map<String, Object> decode(String name, float[] output, int from) {
        Map<String, Object> decoded = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            decoded.put(name + "." + values.get(i), 1 / (1 + Math.exp(-output[from + i])));
        }
        return decoded;
    }
}
