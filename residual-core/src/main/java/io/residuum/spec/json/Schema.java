package io.residuum.spec.json;

import io.residuum.files.JarText;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.spec.Doc;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema (draft 2020-12) of the documents that the binder accepts, with a definition for
 * each named type. It does not check ranges.
 */
final class Schema {
    private static final String FILE = "residuum-1.schema.json";
    private static final String OWN = "io.residuum.";

    private final Types types;
    private final BiFunction<Class<?>, String, String> descriptions;
    private final Map<Class<?>, String> names = new HashMap<>();
    private final Map<String, Object> definitions = new TreeMap<>();
    private final Deque<Class<?>> pending = new ArrayDeque<>();
    private final Set<JsonType.Union> inlined = new LinkedHashSet<>();

    /**
     * The unions that are inlined. Their records accept keys beside their own; whoever refers to
     * them refuses other keys.
     */
    private final Set<JsonType.Union> open;

    private Schema(
            Types types,
            BiFunction<Class<?>, String, String> descriptions,
            Set<JsonType.Union> open) {
        this.types = types;
        this.descriptions = descriptions;
        this.open = open;
    }

    /** {@return the schema of a document that contains a {@code root}, with other definitions} */
    static Json of(
            Class<?> root,
            List<Class<?>> others,
            Types types,
            BiFunction<Class<?>, String, String> descriptions) {
        // A first pass finds the unions that are inlined, since records before them must know.
        Schema found = new Schema(types, descriptions, Set.of());
        found.document(root, others);
        return Json.of(new Schema(types, descriptions, found.inlined).document(root, others));
    }

    /**
     * {@return the texts of this project's types, from the schema that its tests write from their
     * Javadoc}
     */
    static BiFunction<Class<?>, String, String> published() {
        Json definitions = JsonReader.parse(JarText.read(Schema.class, FILE), FILE).get("$defs");
        return (type, component) -> {
            if (!type.getName().startsWith(OWN)) {
                return "";
            }
            Json full = definitions.get(type.getPackageName() + "." + name(type));
            Json found = full instanceof Json.Null ? definitions.get(name(type)) : full;
            Json described = component.isEmpty() ? found : found.get("properties").get(component);
            return described.get("description").string("");
        };
    }

    private Map<String, Object> document(Class<?> root, List<Class<?>> others) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        document.put("title", root.getSimpleName());
        document.putAll(use(root));
        others.forEach(this::use);
        while (!pending.isEmpty()) {
            Class<?> java = pending.remove();
            Map<String, Object> definition = define(types.of(java));
            definitions.put(names.get(java), definition);
        }
        document.put("$defs", definitions);
        return document;
    }

    /** {@return the schema for a use of a type} */
    private Map<String, Object> use(Type type) {
        JsonType target = types.of(type);
        if (target instanceof JsonType.Scalar scalar) {
            return object("type", name(scalar));
        }
        if (target instanceof JsonType.Sequence sequence) {
            return object("type", "array", "items", use(sequence.element()));
        }
        if (target instanceof JsonType.Dictionary map) {
            Map<String, Object> values = use(map.value());
            return object("type", "object", "additionalProperties", values);
        }
        Map<String, Object> reference = object("$ref", reference((Class<?>) type));
        if (target instanceof JsonType.Product product && isOpen(product)) {
            reference.put("unevaluatedProperties", false);
        }
        if (target instanceof JsonType.Product product && !product.shorts().isEmpty()) {
            // Not in the definition, since a union accepts only the object.
            List<Object> forms = shorthands(product.shorts());
            forms.add(reference);
            return object("oneOf", forms);
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
            name = name(java);
            if (names.containsValue(name)) {
                name = java.getPackageName() + "." + name;
            }
            names.put(java, name);
            pending.add(java);
        }
        return "#/$defs/" + name;
    }

    private static String name(Class<?> java) {
        String name = Objects.requireNonNull(java.getCanonicalName());
        return name.substring(java.getPackageName().length() + 1);
    }

    private Map<String, Object> define(JsonType type) {
        if (type instanceof JsonType.Choice choice) {
            return described(choice.java(), object("enum", choice.constants().keySet()));
        }
        if (type instanceof JsonType.Product product) {
            return described(product.java(), record(product));
        }
        JsonType.Union union = (JsonType.Union) type;
        Map<String, Object> definition = object("oneOf", alternatives(union));
        if (open.contains(union)) {
            definition.put("unevaluatedProperties", false);
        }
        return described(union.java(), definition);
    }

    private Map<String, Object> described(Class<?> java, Map<String, Object> definition) {
        Doc doc = java.getAnnotation(Doc.class);
        Map<String, Object> described = description(java, "", doc == null ? null : doc.value());
        described.putAll(definition);
        return described;
    }

    private Map<String, Object> description(Class<?> java, String component, @Nullable String doc) {
        String text = doc == null ? descriptions.apply(java, component) : doc;
        return text.isEmpty() ? new LinkedHashMap<>() : object("description", text);
    }

    private boolean isOpen(JsonType.Product product) {
        return open.stream().anyMatch(union -> union.kinds().containsValue(product.java()));
    }

    private Map<String, Object> record(JsonType.Product product) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        if (product.type() != null) {
            properties.put("type", object("const", product.type()));
        }
        JsonType.Component inline = product.inlined();
        for (JsonType.Component component : product.components()) {
            if (component.inline()) {
                continue;
            }
            properties.put(component.name(), property(product.java(), component));
            if (!component.optional()) {
                required.add(component.name());
            }
        }
        if (inline != null) {
            JsonType.Union union = (JsonType.Union) types.of(inline.type());
            reference(union.java());
            inlined.add(union);
            return object(
                    "properties",
                    properties,
                    "oneOf",
                    alternatives(union),
                    "unevaluatedProperties",
                    false);
        }
        Map<String, Object> definition = object("type", "object", "properties", properties);
        if (!required.isEmpty()) {
            definition.put("required", required);
        }
        if (!isOpen(product)) {
            definition.put("additionalProperties", false);
        }
        return definition;
    }

    private Map<String, Object> property(Class<?> java, JsonType.Component component) {
        Map<String, Object> property = description(java, component.name(), component.doc());
        Map<String, Object> use = use(component.type());
        property.putAll(component.nullable() ? nullable(use) : use);
        if (component.absent() != null) {
            property.put("default", component.absent());
        }
        return property;
    }

    private static Map<String, Object> nullable(Map<String, Object> schema) {
        Map<String, Object> none = object("type", "null");
        return object("anyOf", List.of(schema, none));
    }

    private List<Object> alternatives(JsonType.Union union) {
        List<Object> alternatives = shorthands(union.shorts());
        List<String> bare = new ArrayList<>();
        union.kinds()
                .forEach(
                        (name, java) -> {
                            if (union.named() && types.product(java).canBeEmpty()) {
                                bare.add(name);
                            }
                        });
        if (!bare.isEmpty()) {
            alternatives.add(object("enum", bare));
        }
        if (union.untyped() != null) {
            alternatives.add(object("$ref", reference(union.untyped())));
        }
        for (Class<?> java : union.kinds().values()) {
            String reference = reference(java);
            alternatives.add(object("$ref", reference, "required", List.of("type")));
        }
        return alternatives;
    }

    private List<Object> shorthands(List<JsonType.Short> shorts) {
        List<Object> forms = new ArrayList<>();
        shorts.forEach(form -> forms.add(use(form.parameter())));
        return forms;
    }

    private static Map<String, Object> object(Object... keysAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            object.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return object;
    }
}
