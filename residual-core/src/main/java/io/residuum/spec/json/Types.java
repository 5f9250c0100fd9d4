package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.Inline;
import io.residuum.spec.Key;
import io.residuum.spec.Shorthand;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Derives {@link JsonType}s from records, sealed interfaces and registered records of open
 * interfaces.
 */
final class Types {
    private static final Map<Type, JsonType> SCALARS =
            Map.of(
                    String.class, JsonType.Scalar.STRING,
                    boolean.class, JsonType.Scalar.BOOLEAN,
                    Boolean.class, JsonType.Scalar.BOOLEAN,
                    int.class, JsonType.Scalar.INT,
                    Integer.class, JsonType.Scalar.INT,
                    long.class, JsonType.Scalar.LONG,
                    Long.class, JsonType.Scalar.LONG,
                    double.class, JsonType.Scalar.DOUBLE,
                    Double.class, JsonType.Scalar.DOUBLE);

    private final List<Class<?>> registered;
    private final Map<Type, JsonType> known = new ConcurrentHashMap<>(SCALARS);
    private final Map<Method, Object> absent = new ConcurrentHashMap<>();

    /**
     * Creates the types for registered records.
     *
     * @throws SpecException if a record has no name, shares it with another record of its
     *     interface, or has a component that JSON cannot hold
     */
    Types(Collection<? extends Class<?>> records) {
        registered = List.copyOf(records);
        for (Class<?> record : registered) {
            // Checks the names now instead of when a document first uses the interface.
            Arrays.stream(record.getInterfaces()).filter(i -> !i.isSealed()).forEach(this::of);
            product(record).components().forEach(c -> of(c.type()));
        }
    }

    /** {@return the records given to the constructor} */
    List<Class<?>> registered() {
        return registered;
    }

    /**
     * {@return the default of a component, bound once: a large network asks for thousands}
     *
     * @param accessor of the component
     * @param bound binds the default, perhaps to null
     */
    @Nullable Object absent(Method accessor, Supplier<@Nullable Object> bound) {
        Object found = absent.get(accessor);
        if (found == null) {
            found = bound.get();
            if (found != null) {
                absent.put(accessor, found);
            }
        }
        return found;
    }

    JsonType of(Type type) {
        JsonType found = known.get(type);
        if (found == null) {
            // Not computeIfAbsent, because a type's shorthands resolve other types.
            found = resolve(type);
            known.put(type, found);
        }
        return found;
    }

    JsonType.Product product(Class<?> record) {
        return (JsonType.Product) of(record);
    }

    private JsonType resolve(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                return new JsonType.Sequence(arguments[0]);
            }
            if (generic.getRawType() == Map.class && arguments[0] == String.class) {
                return new JsonType.Dictionary(arguments[1]);
            }
        } else if (type instanceof Class<?> java) {
            if (java.isEnum()) {
                return new JsonType.Choice(java, constants(java));
            }
            if (java.isRecord()) {
                return record(java);
            }
            if (java.isInterface()) {
                return union(java);
            }
        }
        throw new SpecException(
                type.getTypeName()
                        + " has no form in JSON: use String, boolean, int, long, double, an enum,"
                        + " List, Map from String, a record or an interface of records");
    }

    private static Map<String, Object> constants(Class<?> java) {
        Map<String, Object> constants = new LinkedHashMap<>();
        for (Object constant : java.getEnumConstants()) {
            constants.put(jsonName((Enum<?>) constant), constant);
        }
        return Collections.unmodifiableMap(constants);
    }

    /** {@return {@code pre-norm} for {@code PRE_NORM}; a single letter does not change} */
    static String jsonName(Enum<?> constant) {
        String name = constant.name();
        return name.length() == 1 ? name : name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private JsonType.Product record(Class<?> java) {
        RecordComponent[] parts = java.getRecordComponents();
        Class<?>[] signature =
                Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
        List<JsonType.Component> components = new ArrayList<>();
        for (RecordComponent part : parts) {
            components.add(component(java, part));
        }
        try {
            Constructor<?> constructor = java.getDeclaredConstructor(signature);
            constructor.setAccessible(true);
            TypeName name = java.getAnnotation(TypeName.class);
            return new JsonType.Product(
                    java,
                    name == null ? null : name.value(),
                    List.copyOf(components),
                    constructor,
                    shorts(java));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record without its canonical constructor", e);
        }
    }

    private static JsonType.Component component(Class<?> java, RecordComponent part) {
        Check.that(
                !part.getName().equals("type") || !java.isAnnotationPresent(TypeName.class),
                "%s must not have a component named \"type\", the JSON key of its @TypeName",
                java.getName());
        Default absent = part.getAnnotation(Default.class);
        Doc doc = part.getAnnotation(Doc.class);
        Key key = part.getAnnotation(Key.class);
        String source = "@Default of " + java.getSimpleName() + "." + part.getName();
        part.getAccessor().setAccessible(true);
        return new JsonType.Component(
                key == null ? part.getName() : key.value(),
                part.getGenericType(),
                part.getAnnotatedType().isAnnotationPresent(Nullable.class),
                absent == null ? null : JsonReader.parse(absent.value(), source),
                absent == null || absent.written(),
                doc == null ? null : doc.value(),
                part.isAnnotationPresent(Inline.class),
                part.getAccessor());
    }

    private JsonType.Union union(Class<?> java) {
        if (!java.isSealed()) {
            // An interface knows the records nested in it. All others are registered.
            List<Class<?>> records =
                    Stream.concat(
                                    Arrays.stream(java.getDeclaredClasses())
                                            .filter(Class::isRecord),
                                    registered.stream())
                            .filter(java::isAssignableFrom)
                            .collect(Collectors.toList());
            return new JsonType.Union(
                    java, new TreeMap<>(named(records, java)), null, shorts(java));
        }
        List<Class<?>> typed = permitted(java);
        @Nullable Class<?> untyped =
                typed.stream()
                        .filter(r -> r.isRecord() && !r.isAnnotationPresent(TypeName.class))
                        .findFirst()
                        .orElse(null);
        typed.remove(untyped);
        return new JsonType.Union(java, named(typed, java), untyped, shorts(java));
    }

    // In the order of the permits clause: without one, javac orders records as it meets them.
    private static List<Class<?>> permitted(Class<?> sealed) {
        List<Class<?>> records = new ArrayList<>();
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            if (permitted.isSealed()) {
                records.addAll(permitted(permitted));
            } else {
                records.add(permitted);
            }
        }
        return records;
    }

    private static Map<String, Class<?>> named(
            Collection<? extends Class<?>> records, Class<?> union) {
        Map<String, Class<?>> named = new LinkedHashMap<>();
        for (Class<?> record : records) {
            TypeName name = record.getAnnotation(TypeName.class);
            Check.that(
                    record.isRecord() && name != null,
                    "%s must be a record with @TypeName to stand for %s in JSON",
                    record.getName(),
                    union.getSimpleName());
            Class<?> other = named.put(name.value(), record);
            Check.that(
                    other == null || other == record,
                    "type \"%s\" must name one record, got %s and %s",
                    name.value(),
                    other == null ? "" : other.getName(),
                    record.getName());
        }
        return Collections.unmodifiableMap(named);
    }

    /** {@return the short forms of a type, sorted by kind: the order of methods is undefined} */
    private List<JsonType.Short> shorts(Class<?> java) {
        Map<Json.Kind, JsonType.Short> shorts = new TreeMap<>();
        for (Method method : java.getDeclaredMethods()) {
            if (!method.isAnnotationPresent(Shorthand.class)) {
                continue;
            }
            Check.that(
                    Modifier.isStatic(method.getModifiers())
                            && method.getParameterCount() == 1
                            && java.isAssignableFrom(method.getReturnType()),
                    "%s must be static, take one parameter and return a %s to be a @Shorthand",
                    method,
                    java.getSimpleName());
            Type parameter = method.getGenericParameterTypes()[0];
            JsonType type = of(parameter);
            method.setAccessible(true);
            JsonType.Short previous =
                    shorts.put(
                            type.kind(),
                            new JsonType.Short(type.kind(), type.noun(), parameter, method));
            Check.that(
                    previous == null && type.kind() != Json.Kind.OBJECT,
                    "%s must take a string, a number, a boolean or a list, and be the type's only"
                            + " @Shorthand for it",
                    method);
        }
        return List.copyOf(shorts.values());
    }
}
