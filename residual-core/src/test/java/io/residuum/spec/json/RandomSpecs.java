package io.residuum.spec.json;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random values of any type that JSON can hold; constructors decide which of them are valid. */
final class RandomSpecs {
    private static final List<String> STRINGS =
            List.of(
                    "",
                    "a",
                    "stem",
                    "x\"\\\n\t",
                    "\u00e9\u4e2d\ud83d\ude00",
                    "\u0000\u2028\ud800",
                    "none");
    private static final List<Double> REALS =
            List.of(0.0, -0.0, 1.0, 0.1, 1e-5, 2e-44, 0.99, 3e300, Double.MIN_VALUE, 123456789.0);

    private final Types types;
    private final Binder binder;
    private final Random random;

    RandomSpecs(Types types, long seed) {
        this.types = types;
        this.binder = new Binder(types);
        this.random = new Random(seed);
    }

    Object next(Class<?> record) {
        return value(record, 4);
    }

    private Object value(Type type, int depth) {
        JsonType target = types.of(type);
        if (target instanceof JsonType.Scalar scalar) {
            return scalar(scalar);
        }
        if (target instanceof JsonType.Choice choice) {
            return pick(List.copyOf(choice.constants().values()));
        }
        if (target instanceof JsonType.Sequence sequence) {
            List<Object> items = new ArrayList<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                items.add(value(sequence.element(), depth - 1));
            }
            return items;
        }
        if (target instanceof JsonType.Dictionary dictionary) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                members.put(pick(STRINGS), value(dictionary.value(), depth - 1));
            }
            return members;
        }
        if (target instanceof JsonType.Product product) {
            return record(product, depth);
        }
        return record(kind((JsonType.Union) target, depth), depth);
    }

    /** A kind of a union; at the end of the depth, one that holds no other value of the union. */
    private JsonType.Product kind(JsonType.Union union, int depth) {
        List<JsonType.Product> kinds = new ArrayList<>();
        List<Class<?>> records = new ArrayList<>(union.kinds().values());
        if (union.untyped() != null) {
            records.add(union.untyped());
        }
        for (Class<?> java : records) {
            JsonType.Product product = types.product(java);
            if (depth > 0
                    || product.components().stream()
                            .allMatch(c -> c.optional() || !holds(c.type(), union))) {
                kinds.add(product);
            }
        }
        return pick(kinds);
    }

    private boolean holds(Type type, JsonType.Union union) {
        JsonType target = types.of(type);
        return type == union.java()
                || (target instanceof JsonType.Sequence list && holds(list.element(), union))
                || (target instanceof JsonType.Product product
                        && product.inlined() != null
                        && product.inlined().type() == union.java());
    }

    private Object record(JsonType.Product product, int depth) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            List<@Nullable Object> arguments = new ArrayList<>();
            for (JsonType.Component component : product.components()) {
                arguments.add(component(component, depth));
            }
            try {
                return product.constructor().newInstance(arguments.toArray());
            } catch (InvocationTargetException e) {
                // Not a valid one: try another.
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }
        throw new AssertionError("no valid " + product.title() + " in 1000 attempts");
    }

    /** Returns true for an interface of which no record is registered. */
    private static boolean isEmpty(JsonType type) {
        return type instanceof JsonType.Union union
                && union.kinds().isEmpty()
                && union.untyped() == null;
    }

    private @Nullable Object component(JsonType.Component component, int depth) {
        if (component.nullable()
                && (isEmpty(types.of(component.type())) || random.nextInt(3) == 0)) {
            return null;
        }
        return component.absent() != null && (depth <= 0 || random.nextBoolean())
                ? binder.absent(component)
                : value(component.type(), depth - 1);
    }

    private Object scalar(JsonType.Scalar scalar) {
        return switch (scalar) {
            case STRING -> random.nextInt(3) == 0 ? pick(STRINGS) : "n" + random.nextInt(1000);
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextInt(9);
            case LONG -> random.nextBoolean() ? random.nextInt(99) : random.nextLong() / 2;
            case DOUBLE -> random.nextBoolean() ? pick(REALS) : random.nextDouble();
        };
    }

    private <T> T pick(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
