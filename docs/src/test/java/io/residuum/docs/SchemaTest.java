package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.residuum.inspect.Analysis;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.Presets;
import io.residuum.spec.Family;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.weights.dialect.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The language with all modules on the class path. */
class SchemaTest {
    private static final Path SCHEMA =
            Path.of(System.getProperty("basedir", "."), "schema", "residuum-1.schema.json");

    private final SpecJson json = SpecJson.standard();

    @Test
    void committedSchemaIsCurrent() throws IOException {
        String current =
                json.schema(
                        ModelSpec.class,
                        List.of(Recipe.class, Analysis.class, Dialect.class),
                        SourceDocs::plain);
        if (Boolean.getBoolean("residuum.update")) {
            Files.createDirectories(SCHEMA.getParent());
            Files.writeString(SCHEMA, current);
        }
        assertEquals(
                Files.exists(SCHEMA) ? Files.readString(SCHEMA) : "",
                current,
                "docs/schema/residuum-1.schema.json is out of date; to update it:"
                        + " ./mvnw test -pl docs -am -Dtest=SchemaTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dresiduum.update=true\n");
    }

    /** The schema of a program has the texts of this project's types too, from its jar. */
    @Test
    void schemasOfProgramsDescribeTypesAndComponents() throws IOException {
        // An update changes the file after the build has copied it.
        assumeFalse(Boolean.getBoolean("residuum.update"));
        Json recipe = JsonReader.parse(json.schema(Recipe.class), "recipe");
        Json published = JsonReader.parse(Files.readString(SCHEMA), "published");
        for (String type : List.of("Recipe", "OptimizerSpec.AdamW", "ScheduleSpec.Cosine")) {
            String text = at(recipe, "$defs", type).compact();
            assertEquals(at(published, "$defs", type).compact(), text);
            assertTrue(text.startsWith("{\"description\""), text);
        }
        assertEquals(
                "\"the decay of the second moment, in [0, 1)\"",
                at(recipe, "$defs", "OptimizerSpec.AdamW", "properties", "beta2", "description")
                        .compact());
    }

    private static Json at(Json json, String... keys) {
        Json found = json;
        for (String key : keys) {
            found = found.get(key);
        }
        return found;
    }

    @Test
    void readsAFamilyByItsOptions() {
        String text =
                """
                {
                  "format": "residuum/1",
                  "name": "resnet20-cifar10",
                  "input": {"type": "image", "shape": [3, 32, 32], "mean": [0.485, 0.456, 0.406],
                            "std": [0.229, 0.224, 0.225]},
                  "network": {"type": "resnet", "stem": "cifar", "depth": 20, "shortcut": "A",
                              "classes": 10, "stochasticDepth": {"rate": 0.0, "schedule": "linear",
                                                                 "mode": "sample"}}
                }
                """;
        String network = json.compact(json.parse(text, "spec.json", ModelSpec.class).network());
        assertEquals(
                "{\"type\":\"resnet\",\"stem\":\"cifar\",\"depth\":20,"
                        + "\"shortcut\":\"A\",\"classes\":10}",
                network);
    }

    static List<Preset> presets() {
        return Presets.all();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void presetsAndTheirExpansionsReadBack(Preset preset) {
        ModelSpec model = preset.spec();
        assertEquals(model, json.parse(json.write(model), preset.name(), ModelSpec.class));
        assertEquals(model, json.parse(json.writeAll(model), preset.name(), ModelSpec.class));
        if (model.network() instanceof Family family) {
            ModelSpec expanded = new ModelSpec(model.name(), model.input(), family.expand());
            assertNotEquals(model, expanded);
            assertEquals(
                    expanded, json.parse(json.write(expanded), preset.name(), ModelSpec.class));
            assertEquals(
                    expanded, json.parse(json.writeAll(expanded), preset.name(), ModelSpec.class));
        }
    }
}
