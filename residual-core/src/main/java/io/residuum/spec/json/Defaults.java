package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.spec.Default;
import java.util.List;
import java.util.Map;

/**
 * Records and builders with the values of {@link Default}, so that Java code starts from what a
 * document without these keys means.
 */
public final class Defaults {
    /** Defaults hold no layers, so none are registered. */
    private static final Types TYPES = new Types(List.of());

    private Defaults() {}

    /**
     * Creates a record from its defaults.
     *
     * @param type a record whose components all have a default or are nullable
     * @param <R> the record
     * @return the record that JSON writes as an empty object
     */
    public static <R extends Record> R of(Class<R> type) {
        Json empty = new Json.Obj(1, Map.of());
        Object record = new Binder(TYPES).bind(empty, type, JsonPath.root(type.getSimpleName()));
        return type.cast(record);
    }

    /**
     * Sets every component of a builder that has a default.
     *
     * @param builder a new builder of a record, as {@link io.residuum.spec.WithBuilder} generates
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
