package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Converts records to JSON trees. Equal records give equal trees. The canonical form omits defaults
 * and uses the short forms that read back to the same value; the full form does neither.
 */
final class Encoder {
    private final Types types;
    private final Binder binder;
    private final boolean full;

    Encoder(Types types, boolean full) {
        this.types = types;
        this.binder = new Binder(types);
        this.full = full;
    }

    /**
     * Encodes the root record of a document.
     *
     * @throws SpecException if it holds a value that the reader would reject
     */
    Json document(Object record) {
        JsonType.Product product = types.product(record.getClass());
        return object(record, product, product.type() != null, JsonPath.root(""));
    }

    private Json encode(Object value, Type type, JsonPath where) {
        JsonType target = types.of(type);
        if (target instanceof JsonType.Scalar) {
            return scalar(value, where);
        }
        if (target instanceof JsonType.Choice) {
            return Json.of(Types.jsonName((Enum<?>) value));
        }
        if (target instanceof JsonType.Sequence sequence) {
            List<Json> items = new ArrayList<>();
            for (Object item : (List<?>) value) {
                items.add(encode(item, sequence.element(), where.index(items.size())));
            }
            return Json.of(items);
        }
        if (target instanceof JsonType.Dictionary dictionary) {
            // Sorted, because equal maps may differ in order but equal records must give equal
            // text.
            Map<String, Json> members = new TreeMap<>();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                String key = (String) entry.getKey();
                members.put(key, encode(entry.getValue(), dictionary.value(), where.key(key)));
            }
            return Json.of(members);
        }
        if (target instanceof JsonType.Product product) {
            JsonType.Component inlined = product.inlined();
            if (inlined != null) {
                return inlined(value, product, inlined, where);
            }
            Json brief = full ? null : shorthand(value, product, product.shorts(), false, where);
            return brief != null ? brief : object(value, product, false, where);
        }
        return union(value, (JsonType.Union) target, where);
    }

    private static Json scalar(Object value, JsonPath where) {
        boolean finite = !(value instanceof Double real) || Double.isFinite(real);
        Check.that(finite, "%s must be finite, got %s", where, value);
        return Json.of(value);
    }

    private Json union(Object value, JsonType.Union union, JsonPath where) {
        Class<?> java = value.getClass();
        Check.that(
                union.contains(java),
                "%s must be of a registered type, got %s: list it in a RecordProvider",
                where,
                java.getName());
        JsonType.Product product = types.product(java);
        Json brief = shorthand(value, product, union.shorts(), full, where);
        if (brief != null) {
            return brief;
        }
        Json.Obj object = object(value, product, java != union.untyped(), where);
        boolean vocabulary = !LayerSpec.class.isAssignableFrom(union.java());
        boolean onlyType = object.members().size() == 1;
        return !full && vocabulary && onlyType && union.named() ? Json.of(product.type()) : object;
    }

    private Json.Obj object(Object value, JsonType.Product product, boolean typed, JsonPath where) {
        Map<String, Json> members = new LinkedHashMap<>();
        if (typed) {
            members.put("type", Json.of(product.type()));
        }
        for (JsonType.Component component : product.components()) {
            if (component.inline()) {
                continue;
            }
            Object part = part(value, component);
            boolean written = full && component.written();
            if (written
                    || !component.optional()
                    || !Objects.equals(part, binder.absent(component))) {
                JsonPath place = where.key(component.name());
                Check.that(part != null || component.nullable(), "%s must not be null", place);
                members.put(
                        component.name(),
                        part == null ? Json.of(null) : encode(part, component.type(), place));
            }
        }
        return new Json.Obj(0, members);
    }

    /** {@return a record whose keys follow those of its inlined component} */
    private Json inlined(
            Object value, JsonType.Product product, JsonType.Component inlined, JsonPath where) {
        Object part = Objects.requireNonNull(part(value, inlined), inlined.name());
        Json.Obj beside = object(value, product, false, where);
        if (beside.members().isEmpty()) {
            return encode(part, inlined.type(), where);
        }
        Map<String, Json> members =
                new LinkedHashMap<>(
                        object(part, types.product(part.getClass()), true, where).members());
        members.putAll(beside.members());
        return new Json.Obj(0, members);
    }

    /**
     * {@return the short form of a value, or null if no shorthand returns an equal value}
     *
     * @param onlyNames true to use strings only, which have no defaults to show
     */
    private @Nullable Json shorthand(
            Object value,
            JsonType.Product product,
            List<JsonType.Short> shorts,
            boolean onlyNames,
            JsonPath where) {
        for (JsonType.Short form : shorts) {
            if (onlyNames && form.kind() != Json.Kind.STRING) {
                continue;
            }
            for (Object argument : arguments(value, product, types.of(form.parameter()))) {
                if (value.equals(expanded(form, argument))) {
                    return encode(argument, form.parameter(), where);
                }
            }
        }
        return null;
    }

    /**
     * {@return possible arguments of a shorthand: each component of its parameter's type, or the
     * list of all components}
     */
    private List<Object> arguments(Object value, JsonType.Product product, JsonType parameter) {
        List<Object> arguments = new ArrayList<>();
        List<Object> all = new ArrayList<>();
        for (JsonType.Component component : product.components()) {
            JsonType type = types.of(component.type());
            Object part = part(value, component);
            if (part != null && type.equals(parameter)) {
                arguments.add(part);
            }
            if (part != null
                    && parameter instanceof JsonType.Sequence list
                    && type.equals(types.of(list.element()))) {
                all.add(part);
            }
        }
        if (!all.isEmpty() && all.size() == product.components().size()) {
            arguments.add(all);
        }
        return arguments;
    }

    private static @Nullable Object expanded(JsonType.Short form, Object argument) {
        try {
            return form.factory().invoke(null, argument);
        } catch (InvocationTargetException e) {
            return null; // The shorthand rejects this argument.
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Object part(Object value, JsonType.Component component) {
        try {
            return component.accessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
