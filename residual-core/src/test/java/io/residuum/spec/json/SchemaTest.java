package io.residuum.spec.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.Fixtures.Recipe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchemaTest {
    private final SpecJson json = Fixtures.json();

    @Test
    void describesRecordsUnionsShorthandsAndDefaults() {
        assertEquals(
                """
                {
                  "$schema": "https://json-schema.org/draft/2020-12/schema",
                  "title": "Recipe",
                  "$ref": "#/$defs/Fixtures.Recipe",
                  "$defs": {
                    "Fixtures.Rate": {
                      "oneOf": [
                        {"type": "number"},
                        {"enum": ["zero"]},
                        {"$ref": "#/$defs/Fixtures.Rate.Zero", "required": ["type"]},
                        {"$ref": "#/$defs/Fixtures.Rate.Fixed", "required": ["type"]},
                        {"$ref": "#/$defs/Fixtures.Rate.Curve", "required": ["type"]}
                      ]
                    },
                    "Fixtures.Rate.Curve": {
                      "type": "object",
                      "properties": {
                        "type": {"const": "curve"},
                        "points": {"type": "array", "items": {"type": "number"}},
                        "after": {"$ref": "#/$defs/Fixtures.Rate", "default": "zero"}
                      },
                      "required": ["points"],
                      "additionalProperties": false
                    },
                    "Fixtures.Rate.Fixed": {
                      "type": "object",
                      "properties": {"type": {"const": "fixed"}, "value": {"type": "number"}},
                      "required": ["value"],
                      "additionalProperties": false
                    },
                    "Fixtures.Rate.Zero": {
                      "type": "object",
                      "properties": {"type": {"const": "zero"}},
                      "additionalProperties": false
                    },
                    "Fixtures.Recipe": {
                      "type": "object",
                      "properties": {
                        "data": {"type": "string"},
                        "epochs": {"type": "integer", "default": 10},
                        "rate": {"$ref": "#/$defs/Fixtures.Rate", "default": 0.1}
                      },
                      "required": ["data"],
                      "additionalProperties": false
                    }
                  }
                }
                """,
                json.schema(Recipe.class));
    }

    @Test
    void describesEveryKindOfComponent() throws Exception {
        JsonNode definitions =
                new ObjectMapper()
                        .readTree(
                                json.schema(
                                        LayerSpec.class,
                                        List.of(),
                                        (type, key) ->
                                                Set.of("small", "maybe").contains(key)
                                                        ? "Of " + type.getSimpleName() + "."
                                                        : ""))
                        .get("$defs");
        JsonNode everything = definitions.get("Fixtures.Everything");
        JsonNode properties = everything.get("properties");
        assertEquals("One of each.", everything.get("description").asText());
        assertEquals(
                "{\"description\":\"A small number.\",\"type\":\"integer\",\"default\":7}",
                properties.get("small").toString());
        assertEquals(
                "{\"description\":\"Of Everything.\","
                        + "\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}",
                properties.get("maybe").toString());
        assertEquals(
                "{\"enum\":[\"pre-norm\",\"post-norm\",\"A\"]}",
                definitions.get("Fixtures.Order").toString());
        assertEquals(
                "{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/$defs/Fixtures.Rate\"},"
                    + "\"default\":{\"a\":1}}",
                properties.get("rates").toString());
        assertEquals(
                "{\"oneOf\":[{\"type\":\"integer\"},"
                        + "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}},"
                        + "{\"$ref\":\"#/$defs/Size2d\"}]}",
                definitions.get("Conv2d").get("properties").get("kernel").toString());
    }

    @Test
    void everyReferenceHasADefinitionThatIsUsed() throws Exception {
        JsonNode schema = new ObjectMapper().readTree(json.schema(ModelSpec.class));
        List<JsonNode> references = schema.findValues("$ref");
        Set<String> used = new HashSet<>();
        references.forEach(r -> used.add(r.asText().substring("#/$defs/".length())));
        Set<String> defined = new HashSet<>();
        schema.get("$defs").fieldNames().forEachRemaining(defined::add);
        assertEquals(defined, used);
        assertTrue(defined.size() > 40, "only " + defined);
    }

    /**
     * A document that the binder takes is one the schema takes, and what breaks one breaks the
     * other.
     */
    @Test
    void agreesWithTheReader() throws Exception {
        JsonNode schema = new ObjectMapper().readTree(json.schema(LayerSpec.class));
        RandomSpecs specs = new RandomSpecs(new Types(Fixtures.layers()), 11);
        for (Class<?> type : Fixtures.layers()) {
            for (int i = 0; i < 20; i++) {
                Object layer = specs.next(type);
                for (String text : List.of(json.write(layer), json.writeAll(layer))) {
                    JsonNode document = new ObjectMapper().readTree(text);
                    assertTrue(valid(document, schema, schema), text);
                    JsonNode broken =
                            new ObjectMapper()
                                    .readTree(text.replaceFirst("\"type\":", "\"typo\":"));
                    assertEquals(false, valid(broken, schema, schema), text);
                }
            }
        }
    }

    /** The part of JSON Schema that ours use. */
    private static boolean valid(JsonNode value, JsonNode schema, JsonNode root) {
        // A layer of another type may have members of the same names, which take long to check.
        JsonNode kind = schema.at("/properties/type");
        if (value.has("type") && kind.isObject() && !valid(value.get("type"), kind, root)) {
            return false;
        }
        Set<String> unknown = new HashSet<>();
        schema.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(
                Set.of("$schema", "title", "$defs", "description", "default", "properties"));
        boolean ok = schema.has("additionalProperties") || validProperties(value, schema, root);
        for (String rule : unknown) {
            if (!ok) {
                return false;
            }
            JsonNode operand = schema.get(rule);
            ok &=
                    switch (rule) {
                        case "$ref" -> valid(value, root.at(operand.asText().substring(1)), root);
                        case "oneOf" -> matches(value, operand, root) == 1;
                        case "anyOf" -> matches(value, operand, root) > 0;
                        case "const" -> value.equals(operand);
                        case "enum" -> list(operand).contains(value);
                        case "required" ->
                                list(operand).stream().allMatch(n -> value.has(n.asText()));
                        case "items" ->
                                list(value).stream().allMatch(item -> valid(item, operand, root));
                        case "type" -> isOfType(value, operand.asText());
                        case "additionalProperties" -> validMembers(value, schema, root);
                        case "unevaluatedProperties" ->
                                evaluated(value, schema, root).containsAll(names(value));
                        default -> throw new AssertionError("no such rule: " + rule);
                    };
        }
        return ok;
    }

    private static boolean validProperties(JsonNode value, JsonNode schema, JsonNode root) {
        return names(schema.path("properties")).stream()
                .filter(value::has)
                .allMatch(n -> valid(value.get(n), schema.get("properties").get(n), root));
    }

    /** The members that a schema describes, itself or in the alternative that applies. */
    private static Set<String> evaluated(JsonNode value, JsonNode schema, JsonNode root) {
        Set<String> evaluated = names(schema.path("properties"));
        if (schema.has("$ref")) {
            JsonNode target = root.at(schema.get("$ref").asText().substring(1));
            evaluated.addAll(evaluated(value, target, root));
        }
        for (JsonNode alternative : list(schema.path("oneOf"))) {
            if (valid(value, alternative, root)) {
                evaluated.addAll(evaluated(value, alternative, root));
            }
        }
        return evaluated;
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new HashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static boolean validMembers(JsonNode value, JsonNode schema, JsonNode root) {
        boolean ok = true;
        for (Iterator<String> names = value.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            JsonNode property = schema.path("properties").get(name);
            JsonNode rule = property != null ? property : schema.get("additionalProperties");
            ok &= rule.isBoolean() ? rule.asBoolean() : valid(value.get(name), rule, root);
        }
        return ok;
    }

    private static long matches(JsonNode value, JsonNode alternatives, JsonNode root) {
        return list(alternatives).stream().filter(a -> valid(value, a, root)).count();
    }

    private static boolean isOfType(JsonNode value, String type) {
        return switch (type) {
            case "string" -> value.isTextual();
            case "number" -> value.isNumber();
            case "integer" -> value.isIntegralNumber();
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "null" -> value.isNull();
            case "boolean" -> value.isBoolean();
            default -> throw new AssertionError("no such type: " + type);
        };
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> list = new ArrayList<>();
        array.forEach(list::add);
        return list;
    }
}
