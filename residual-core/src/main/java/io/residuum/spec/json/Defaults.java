package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Creates records and builders with the values of {@link Default}, so that Java code starts from
 * the values of an empty JSON object.
 */
public final class Defaults {
    /** Without registered records. No default names one: layers are absent or an empty list. */
    private static final Types TYPES = new Types(List.of());

    /** The defaults of a builder by their setters. Reflection is slow, and networks are large. */
    private static final ClassValue<Map<Method, Object>> SETTERS =
            new ClassValue<>() {
                @Override
                protected Map<Method, Object> computeValue(Class<?> builder) {
                    return setters(builder);
                }
            };

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
     */
    public static <B> B fill(B builder) {
        try {
            for (Map.Entry<Method, Object> setter : SETTERS.get(builder.getClass()).entrySet()) {
                setter.getKey().invoke(builder, setter.getValue());
            }
            return builder;
        } catch (ReflectiveOperationException e) {
            throw noBuilder(builder.getClass(), e);
        }
    }

    /**
     * Requires that components which nothing reads have their defaults.
     *
     * @param type the record
     * @param values the components' values by name
     * @param reason why nothing reads them, such as "dynamic is false"
     * @throws io.residuum.spec.SpecException naming a component with another value
     */
    public static void requireUnread(
            Class<? extends Record> type, Map<String, Object> values, String reason) {
        Binder binder = new Binder(TYPES);
        for (JsonType.Component component : TYPES.product(type).components()) {
            String name = component.name();
            Object value = values.getOrDefault(name, "");
            Check.that(
                    !values.containsKey(name) || value.equals(binder.absent(component)),
                    "%s must be left out if %s, got %s",
                    name,
                    reason,
                    value);
        }
    }

    private static Map<Method, Object> setters(Class<?> builder) {
        Binder binder = new Binder(TYPES);
        Map<Method, Object> setters = new LinkedHashMap<>();
        try {
            Class<?> record = builder.getMethod("build").getReturnType();
            for (JsonType.Component component : TYPES.product(record).components()) {
                Object absent = binder.absent(component);
                if (absent != null) {
                    Class<?> type = component.accessor().getReturnType();
                    setters.put(builder.getMethod(component.name(), type), absent);
                }
            }
            return setters;
        } catch (ReflectiveOperationException e) {
            throw noBuilder(builder, e);
        }
    }

    private static IllegalStateException noBuilder(Class<?> type, Exception cause) {
        return new IllegalStateException("no generated builder: " + type, cause);
    }
}
