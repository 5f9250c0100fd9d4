package io.residuum.model;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import io.residuum.spec.SpecException;
import java.util.List;

/** The names of a saved classifier's classes. */
public final class ClassNames {
    /** The metadata key of a saved model that holds them, a JSON array. */
    public static final String METADATA = "residuum.classes";

    private ClassNames() {}

    /**
     * Writes names for a model file.
     *
     * @param names the names
     * @return a JSON array
     */
    public static String json(List<String> names) {
        return Json.of(names).compact();
    }

    /**
     * Reads names from a model file.
     *
     * @param json a JSON array of strings
     * @return the names
     * @throws SpecException if it is something else
     */
    public static List<String> parse(String json) {
        try {
            return JsonReader.parse(json, METADATA).strings().orElseThrow(() -> notNames(json));
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    private static SpecException notNames(String json) {
        return new SpecException(
                METADATA + " must be a JSON array of strings, got " + JsonText.quote(json));
    }
}
