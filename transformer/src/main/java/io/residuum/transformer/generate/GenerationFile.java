package io.residuum.transformer.generate;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.SpecException;
import io.residuum.transformer.seq2seq.Seq2Seq;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads the {@code generation_config.json} of transformers. */
public final class GenerationFile {
    /** The name of the file. */
    static final String NAME = "generation_config.json";

    /** The keys that a {@code config.json} adds to another file. */
    private static final List<String> COMMON =
            List.of(GenerationConfig.END, GenerationConfig.BEGINNING);

    /** Such keys of an encoder with a decoder. */
    private static final List<String> STARTS =
            List.of(GenerationConfig.START, GenerationConfig.PADDING);

    private GenerationFile() {}

    /**
     * Adds the settings of generation to the description of a model that generates text.
     *
     * @param config its {@code config.json}
     * @param file the path of that file, beside which a {@code generation_config.json} counts first
     */
    public static ModelDescription apply(ModelDescription model, Json.Obj config, Path file) {
        Path beside = file.resolveSibling(NAME);
        Map<String, Json> found = new LinkedHashMap<>();
        try {
            Json own = Files.isRegularFile(beside) ? JsonReader.read(beside) : config;
            // A decoder alone begins with its prompt.
            boolean translates = model.spec().network() instanceof Seq2Seq;
            List<String> common =
                    Stream.concat(
                                    COMMON.stream(),
                                    translates ? STARTS.stream() : Stream.<String>empty())
                            .toList();
            common.forEach(key -> found.put(key, config.get(key)));
            Stream.concat(common.stream(), GenerationConfig.KEYS.stream())
                    .filter(key -> !(own.get(key) instanceof Json.Null))
                    .forEach(key -> found.put(key, own.get(key)));
        } catch (JsonException e) {
            throw new SpecException(e);
        }
        found.values().removeIf(Json.Null.class::isInstance);
        if (found.isEmpty()) {
            return model;
        }
        String text = Json.of(found).compact();
        ModelMetadata metadata = model.metadata().with(ModelMetadata.GENERATION, text);
        return new ModelDescription(model.spec(), metadata, model.warnings(), model.parts());
    }
}
