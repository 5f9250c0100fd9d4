package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonText;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts JSON trees to records. It calls only constructors and factories, which check their
 * values.
 */
final class Binder {
    /** A part of the place with which a message begins: {@code layers[3].from}. */
    private static final Pattern STEP = Pattern.compile("\\.?([A-Za-z]\\w*)|\\[(\\d{1,9})\\]");

    private final Types types;

    /** The location of each layer in the document, for errors when a network is built. */
    private final Map<LayerSpec, Location> locations = new IdentityHashMap<>();

    private record Location(int line, JsonPath where) {}

    Binder(Types types) {
        this.types = types;
    }

    /**
     * Converts JSON to a value of a type.
     *
     * @throws JsonException with the location, the value found and the accepted values
     */
    Object bind(Json json, Type type, JsonPath where) {
        JsonType target = types.of(type);
        if (target instanceof JsonType.Scalar scalar) {
            return scalar(json, scalar, where);
        }
        if (target instanceof JsonType.Choice choice) {
            return choice(json, choice, where);
        }
        if (target instanceof JsonType.Sequence sequence) {
            return list(json, sequence, where);
        }
        if (target instanceof JsonType.Dictionary dictionary) {
            return map(json, dictionary, where);
        }
        if (target instanceof JsonType.Product product) {
            if (json instanceof Json.Obj object) {
                return record(object, product, where, List.of());
            }
            if (product.inlined() != null) {
                return made(
                        product,
                        json,
                        where,
                        c -> c.inline() ? bind(json, c.type(), where) : absent(c));
            }
            return shorthand(json, product.shorts(), product, where);
        }
        return union(json, (JsonType.Union) target, where, List.of());
    }

    /** Binds the default of a component; null only if the component is nullable. */
    @Nullable Object absent(JsonType.Component component) {
        Json json = component.absent();
        return json == null
                ? null
                : types.absent(component.accessor(), () -> bound(json, component));
    }

    private @Nullable Object bound(Json json, JsonType.Component component) {
        Class<?> owner = component.accessor().getDeclaringClass();
        String source = "@Default of " + owner.getSimpleName() + "." + component.name();
        return component(json, component, JsonPath.root(source));
    }

    private @Nullable Object component(Json json, JsonType.Component component, JsonPath where) {
        return component.nullable() && json instanceof Json.Null
                ? null
                : bind(json, component.type(), where);
    }

    private static Object scalar(Json json, JsonType.Scalar scalar, JsonPath where) {
        if (json.kind() != scalar.kind()) {
            throw wrongKind(json, scalar, where);
        }
        return switch (scalar) {
            case STRING -> ((Json.Str) json).value();
            case BOOLEAN -> ((Json.Bool) json).value();
            case INT -> (int) whole((Json.Num) json, Integer.MIN_VALUE, Integer.MAX_VALUE, where);
            case LONG -> whole((Json.Num) json, Long.MIN_VALUE, Long.MAX_VALUE, where);
            case DOUBLE -> real((Json.Num) json, where);
        };
    }

    private static long whole(Json.Num number, long min, long max, JsonPath where) {
        try {
            BigDecimal exact = new BigDecimal(number.text());
            if (exact.stripTrailingZeros().scale() > 0) {
                throw where.error(number.line(), "expected a whole number, got " + number.text());
            }
            long value = exact.longValueExact();
            if (value >= min && value <= max) {
                return value;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // Exceeds a long, or its exponent exceeds an int: out of range too.
        }
        throw where.error(
                number.line(),
                "expected a whole number in [" + min + ", " + max + "], got " + number.text());
    }

    private static double real(Json.Num number, JsonPath where) {
        double value = Double.parseDouble(number.text());
        if (Double.isInfinite(value)) {
            throw where.error(
                    number.line(), "expected a number that a double holds, got " + number.text());
        }
        return value;
    }

    private static Object choice(Json json, JsonType.Choice choice, JsonPath where) {
        if (!(json instanceof Json.Str name)) {
            throw wrongKind(json, choice, where);
        }
        Object constant = choice.constants().get(name.value());
        if (constant == null) {
            throw where.error(
                    json.line(),
                    JsonText.unknown("value", name.value(), choice.constants().keySet()));
        }
        return constant;
    }

    private List<Object> list(Json json, JsonType.Sequence sequence, JsonPath where) {
        if (!(json instanceof Json.Arr array)) {
            throw wrongKind(json, sequence, where);
        }
        List<Object> values = new ArrayList<>();
        for (Json item : array.items()) {
            values.add(bind(item, sequence.element(), where.index(values.size())));
        }
        return Collections.unmodifiableList(values);
    }

    private Map<String, Object> map(Json json, JsonType.Dictionary dictionary, JsonPath where) {
        if (!(json instanceof Json.Obj object)) {
            throw wrongKind(json, dictionary, where);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        object.members()
                .forEach((key, v) -> values.put(key, bind(v, dictionary.value(), where.key(key))));
        return Collections.unmodifiableMap(values);
    }

    /**
     * Converts one of several kinds of records.
     *
     * @param beside the keys of the record in which it is inlined, for messages
     */
    private Object union(Json json, JsonType.Union union, JsonPath where, List<String> beside) {
        if (json instanceof Json.Obj object) {
            Json type = object.members().get("type");
            if (type == null && union.untyped() != null) {
                return record(object, types.product(union.untyped()), where, beside);
            }
            if (type == null) {
                throw where.error(
                        json.line(),
                        "missing \"type\" (accepted: "
                                + String.join(", ", union.kinds().keySet())
                                + ")");
            }
            return record(object, kind(type, union, where.key("type")), where, beside);
        }
        if (json instanceof Json.Str && union.named()) {
            Json.Obj object = new Json.Obj(json.line(), Map.of("type", json));
            return record(object, kind(json, union, where), where, beside);
        }
        return shorthand(json, union.shorts(), union, where);
    }

    private JsonType.Product kind(Json type, JsonType.Union union, JsonPath where) {
        if (!(type instanceof Json.Str name)) {
            throw wrongKind(type, JsonType.Scalar.STRING, where);
        }
        Class<?> record = union.kinds().get(name.value());
        if (record == null) {
            throw where.error(
                    type.line(), JsonText.unknown("type", name.value(), union.kinds().keySet()));
        }
        return types.product(record);
    }

    private Object record(
            Json.Obj object, JsonType.Product product, JsonPath where, List<String> beside) {
        if (product.inlined() == null) {
            checkKeys(object, product, where, beside);
        }
        return made(product, object, where, c -> argument(object, product, c, where));
    }

    private @Nullable Object argument(
            Json.Obj object,
            JsonType.Product product,
            JsonType.Component component,
            JsonPath where) {
        if (component.inline()) {
            Map<String, Json> others = new LinkedHashMap<>(object.members());
            others.keySet().removeAll(product.keys());
            JsonType.Union union = (JsonType.Union) types.of(component.type());
            return union(new Json.Obj(object.line(), others), union, where, product.keys());
        }
        Json json = object.members().get(component.name());
        if (json != null) {
            return component(json, component, where.key(component.name()));
        }
        if (component.optional()) {
            return absent(component);
        }
        throw where.error(
                object.line(),
                "missing " + JsonText.literal(component.name()) + " of " + product.title());
    }

    private Object made(
            JsonType.Product product,
            Json json,
            JsonPath where,
            Function<JsonType.Component, @Nullable Object> argument) {
        Object[] arguments = product.components().stream().map(argument).toArray();
        try {
            return located(product.constructor().newInstance(arguments), json, where);
        } catch (InvocationTargetException e) {
            throw rejected(e.getTargetException(), json, where);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object located(Object value, Json json, JsonPath where) {
        if (value instanceof LayerSpec layer) {
            locations.put(layer, new Location(json.line(), where));
        }
        return value;
    }

    /**
     * Adds a location to the failure to build a network: the innermost failed layer that the
     * document contains, else the network.
     */
    SpecException located(SpecException failure, LayerSpec network) {
        for (LayerSpec layer : failure.trail()) {
            Location location = locations.get(layer);
            if (location != null) {
                return at(location, failure.detail(), failure);
            }
        }
        Location root = locations.get(network);
        return root == null ? failure : at(root, String.valueOf(failure.getMessage()), failure);
    }

    private static SpecException at(Location location, String message, SpecException failure) {
        JsonException located = location.where().error(location.line(), message);
        return new SpecException(String.valueOf(located.getMessage()), failure);
    }

    private static void checkKeys(
            Json.Obj object, JsonType.Product product, JsonPath where, List<String> beside) {
        Set<String> accepted = new LinkedHashSet<>();
        if (product.type() != null) {
            accepted.add("type");
        }
        accepted.addAll(product.keys());
        accepted.addAll(beside);
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
            if (!accepted.contains(member.getKey())) {
                throw where.error(
                        member.getValue().line(),
                        JsonText.unknown("key", member.getKey(), accepted));
            }
        }
        Json type = product.type() == null ? null : object.members().get("type");
        if (type != null && !(type instanceof Json.Str s && s.value().equals(product.type()))) {
            throw where.key("type")
                    .error(
                            type.line(),
                            "expected "
                                    + JsonText.literal(product.title())
                                    + ", got "
                                    + found(type));
        }
    }

    private Object shorthand(
            Json json, List<JsonType.Short> shorts, JsonType target, JsonPath where) {
        for (JsonType.Short form : shorts) {
            if (form.kind() == json.kind()) {
                Object argument = bind(json, form.parameter(), where);
                try {
                    return located(form.factory().invoke(null, argument), json, where);
                } catch (InvocationTargetException e) {
                    throw rejected(e.getTargetException(), json, where);
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        throw wrongKind(json, target, where);
    }

    /**
     * Adds a location to a constructor's error: the component with which its message begins, such
     * as {@code layers[3].from}, as far as the document has it, else the record.
     */
    private static JsonException rejected(Throwable cause, Json json, JsonPath where) {
        if (cause instanceof Error error) {
            throw error;
        }
        boolean check = cause instanceof SpecException || cause instanceof IllegalArgumentException;
        String detail = check ? cause.getMessage() : null;
        String message = JsonText.oneLine(detail != null ? detail : cause.toString());
        Json found = json;
        JsonPath place = where;
        Matcher step = STEP.matcher(message);
        while (step.lookingAt()) {
            String key = step.group(1);
            Json member = null;
            if (key != null && found instanceof Json.Obj object) {
                member = object.members().get(key);
                place = member == null ? place : place.key(key);
            } else if (key == null && found instanceof Json.Arr array) {
                int index = Integer.parseInt(step.group(2));
                member = index < array.items().size() ? array.items().get(index) : null;
                place = member == null ? place : place.index(index);
            }
            if (member == null) {
                break;
            }
            found = member;
            step.region(step.end(), message.length());
        }
        return place.error(found.line(), message, cause);
    }

    private static JsonException wrongKind(Json json, JsonType accepted, JsonPath where) {
        return where.error(json.line(), "expected " + accepted.noun() + ", got " + found(json));
    }

    private static String found(Json json) {
        if (json instanceof Json.Str string) {
            return "the string " + JsonText.quote(string.value());
        }
        return switch (json.kind()) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            default -> json.compact();
        };
    }
}
