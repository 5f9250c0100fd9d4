package io.residuum.transformer.family;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelReader;
import java.util.Optional;

/** Reads the {@code config.json} of Hugging Face transformers: GPT-2, BERT, ViT and Llama. */
public final class HuggingFaceReader implements ModelReader {

    /** Accepts objects with a {@code model_type} and without a {@code format}, which specs have. */
    @Override
    public Optional<ModelDescription> read(Json.Obj json, String source, String name) {
        ConfigObject settings = new ConfigObject(json, JsonPath.root(source));
        return settings.has("model_type") && !settings.has("format")
                ? Optional.of(HuggingFaceConfig.read(settings, name))
                : Optional.empty();
    }
}
