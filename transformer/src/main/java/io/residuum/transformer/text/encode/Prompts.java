package io.residuum.transformer.text.encode;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.Check;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Texts that a model expects before a text, such as {@code query: }, by name, as in
 * sentence-transformers.
 *
 * @param texts the prompts by name
 * @param defaultName the name of the prompt before texts that name none; empty for no prompt
 */
public record Prompts(Map<String, String> texts, String defaultName) {
    /** The key of the metadata of a saved model. */
    public static final String METADATA = "residuum.prompts";

    /** No prompts. */
    public static final Prompts NONE = new Prompts(Map.of(), "");

    private static final String TEXTS = "prompts";
    private static final String DEFAULT = "default_prompt_name";

    public Prompts {
        texts = Collections.unmodifiableMap(new TreeMap<>(texts));
        Check.that(
                defaultName.isEmpty() || texts.containsKey(defaultName),
                "the default prompt must be one of %s, got %s",
                texts.keySet(),
                JsonText.quote(defaultName));
    }

    /**
     * {@return the prompts of a model; none if its metadata have none}
     *
     * @throws DataException if they are unreadable
     */
    public static Prompts of(ModelMetadata metadata) {
        String json = metadata.entry(METADATA).orElse("{}");
        try {
            return of(JsonReader.parse(json, METADATA));
        } catch (JsonException e) {
            throw new DataException("the metadata " + METADATA + " must be JSON: " + e.detail(), e);
        }
    }

    /**
     * {@return the prompts of the content of a {@code config_sentence_transformers.json}}
     *
     * @param json an object with {@code prompts} and {@code default_prompt_name}
     */
    public static Prompts of(Json json) {
        Map<String, String> texts = new LinkedHashMap<>();
        json.get(TEXTS).members().forEach((name, text) -> texts.put(name, text.string("")));
        return new Prompts(texts, json.get(DEFAULT).string(""));
    }

    /**
     * {@return metadata with these prompts}
     *
     * @param metadata the other metadata
     */
    public ModelMetadata on(ModelMetadata metadata) {
        return texts.values().stream().allMatch(String::isEmpty)
                ? metadata
                : metadata.with(
                        METADATA, Json.object(TEXTS, texts, DEFAULT, defaultName).compact());
    }

    /**
     * {@return the prompt of a name}
     *
     * @param name one of the names
     * @throws DataException if there is no such prompt
     */
    public String named(String name) {
        String text = texts.get(name);
        if (text == null) {
            throw new DataException(
                    "a prompt must be one of the model's %s, got %s"
                            .formatted(texts.keySet(), JsonText.quote(name)));
        }
        return text;
    }

    /** {@return the prompt before texts that name none, which may be empty} */
    public String standard() {
        return texts.getOrDefault(defaultName, "");
    }

    /** {@return the prompt before a query, {@code query}; the standard one if there is none} */
    public String query() {
        return first("query");
    }

    /**
     * {@return the prompt before a text to be found: {@code document}, {@code passage} or {@code
     * corpus}; the standard one if the model has none of them}
     */
    public String document() {
        return first("document", "passage", "corpus");
    }

    private String first(String... names) {
        List<String> own = Stream.of(names).filter(texts::containsKey).map(this::named).toList();
        // sentence-transformers writes an empty "document" beside a "passage".
        return own.isEmpty()
                ? standard()
                : own.stream().filter(text -> !text.isEmpty()).findFirst().orElse("");
    }
}
