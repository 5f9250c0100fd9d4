package io.residuum.json;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A JSON value. A value that was read knows the line on which it begins. */
public sealed interface Json {

    /** The kinds of JSON values. */
    enum Kind {
        /** A string. */
        STRING,
        /** A number. */
        NUMBER,
        /** True or false. */
        BOOLEAN,
        /** An array. */
        ARRAY,
        /** An object. */
        OBJECT,
        /** Null. */
        NULL
    }

    /**
     * An object.
     *
     * @param line the line on which it begins
     * @param members the values by key, in order
     */
    record Obj(int line, Map<String, Json> members) implements Json {
        /** Copies the members. */
        public Obj {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        @Override
        public Kind kind() {
            return Kind.OBJECT;
        }

        /**
         * {@return a copy with a member replaced, or added at the end}
         *
         * @param value any value that {@link Json#of} accepts
         */
        public Obj with(String key, @Nullable Object value) {
            Map<String, Json> changed = new LinkedHashMap<>(members);
            changed.put(key, Json.of(value));
            return new Obj(line, changed);
        }

        /** {@return a copy without a member} */
        public Obj without(String key) {
            Map<String, Json> changed = new LinkedHashMap<>(members);
            changed.remove(key);
            return new Obj(line, changed);
        }
    }

    /**
     * An array.
     *
     * @param line the line on which it begins
     * @param items the values
     */
    record Arr(int line, List<Json> items) implements Json {
        /** Copies the items. */
        public Arr {
            items = List.copyOf(items);
        }

        @Override
        public Kind kind() {
            return Kind.ARRAY;
        }
    }

    /**
     * A string.
     *
     * @param line the line on which it begins
     * @param value the string
     */
    record Str(int line, String value) implements Json {
        @Override
        public Kind kind() {
            return Kind.STRING;
        }
    }

    /**
     * A number as it is written, so that neither range nor precision is lost before its type is
     * known.
     *
     * @param line the line of the number
     * @param text the number
     */
    record Num(int line, String text) implements Json {
        @Override
        public Kind kind() {
            return Kind.NUMBER;
        }
    }

    /**
     * True or false.
     *
     * @param line the line of the value
     * @param value the value
     */
    record Bool(int line, boolean value) implements Json {
        @Override
        public Kind kind() {
            return Kind.BOOLEAN;
        }
    }

    /**
     * Null.
     *
     * @param line the line of the value
     */
    record Null(int line) implements Json {
        /** The null that replaces a missing value. */
        private static final Null MISSING = new Null(0);

        @Override
        public Kind kind() {
            return Kind.NULL;
        }
    }

    /**
     * {@return the line on which the value begins, counted from 1; 0 for a value that was not read}
     */
    int line();

    /** {@return the kind of the value} */
    Kind kind();

    /**
     * {@return the JSON of a Java value}
     *
     * @param value a record, map or list of such values, a string, number, boolean, constant of an
     *     enum, null, or JSON; a number that is not finite becomes a string, since JSON has none
     */
    static Json of(@Nullable Object value) {
        if (value == null) {
            return Null.MISSING;
        } else if (value instanceof Json json) {
            return json;
        } else if (value instanceof String string) {
            return new Str(0, string);
        } else if (value instanceof Enum<?> constant) {
            return new Str(0, constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        } else if (value instanceof Boolean bool) {
            return new Bool(0, bool);
        } else if (value instanceof Number number) {
            return Double.isFinite(number.doubleValue())
                    ? new Num(0, JsonText.number(number))
                    : new Str(0, number.toString());
        } else if (value instanceof Iterable<?> list) {
            List<Json> items = new ArrayList<>();
            list.forEach(item -> items.add(of(item)));
            return new Arr(0, items);
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Json> members = new LinkedHashMap<>();
            map.forEach((key, member) -> members.put(String.valueOf(key), of(member)));
            return new Obj(0, members);
        } else if (value instanceof Record record) {
            return components(record);
        }
        throw new IllegalArgumentException(
                value.getClass().getName()
                        + " cannot be written as JSON: convert it to a record, map, list, string,"
                        + " number or boolean");
    }

    private static Obj components(Record record) {
        Map<String, Json> members = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                component.getAccessor().setAccessible(true);
                members.put(component.getName(), of(component.getAccessor().invoke(record)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return new Obj(0, members);
    }

    /**
     * {@return an object with members in this order}
     *
     * @param keysAndValues keys, each followed by a value that {@link #of} accepts
     */
    static Obj object(@Nullable Object... keysAndValues) {
        Map<String, Json> members = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            members.put(String.valueOf(keysAndValues[i]), of(keysAndValues[i + 1]));
        }
        return new Obj(0, members);
    }

    /** {@return the members of an object; empty for other kinds} */
    default Map<String, Json> members() {
        return Map.of();
    }

    /** {@return the items of an array; empty for other kinds} */
    default List<Json> items() {
        return List.of();
    }

    /** {@return a member of an object; JSON null if there is none, or this is no object} */
    default Json get(String key) {
        return members().getOrDefault(key, Null.MISSING);
    }

    /**
     * {@return an item of an array; JSON null if there is none, or this is no array}
     *
     * @param index the index, counted from 0
     */
    default Json get(int index) {
        return index >= 0 && index < items().size() ? items().get(index) : Null.MISSING;
    }

    /**
     * {@return the value of a string}
     *
     * @param absent the result for other kinds
     */
    default String string(String absent) {
        return this instanceof Str string ? string.value() : absent;
    }

    /** {@return the values of an array of strings; empty for other kinds and items} */
    default Optional<List<String>> strings() {
        return this instanceof Arr array && array.items().stream().allMatch(Str.class::isInstance)
                ? Optional.of(array.items().stream().map(item -> item.string("")).toList())
                : Optional.empty();
    }

    /**
     * {@return the value of an integer}
     *
     * @param absent the result for other kinds and numbers
     */
    default int integer(int absent) {
        try {
            return this instanceof Num number ? Integer.parseInt(number.text()) : absent;
        } catch (NumberFormatException e) {
            return absent;
        }
    }

    /**
     * {@return the value of a boolean}
     *
     * @param absent the result for other kinds
     */
    default boolean bool(boolean absent) {
        return this instanceof Bool bool ? bool.value() : absent;
    }

    /** {@return the value on one line, without spaces} */
    default String compact() {
        StringBuilder out = new StringBuilder();
        new JsonPrinter(out, ",", ":").flat(this);
        return out.toString();
    }

    /**
     * {@return the value as indented lines. Values that fit into 100 columns stay on one line; the
     * text ends in a line break}
     */
    default String pretty() {
        StringBuilder out = new StringBuilder();
        new JsonPrinter(out, ", ", ": ").tall(this, 0);
        return out.append('\n').toString();
    }
}
