package io.residuum.model;

import io.residuum.spec.json.SpecJson;
import java.util.List;

/** The names of a saved classifier's classes. */
public final class ClassNames {
    /** The metadata key of a saved model that holds them, a JSON array. */
    public static final String METADATA = "residuum.classes";

    /** SpecJson writes records: what is wanted is the array inside. */
    private record Names(List<String> names) {}

    private ClassNames() {}

    /**
     * Writes names for a model file.
     *
     * @param names the names
     * @return a JSON array
     */
    public static String json(List<String> names) {
        String json = new SpecJson(List.of()).compact(new Names(List.copyOf(names)));
        return json.substring(json.indexOf('['), json.lastIndexOf(']') + 1);
    }

    /**
     * Reads names from a model file.
     *
     * @param json a JSON array of strings
     * @return the names
     * @throws io.residuum.spec.SpecException if it is something else
     */
    public static List<String> parse(String json) {
        return new SpecJson(List.of())
                .parse("{\"names\": " + json + "}", METADATA, Names.class)
                .names();
    }
}
