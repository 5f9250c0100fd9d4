package io.residuum.transformer.family.gguf;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelReader;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.HuggingFaceReader;
import io.residuum.transformer.generate.template.ChatTemplateFile;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.library.GgufTokenizer;
import io.residuum.weights.Gguf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the metadata of a GGUF file: the network, the tokenizer, the tokens that texts begin and
 * end with, and the chat template. Architectures are {@code gemma}, {@code gemma2}, {@code gemma3},
 * {@code gpt2}, {@code llama}, {@code phi3}, {@code qwen2} and {@code qwen3}.
 */
public final class GgufReader implements ModelReader {
    /** Accepts objects with a {@code general.architecture}. */
    @Override
    public Optional<ModelDescription> read(Json.Obj json, Path file, String name) {
        ConfigObject metadata = new ConfigObject(json, JsonPath.root(file.toString()));
        if (!metadata.has(Gguf.ARCHITECTURE)) {
            return Optional.empty();
        }
        try (Gguf tensors = Gguf.open(file)) {
            Json.Obj config = new GgufConfig(metadata, tensors).read();
            ModelDescription model = new HuggingFaceReader().read(config, file, name).orElseThrow();
            if (json.get("tokenizer.chat_template") instanceof Json.Str template) {
                model =
                        ChatTemplateFile.added(
                                model, template.value(), GgufTokenizer.special(json));
            }
            return Optional.of(withTokenizer(model, json, file));
        } catch (SpecException | IllegalArgumentException e) {
            throw metadata.located(e);
        }
    }

    /** Adds the tokenizer, or a warning if it is of a kind that is not read. */
    private static ModelDescription withTokenizer(
            ModelDescription model, Json.Obj json, Path file) {
        try {
            String text = GgufTokenizer.read(json, file.toString()).compact();
            ModelMetadata metadata = model.metadata().with(Tokenizer.METADATA, text);
            return new ModelDescription(model.spec(), metadata, model.warnings());
        } catch (DataException e) {
            List<String> warnings = new ArrayList<>(model.warnings());
            warnings.add(String.valueOf(e.getMessage()));
            return model.withWarnings(warnings);
        }
    }
}
