package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.spec.TypeName;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON form of a Java type. The binder, the encoder and the schema share it. */
sealed interface JsonType {

    /** {@return the JSON kind of the type's long form} */
    Json.Kind kind();

    /** {@return the type in words for error messages: {@code a whole number}} */
    String noun();

    /** A single value. */
    enum Scalar implements JsonType {
        STRING(Json.Kind.STRING, "a string"),
        BOOLEAN(Json.Kind.BOOLEAN, "true or false"),
        INT(Json.Kind.NUMBER, "a whole number"),
        LONG(Json.Kind.NUMBER, "a whole number"),
        DOUBLE(Json.Kind.NUMBER, "a number");

        private final Json.Kind kind;
        private final String noun;

        Scalar(Json.Kind kind, String noun) {
            this.kind = kind;
            this.noun = noun;
        }

        @Override
        public Json.Kind kind() {
            return kind;
        }

        @Override
        public String noun() {
            return noun;
        }
    }

    /** An enum. The map holds its constants by their names in JSON. */
    record Choice(Class<?> java, Map<String, Object> constants) implements JsonType {
        @Override
        public Json.Kind kind() {
            return Json.Kind.STRING;
        }

        @Override
        public String noun() {
            return "one of " + String.join(", ", constants.keySet());
        }
    }

    record Sequence(Type element) implements JsonType {
        @Override
        public Json.Kind kind() {
            return Json.Kind.ARRAY;
        }

        @Override
        public String noun() {
            return "an array";
        }
    }

    /** A map from strings. */
    record Dictionary(Type value) implements JsonType {
        @Override
        public Json.Kind kind() {
            return Json.Kind.OBJECT;
        }

        @Override
        public String noun() {
            return "an object";
        }
    }

    /** A record. Its {@code type} is null if it implements no interface of several kinds. */
    record Product(
            Class<?> java,
            @Nullable String type,
            List<Component> components,
            Constructor<?> constructor,
            List<Short> shorts)
            implements JsonType {
        @Override
        public Json.Kind kind() {
            return Json.Kind.OBJECT;
        }

        @Override
        public String noun() {
            return Short.nouns(shorts) + "an object";
        }

        /** {@return the name of the record in error messages} */
        String title() {
            return type == null ? java.getSimpleName() : type;
        }

        /** {@return the component whose keys stand beside the others', or null} */
        @Nullable Component inlined() {
            return components.stream().filter(Component::inline).findFirst().orElse(null);
        }

        /** {@return the keys of the components that have one} */
        List<String> keys() {
            return components.stream().filter(c -> !c.inline()).map(Component::name).toList();
        }

        boolean canBeEmpty() {
            return components.stream().allMatch(Component::optional);
        }
    }

    /**
     * An interface and the records that implement it, by the value of {@code type}. An object
     * without {@code type} is of the record {@code untyped}, if there is one.
     */
    record Union(
            Class<?> java,
            Map<String, Class<?>> kinds,
            @Nullable Class<?> untyped,
            List<Short> shorts)
            implements JsonType {
        boolean contains(Class<?> record) {
            TypeName name = record.getAnnotation(TypeName.class);
            return record == untyped || (name != null && kinds.get(name.value()) == record);
        }

        @Override
        public Json.Kind kind() {
            return Json.Kind.OBJECT;
        }

        @Override
        public String noun() {
            return Short.nouns(shorts)
                    + (named() ? "the name of a type or " : "")
                    + "an object with \"type\"";
        }

        /**
         * {@return true if a string names a type, which it does unless a shorthand takes strings}
         */
        boolean named() {
            return shorts.stream().noneMatch(s -> s.kind() == Json.Kind.STRING);
        }
    }

    /**
     * A component of a record. {@code absent} is its default as JSON, or null, which the full form
     * has if it is {@code written}. The keys of an {@code inline} one stand beside those of the
     * others.
     */
    record Component(
            String name,
            Type type,
            boolean nullable,
            @Nullable Json absent,
            boolean written,
            @Nullable String doc,
            boolean inline,
            Method accessor) {
        boolean optional() {
            return nullable || absent != null;
        }
    }

    /** A short form in JSON and the factory for it. */
    record Short(Json.Kind kind, String noun, Type parameter, Method factory) {
        private static String nouns(List<Short> shorts) {
            StringBuilder out = new StringBuilder();
            shorts.forEach(s -> out.append(s.noun()).append(" or "));
            return out.toString();
        }
    }
}
