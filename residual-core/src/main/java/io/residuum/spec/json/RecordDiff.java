package io.residuum.spec.json;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Describes how a record differs from a saved one. */
public final class RecordDiff {
    private RecordDiff() {}

    /**
     * Compares records and lists recursively.
     *
     * @param saved the record of the checkpoint
     * @param current the record of this run
     * @return one phrase per difference, for instance {@code network.depth is 20 in the checkpoint
     *     and 32 now}; empty if they are equal
     */
    public static List<String> between(@Nullable Object saved, @Nullable Object current) {
        return between(saved, current, "checkpoint");
    }

    /**
     * Compares records and lists recursively.
     *
     * @param saved the record that was saved
     * @param current the record of this run
     * @param place the word for what the saved one is in, such as {@code checkpoint}
     * @return one phrase per difference, for instance {@code network.depth is 20 in the checkpoint
     *     and 32 now}; empty if they are equal
     */
    public static List<String> between(
            @Nullable Object saved, @Nullable Object current, String place) {
        List<String> found = new ArrayList<>();
        compare("", saved, current, place, found);
        return found;
    }

    private static void compare(
            String path,
            @Nullable Object saved,
            @Nullable Object current,
            String place,
            List<String> found) {
        if (Objects.equals(saved, current)) {
            return;
        }
        if (saved instanceof Record && current != null && saved.getClass() == current.getClass()) {
            for (RecordComponent component : saved.getClass().getRecordComponents()) {
                String name =
                        path.isEmpty() ? component.getName() : path + "." + component.getName();
                compare(name, value(component, saved), value(component, current), place, found);
            }
        } else if (saved instanceof List<?> a
                && current instanceof List<?> b
                && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                compare(path + "[" + i + "]", a.get(i), b.get(i), place, found);
            }
        } else {
            found.add(path + " is " + saved + " in the " + place + " and " + current + " now");
        }
    }

    private static @Nullable Object value(RecordComponent component, Object record) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
