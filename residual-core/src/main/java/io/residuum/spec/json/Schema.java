package io.residuum.spec.json;

import io.residuum.json.Json;
import io.residuum.spec.Doc;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The JSON Schema (draft 2020-12) of what the binder accepts, ranges aside. One definition for each
 * named type.
 */
final class Schema {
    private final Types types;
    private final Map<Class<?>, String> names = new HashMap<>();
    private final Map<String, Json> definitions = new TreeMap<>();
    private final Deque<Class<?>> pending = new ArrayDeque<>();

    private Schema(Types types) {
        this.types = types;
    }

    /** Describes a document that holds a {@code root}. */
    static Json of(Class<?> root, Types types) {
        Schema schema = new Schema(types);
        Map<String, Json> document = new LinkedHashMap<>();
        document.put("$schema", text("https://json-schema.org/draft/2020-12/schema"));
        document.put("title", text(root.getSimpleName()));
        document.putAll(schema.use(root));
        while (!schema.pending.isEmpty()) {
            Class<?> java = schema.pending.remove();
            Map<String, Json> definition = schema.define(types.of(java));
            schema.definitions.put(schema.names.get(java), new Json.Obj(definition));
        }
        document.put("$defs", new Json.Obj(schema.definitions));
        return new Json.Obj(document);
    }

    /** The schema of a value where a type is used. */
    private Map<String, Json> use(Type type) {
        JsonType target = types.of(type);
        if (target instanceof JsonType.Scalar scalar) {
            return object("type", text(name(scalar)));
        }
        if (target instanceof JsonType.Sequence sequence) {
            return object("type", text("array"), "items", new Json.Obj(use(sequence.element())));
        }
        if (target instanceof JsonType.Dictionary map) {
            Json values = new Json.Obj(use(map.value()));
            return object("type", text("object"), "additionalProperties", values);
        }
        Map<String, Json> reference = object("$ref", text(reference((Class<?>) type)));
        if (target instanceof JsonType.Product product && !product.shorts().isEmpty()) {
            // Here and not in the definition, since a union takes the object alone.
            List<Json> forms = shorthands(product.shorts());
            forms.add(new Json.Obj(reference));
            return object("oneOf", new Json.Arr(forms));
        }
        return reference;
    }

    private static String name(JsonType.Scalar scalar) {
        return switch (scalar) {
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case INT, LONG -> "integer";
            case DOUBLE -> "number";
        };
    }

    private String reference(Class<?> java) {
        String name = names.get(java);
        if (name == null) {
            String prefix = java.getPackageName() + ".";
            name = Objects.requireNonNull(java.getCanonicalName()).substring(prefix.length());
            if (names.containsValue(name)) {
                name = prefix + name;
            }
            names.put(java, name);
            pending.add(java);
        }
        return "#/$defs/" + name;
    }

    private Map<String, Json> define(JsonType type) {
        if (type instanceof JsonType.Choice choice) {
            return described(choice.java(), object("enum", texts(choice.constants().keySet())));
        }
        if (type instanceof JsonType.Product product) {
            return described(product.java(), record(product));
        }
        JsonType.Union union = (JsonType.Union) type;
        return described(union.java(), object("oneOf", new Json.Arr(alternatives(union))));
    }

    private static Map<String, Json> described(Class<?> java, Map<String, Json> definition) {
        Doc doc = java.getAnnotation(Doc.class);
        if (doc == null) {
            return definition;
        }
        Map<String, Json> described = object("description", text(doc.value()));
        described.putAll(definition);
        return described;
    }

    private Map<String, Json> record(JsonType.Product product) {
        Map<String, Json> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        if (product.type() != null) {
            properties.put("type", new Json.Obj(object("const", text(product.type()))));
        }
        for (JsonType.Component component : product.components()) {
            properties.put(component.name(), new Json.Obj(property(component)));
            if (!component.optional()) {
                required.add(component.name());
            }
        }
        Map<String, Json> definition =
                object("type", text("object"), "properties", new Json.Obj(properties));
        if (!required.isEmpty()) {
            definition.put("required", texts(required));
        }
        definition.put("additionalProperties", new Json.Bool(false));
        return definition;
    }

    private Map<String, Json> property(JsonType.Component component) {
        Map<String, Json> property = new LinkedHashMap<>();
        if (component.doc() != null) {
            property.put("description", text(component.doc()));
        }
        Map<String, Json> use = use(component.type());
        property.putAll(component.nullable() ? nullable(use) : use);
        if (component.absent() != null) {
            property.put("default", component.absent());
        }
        return property;
    }

    private static Map<String, Json> nullable(Map<String, Json> schema) {
        Json none = new Json.Obj(object("type", text("null")));
        return object("anyOf", new Json.Arr(List.of(new Json.Obj(schema), none)));
    }

    private List<Json> alternatives(JsonType.Union union) {
        List<Json> alternatives = shorthands(union.shorts());
        List<String> bare = new ArrayList<>();
        union.kinds()
                .forEach(
                        (name, java) -> {
                            if (union.named() && types.product(java).canBeEmpty()) {
                                bare.add(name);
                            }
                        });
        if (!bare.isEmpty()) {
            alternatives.add(new Json.Obj(object("enum", texts(bare))));
        }
        for (Class<?> java : union.kinds().values()) {
            Json reference = text(reference(java));
            alternatives.add(
                    new Json.Obj(object("$ref", reference, "required", texts(List.of("type")))));
        }
        return alternatives;
    }

    private List<Json> shorthands(List<JsonType.Short> shorts) {
        List<Json> forms = new ArrayList<>();
        shorts.forEach(form -> forms.add(new Json.Obj(use(form.parameter()))));
        return forms;
    }

    private static Json text(String value) {
        return new Json.Str(value);
    }

    private static Json texts(Iterable<String> values) {
        List<Json> texts = new ArrayList<>();
        values.forEach(value -> texts.add(text(value)));
        return new Json.Arr(texts);
    }

    private static Map<String, Json> object(String key, Json value) {
        Map<String, Json> object = new LinkedHashMap<>();
        object.put(key, value);
        return object;
    }

    private static Map<String, Json> object(String key, Json value, String other, Json second) {
        Map<String, Json> object = object(key, value);
        object.put(other, second);
        return object;
    }
}
