package io.residuum.transformer.generate.template;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the chat template beside a {@code config.json}: the file {@code chat_template.jinja}, or
 * the key {@code chat_template} of {@code tokenizer_config.json}.
 */
public final class ChatTemplateFile {
    static final String TEMPLATE = "template";
    static final String TOKENS = "tokens";
    private static final String KEY = "chat_template";

    private ChatTemplateFile() {}

    /**
     * Adds the chat template to the description of a model that generates text.
     *
     * @param file the path of its {@code config.json}
     * @return the model, unchanged if there is no template
     */
    public static ModelDescription apply(ModelDescription model, Path file) {
        Path config = file.resolveSibling("tokenizer_config.json");
        Path own = file.resolveSibling(KEY + ".jinja");
        try {
            Map<String, Json> settings =
                    Files.isRegularFile(config) && JsonReader.read(config) instanceof Json.Obj found
                            ? found.members()
                            : Map.of();
            Optional<String> template =
                    Files.isRegularFile(own)
                            ? Optional.of(Files.readString(own))
                            : Optional.ofNullable(settings.get(KEY))
                                    .flatMap(ChatTemplateFile::template);
            return template.map(text -> added(model, text, settings)).orElse(model);
        } catch (JsonException e) {
            throw new SpecException(e);
        } catch (IOException e) {
            throw new DataException("%s cannot be read".formatted(own), e);
        }
    }

    /** {@return the template, or of several the one named default} */
    private static Optional<String> template(Json value) {
        if (value instanceof Json.Str text) {
            return Optional.of(text.value());
        }
        return value instanceof Json.Arr all
                ? all.items().stream()
                        .filter(Json.Obj.class::isInstance)
                        .map(Json.Obj.class::cast)
                        .filter(ChatTemplateFile::isDefault)
                        .flatMap(o -> template(o.get(TEMPLATE)).stream())
                        .findFirst()
                : Optional.empty();
    }

    private static boolean isDefault(Json.Obj template) {
        return template.get("name") instanceof Json.Str name && name.value().equals("default");
    }

    /**
     * Adds a chat template to the description of a model.
     *
     * @param settings the special tokens by their names in templates, such as {@code bos_token};
     *     other keys are left out
     */
    public static ModelDescription added(
            ModelDescription model, String template, Map<String, Json> settings) {
        Map<String, Json> tokens = new LinkedHashMap<>();
        settings.forEach(
                (key, value) -> {
                    Json text = value instanceof Json.Obj o ? o.get("content") : value;
                    if (key.endsWith("_token") && text instanceof Json.Str) {
                        tokens.put(key, text);
                    }
                });
        Map<String, Json> entry = new LinkedHashMap<>();
        entry.put(TEMPLATE, Json.of(template));
        entry.put(TOKENS, Json.of(tokens));
        ModelMetadata metadata =
                model.metadata().with(ModelMetadata.CHAT, Json.of(entry).compact());
        return new ModelDescription(model.spec(), metadata, model.warnings(), model.parts());
    }
}
