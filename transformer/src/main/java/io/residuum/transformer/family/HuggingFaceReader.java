package io.residuum.transformer.family;

import io.residuum.json.JsonObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelReader;
import java.util.Optional;

/**
 * Reads the {@code config.json} of models of Hugging Face transformers: GPT-2, BERT, ViT and Llama.
 */
public final class HuggingFaceReader implements ModelReader {

    /** Specs have a format, configurations of transformers have a model type. */
    @Override
    public Optional<ModelDescription> read(JsonObject json, String name) {
        return json.has("model_type") && !json.has("format")
                ? Optional.of(HuggingFaceConfig.read(json, name))
                : Optional.empty();
    }
}
