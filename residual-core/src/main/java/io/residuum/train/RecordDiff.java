package io.residuum.train;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says in which components two values differ: {@code network.depth is 20 there and 32 here}. */
final class RecordDiff {
    private RecordDiff() {}

    /**
     * Compares records and lists down to what differs.
     *
     * @return one phrase a difference, none if they are equal
     */
    static List<String> between(@Nullable Object there, @Nullable Object here) {
        List<String> found = new ArrayList<>();
        compare("", there, here, found);
        return found;
    }

    private static void compare(
            String path, @Nullable Object there, @Nullable Object here, List<String> found) {
        if (Objects.equals(there, here)) {
            return;
        }
        if (there instanceof Record && here != null && there.getClass() == here.getClass()) {
            for (RecordComponent part : there.getClass().getRecordComponents()) {
                String name = path.isEmpty() ? part.getName() : path + "." + part.getName();
                compare(name, value(part, there), value(part, here), found);
            }
        } else if (there instanceof List<?> a
                && here instanceof List<?> b
                && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                compare(path + "[" + i + "]", a.get(i), b.get(i), found);
            }
        } else {
            found.add(path + " is " + there + " there and " + here + " here");
        }
    }

    private static @Nullable Object value(RecordComponent part, Object record) {
        try {
            part.getAccessor().setAccessible(true);
            return part.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
