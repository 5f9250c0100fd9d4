package io.residuum.train.rows;

import io.residuum.json.EditDistance;
import io.residuum.json.JsonText;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The values of a category or of labels, and their indices. */
final class Categories {
    private static final int SHOWN = 10;

    private final List<String> values;
    private final Map<String, Integer> indices = new HashMap<>();

    Categories(List<String> values) {
        this.values = values;
        for (String value : values) {
            indices.put(value, indices.size());
        }
    }

    /** Returns the different values in order: as numbers if all are whole, else as text. */
    static List<String> sorted(Collection<String> found) {
        List<String> names = List.copyOf(new TreeSet<>(found));
        boolean numbers = names.stream().allMatch(name -> name.matches("-?\\d{1,9}"));
        return numbers
                ? names.stream().sorted(Comparator.comparing(Integer::valueOf)).toList()
                : names;
    }

    int size() {
        return values.size();
    }

    int index(Cell cell, String value) {
        Integer index = indices.get(value);
        if (index == null) {
            String nearest =
                    values.stream()
                            .min(Comparator.comparingInt(v -> EditDistance.between(v, value)))
                            .filter(v -> EditDistance.between(v, value) <= 2)
                            .map(v -> ", did you mean " + JsonText.quote(v) + "?")
                            .orElse("");
            throw cell.error(
                    "must be one of the %d values of the training rows or of the header, %s%s, found %s%s"
                            .formatted(
                                    values.size(),
                                    values.subList(0, Math.min(SHOWN, values.size())),
                                    values.size() > SHOWN ? " and others" : "",
                                    JsonText.quote(value),
                                    nearest));
        }
        return index;
    }
}
