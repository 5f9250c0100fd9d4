package io.residuum.train.plan;

import io.residuum.model.ModelSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A match of the classes of data and of a model: by name if the model has all names of the data,
 * and otherwise by position.
 *
 * @param names the class names by label, to which the labels of the data are changed
 * @param warnings a line for people about classes that match by position although their names
 *     differ
 */
public record ClassMatch(List<String> names, List<String> warnings) {

    /**
     * {@return the match of a model and data}
     *
     * @param classes the number of its classes
     * @param data the names of the classes of the data, by label
     */
    public static ClassMatch of(ModelSource model, long classes, List<String> data) {
        List<String> names = model.metadata().classNames();
        Set<String> distinct = new HashSet<>(names);
        if (names.size() == classes
                && distinct.size() == names.size()
                && distinct.containsAll(data)) {
            return new ClassMatch(names, List.of());
        }
        boolean countsDiffer = names.size() != classes || names.size() != data.size();
        if (countsDiffer || names.equals(data)) {
            // A later check refuses other numbers, or a new head replaces the model's.
            return new ClassMatch(data, List.of());
        }
        int first = 0;
        while (names.get(first).equals(data.get(first))) {
            first++;
        }
        return new ClassMatch(
                data,
                List.of(
                        "classes match by position, since their names differ: class %d is \"%s\" of the model and \"%s\" of the data"
                                .formatted(first, names.get(first), data.get(first))));
    }

    /**
     * {@return a line for people about a new head}
     *
     * @param classes the number of its classes
     * @param before the number of classes of the old head, 0 if there was none
     */
    public static String newHead(int classes, long before) {
        return "the head: new, for %d %s%s"
                .formatted(
                        classes,
                        classes == 1 ? "class" : "classes",
                        before == 0 ? "" : " instead of " + before);
    }
}
