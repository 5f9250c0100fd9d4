package io.residuum.json;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A JSON value. Values that were read know the line on which they begin. */
public sealed interface Json {

    /** The six kinds of JSON value. */
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
     * @param line where it begins
     * @param members its values by their keys, in order
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
         * Returns this object with a member replaced, or added at the end.
         *
         * @param key the key
         * @param value any value that {@link Json#of} takes
         * @return a copy
         */
        public Obj with(String key, @Nullable Object value) {
            Map<String, Json> changed = new LinkedHashMap<>(members);
            changed.put(key, Json.of(value));
            return new Obj(line, changed);
        }

        /**
         * Returns this object without a member.
         *
         * @param key the key
         * @return a copy
         */
        public Obj without(String key) {
            Map<String, Json> changed = new LinkedHashMap<>(members);
            changed.remove(key);
            return new Obj(line, changed);
        }
    }

    /**
     * An array.
     *
     * @param line where it begins
     * @param items its values
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
     * @param line where it begins
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
     * @param line where it stands
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
     * @param line where it stands
     * @param value which of them
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
     * @param line where it stands
     */
    record Null(int line) implements Json {
        /** The null that stands for a value that is missing. */
        private static final Null MISSING = new Null(0);

        @Override
        public Kind kind() {
            return Kind.NULL;
        }
    }

    /**
     * Returns the line on which the value begins.
     *
     * @return counted from 1; 0 for a value that was not read
     */
    int line();

    /**
     * Returns the kind of the value.
     *
     * @return one of six
     */
    Kind kind();

    /**
     * Converts a Java value.
     *
     * @param value a record, map or list of such values, a string, number, boolean, null, or JSON;
     *     a number that is not finite becomes a string, since JSON has none
     * @return its JSON
     */
    static Json of(@Nullable Object value) {
        if (value == null) {
            return Null.MISSING;
        } else if (value instanceof Json json) {
            return json;
        } else if (value instanceof String string) {
            return new Str(0, string);
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
                        + " has no form in JSON: convert it to a record, map,"
                        + " list, string, number or boolean");
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
     * Creates an object.
     *
     * @param keysAndValues keys, each followed by a value that {@link #of} takes
     * @return the object, in this order
     */
    static Obj object(@Nullable Object... keysAndValues) {
        Map<String, Json> members = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            members.put(String.valueOf(keysAndValues[i]), of(keysAndValues[i + 1]));
        }
        return new Obj(0, members);
    }

    /**
     * Returns the members of an object.
     *
     * @return empty for other kinds
     */
    default Map<String, Json> members() {
        return Map.of();
    }

    /**
     * Returns the items of an array.
     *
     * @return empty for other kinds
     */
    default List<Json> items() {
        return List.of();
    }

    /**
     * Returns a member of an object.
     *
     * @param key the key
     * @return null as JSON if there is none, or this is no object
     */
    default Json get(String key) {
        return members().getOrDefault(key, Null.MISSING);
    }

    /**
     * Returns an item of an array.
     *
     * @param index counted from 0
     * @return null as JSON if there is none, or this is no array
     */
    default Json get(int index) {
        return index >= 0 && index < items().size() ? items().get(index) : Null.MISSING;
    }

    /**
     * Returns the value of a string.
     *
     * @param absent the result for other kinds
     * @return the string
     */
    default String string(String absent) {
        return this instanceof Str string ? string.value() : absent;
    }

    /**
     * Returns the values of an array of strings.
     *
     * @return empty for other kinds, and for an array that holds anything else
     */
    default Optional<List<String>> strings() {
        return this instanceof Arr array && array.items().stream().allMatch(Str.class::isInstance)
                ? Optional.of(array.items().stream().map(item -> item.string("")).toList())
                : Optional.empty();
    }

    /**
     * Returns the value of an integer.
     *
     * @param absent the result for other kinds and numbers
     * @return the integer
     */
    default int integer(int absent) {
        try {
            return this instanceof Num number ? Integer.parseInt(number.text()) : absent;
        } catch (NumberFormatException e) {
            return absent;
        }
    }

    /**
     * Returns the value of a boolean.
     *
     * @param absent the result for other kinds
     * @return the boolean
     */
    default boolean bool(boolean absent) {
        return this instanceof Bool bool ? bool.value() : absent;
    }

    /**
     * Writes the value on one line, without spaces.
     *
     * @return the text
     */
    default String compact() {
        StringBuilder out = new StringBuilder();
        new JsonPrinter(out, ",", ":").flat(this);
        return out.toString();
    }

    /**
     * Writes the value for people: what fits into 100 columns stays on one line.
     *
     * @return the text, with a line break at its end
     */
    default String pretty() {
        StringBuilder out = new StringBuilder();
        new JsonPrinter(out, ", ", ": ").tall(this, 0);
        return out.append('\n').toString();
    }
}
