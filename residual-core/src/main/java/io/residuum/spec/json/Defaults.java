package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.spec.Default;
import java.util.List;
import java.util.Map;

/**
 * Creates records and builders with the values of {@link Default}, so that Java code starts from
 * the values of an empty JSON object.
 */
public final class Defaults {
    /** Without registered layers, because no default contains a layer. */
    private static final Types TYPES = new Types(List.of());

    private Defaults() {}

    /**
     * {@return a record with all its defaults, which JSON writes as an empty object}
     *
     * @param type a record whose components all have a default or are nullable
     * @param <R> the record
     */
    public static <R extends Record> R of(Class<R> type) {
        Json empty = new Json.Obj(1, Map.of());
        Object record = new Binder(TYPES).bind(empty, type, JsonPath.root(type.getSimpleName()));
        return type.cast(record);
    }

    /**
     * Sets every component of a builder that has a default.
     *
     * @param builder a new builder from {@link io.residuum.spec.WithBuilder}
     * @param <B> the builder
     * @return the builder
     */
    public static <B> B fill(B builder) {
        Binder binder = new Binder(TYPES);
        try {
            Class<?> type = builder.getClass();
            Class<?> record = type.getMethod("build").getReturnType();
            for (JsonType.Component component : TYPES.product(record).components()) {
                if (component.absent() != null) {
                    type.getMethod(component.name(), component.accessor().getReturnType())
                            .invoke(builder, binder.absent(component));
                }
            }
            return builder;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no generated builder: " + builder.getClass(), e);
        }
    }
}
