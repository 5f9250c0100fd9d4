package io.residuum.examples.cli.task;

import io.residuum.model.ModelSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The classes of data beside those of a model. They match by name if the model has all names of the
 * data, and otherwise by position.
 *
 * @param names the names that labels must count; empty if they are right
 * @param note a line for people about classes that match by position in spite of their names; empty
 *     for none
 */
record ClassMatch(Optional<List<String>> names, String note) {
    private static final ClassMatch SAME = new ClassMatch(Optional.empty(), "");

    /**
     * {@return the match of a model and data}
     *
     * @param model the model
     * @param classes the number of its classes
     * @param data the names of the classes of the data, by label
     */
    static ClassMatch of(ModelSource model, long classes, List<String> data) {
        List<String> names = model.metadata().classNames();
        if (names.isEmpty() || names.equals(data) || names.size() != classes) {
            return SAME;
        }
        if (new HashSet<>(names).size() == names.size() && names.containsAll(data)) {
            return new ClassMatch(Optional.of(names), "");
        }
        if (names.size() != data.size()) {
            return SAME; // which a later check refuses, or a new head makes right
        }
        int first = 0;
        while (first < data.size() - 1 && names.get(first).equals(data.get(first))) {
            first++;
        }
        return new ClassMatch(
                Optional.empty(),
                "classes match by position, since their names differ: class %d is \"%s\" of the model and \"%s\" of the data"
                        .formatted(first, names.get(first), data.get(first)));
    }

    /** {@return the note in a list} */
    List<String> notes() {
        return note.isEmpty() ? List.of() : List.of(note);
    }

    /** {@return the note after a line} */
    String suffix() {
        return note.isEmpty() ? "" : "; " + note;
    }
}
