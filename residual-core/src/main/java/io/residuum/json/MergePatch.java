package io.residuum.json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Overrides parts of a JSON value: the merge patch of RFC 7396, which knows the types of records.
 */
public final class MergePatch {
    private static final String TYPE = "type";

    private MergePatch() {}

    /**
     * {@return a value with the members of a patch} Objects merge member by member, null removes a
     * member, and any other value replaces the one that is there. An object of another {@code
     * "type"} replaces, too, since it has other members.
     *
     * @param target the value to change
     * @param patch the members to set
     */
    public static Json apply(Json target, Json patch) {
        return apply(target, patch, object -> false);
    }

    /**
     * {@return a value with the members of a patch} Like {@link #apply(Json, Json)}.
     *
     * @param target the value to change
     * @param patch the members to set
     * @param whole true for objects that only replace and are replaced
     */
    public static Json apply(Json target, Json patch, Predicate<Json> whole) {
        if (!(patch instanceof Json.Obj changes) || whole.test(patch)) {
            return patch;
        }
        boolean merges = !whole.test(target) && hasTypeOf(target, changes);
        Map<String, Json> members = new LinkedHashMap<>(merges ? target.members() : Map.of());
        changes.members()
                .forEach(
                        (key, value) -> {
                            if (value instanceof Json.Null) {
                                members.remove(key);
                            } else {
                                Json old = members.getOrDefault(key, value);
                                members.put(key, apply(old, value, whole));
                            }
                        });
        return new Json.Obj(changes.line(), members);
    }

    private static boolean hasTypeOf(Json target, Json.Obj patch) {
        return !patch.members().containsKey(TYPE)
                || patch.get(TYPE).string("").equals(target.get(TYPE).string(""));
    }
}
