package io.residuum.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks the class names of data, and compares them with those of a network. */
public final class ClassNames {
    private ClassNames() {}

    /**
     * Requires two classes or more, because a classifier of one class learns nothing.
     *
     * @param classes the names of the classes
     * @throws DataException if there are fewer
     */
    public static void requireSeveral(List<String> classes) {
        if (classes.size() < 2) {
            throw new DataException(
                    "training a classifier needs two classes or more, found %s; give data of all classes (of folders, the one that holds the folders of the classes)"
                            .formatted(classes));
        }
    }

    /**
     * Finds the labels of classes among other names.
     *
     * @param classes the names of the classes, by label
     * @param names the other names, which include all classes
     * @return the index of each class in {@code names}, by label
     * @throws DataException if a class is not among them
     */
    public static int[] labels(List<String> classes, List<String> names) {
        Map<String, Integer> indices = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            indices.putIfAbsent(names.get(i), i);
        }
        int[] labels = new int[classes.size()];
        for (int i = 0; i < labels.length; i++) {
            Integer label = indices.get(classes.get(i));
            if (label == null) {
                throw new DataException(
                        "the classes of the data must be among %s, got \"%s\""
                                .formatted(names, classes.get(i)));
            }
            labels[i] = label;
        }
        return labels;
    }
}
