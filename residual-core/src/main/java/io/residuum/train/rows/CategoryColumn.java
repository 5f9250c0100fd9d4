package io.residuum.train.rows;

import io.residuum.data.ClassNames;
import io.residuum.data.DataException;
import io.residuum.loss.Target;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.InputSpec;
import io.residuum.spec.TypeName;
import io.residuum.train.samples.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A column of categories. As an input, a category is a one-hot vector; an input of tokens reads its
 * index as an id. As a target, it is a class.
 *
 * @param values the categories in the order of their indices. Default: none, those of the training
 *     rows, sorted
 * @param optional true if an input without a value is a vector of zeros; false refuses it. A target
 *     without a value is unknown. Default: false
 */
@TypeName("category")
public record CategoryColumn(@Default("[]") List<String> values, @Default("false") boolean optional)
        implements ColumnSpec {
    public CategoryColumn {
        values = List.copyOf(values);
        Check.that(
                new HashSet<>(values).size() == values.size(),
                "values must be different, got %s",
                values);
    }

    @Override
    public ColumnSpec fitted(List<Cell> training) {
        if (!values.isEmpty()) {
            return this;
        }
        return new CategoryColumn(
                Categories.sorted(
                        training.stream()
                                .filter(cell -> !cell.isMissing())
                                .map(Cell::text)
                                .toList()),
                optional);
    }

    @Override
    public ColumnEncoder input(ColumnContext context) {
        Categories categories = new Categories(values);
        if (context.input() instanceof InputSpec.Tokens) {
            if (optional) {
                throw new DataException(
                        "a category that may be missing must be read as a one-hot vector, but the"
                                + " input reads ids: set optional to false");
            }
            return cell -> Tensor.integers(categories.index(cell, cell.text()));
        }
        return cell -> {
            float[] oneHot = new float[categories.size()];
            if (!(optional && cell.isMissing())) {
                oneHot[categories.index(cell, cell.text())] = 1;
            }
            return Tensor.numbers(oneHot);
        };
    }

    @Override
    public int inputWidth() {
        return values.size();
    }

    @Override
    public ColumnEncoder target() {
        ClassNames.requireSeveral(values);
        Categories categories = new Categories(values);
        return cell ->
                Tensor.label(
                        cell.isMissing() ? Target.IGNORED : categories.index(cell, cell.text()));
    }

    @Override
    public List<String> outputNames(String name) {
        return values;
    }

    @Override
    public Map<String, Object> decode(String name, float[] output, int from) {
        int best = from;
        for (int i = from; i < from + values.size(); i++) {
            best = output[i] > output[best] ? i : best;
        }
        double sum = 0;
        for (int i = from; i < from + values.size(); i++) {
            sum += Math.exp((double) output[i] - output[best]);
        }
        Map<String, Object> decoded = new LinkedHashMap<>();
        decoded.put(name, values.get(best - from));
        decoded.put(name + ".probability", 1 / sum);
        return decoded;
    }
}
