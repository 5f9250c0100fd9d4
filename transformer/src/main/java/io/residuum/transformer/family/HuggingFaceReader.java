package io.residuum.transformer.family;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelReader;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.SpecException;
import io.residuum.transformer.generate.GenerationFile;
import io.residuum.transformer.generate.template.ChatTemplateFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads the {@code config.json} of Hugging Face transformers. Its {@code model_type} is one of
 *
 * <ul>
 *   <li>encoders: {@code albert}, {@code bert}, {@code camembert}, {@code data2vec-text}, {@code
 *       deberta}, {@code deberta-v2}, {@code distilbert}, {@code dpr}, {@code electra}, {@code
 *       ernie}, {@code eurobert}, {@code gte}, {@code jina_embeddings_v3}, {@code megatron-bert},
 *       {@code modernbert}, {@code mpnet}, {@code new}, {@code nomic_bert}, {@code rembert}, {@code
 *       roberta}, {@code roberta-prelayernorm}, {@code roformer}, {@code xlm-roberta}, {@code
 *       xlm-roberta-xl}; the text towers {@code clip_text_model}, {@code siglip_text_model};
 *   <li>decoders: {@code apertus}, {@code arcee}, {@code biogpt}, {@code bitnet}, {@code bloom},
 *       {@code codegen}, {@code cohere}, {@code cohere2}, {@code cwm}, {@code ernie4_5}, {@code
 *       exaone4}, {@code falcon}, {@code gemma}, {@code gemma2}, {@code gemma3_text}, {@code glm},
 *       {@code glm4}, {@code gpt2}, {@code gpt_bigcode}, {@code gpt_neo}, {@code gpt_neox}, {@code
 *       gptj}, {@code granite}, {@code granite_swa}, {@code helium}, {@code hunyuan_v1_dense},
 *       {@code hyperclovax}, {@code jais2}, {@code llama}, {@code ministral}, {@code mistral},
 *       {@code modernbert-decoder}, {@code mpt}, {@code nemotron}, {@code olmo}, {@code olmo2},
 *       {@code olmo3}, {@code openai-gpt}, {@code opt}, {@code persimmon}, {@code phi}, {@code
 *       phi3}, {@code qwen2}, {@code qwen3}, {@code seed_oss}, {@code smollm3}, {@code stablelm},
 *       {@code starcoder2}, {@code vaultgemma}, {@code xglm};
 *   <li>decoders with mixtures of experts: {@code dots1}, {@code ernie4_5_moe}, {@code exaone_moe},
 *       {@code flex_olmo}, {@code glm4_moe}, {@code gpt_oss}, {@code granitemoe}, {@code
 *       granitemoeshared}, {@code hunyuan_v1_moe}, {@code mellum}, {@code minimax_m2}, {@code
 *       mixtral}, {@code olmoe}, {@code qwen2_moe}, {@code qwen3_moe}, {@code solar_open};
 *   <li>encoders with decoders: {@code bart}, {@code blenderbot}, {@code m2m_100}, {@code marian},
 *       {@code mbart}, {@code mt5}, {@code mvp}, {@code pegasus}, {@code plbart}, {@code t5},
 *       {@code umt5};
 *   <li>image models: {@code clip_vision_model}, {@code deit}, {@code dinov2}, {@code
 *       dinov2_with_registers}, {@code siglip_vision_model}, {@code swin}, {@code swinv2}, {@code
 *       vit};
 *   <li>models of images and texts: {@code clip}, {@code siglip}.
 * </ul>
 *
 * <p>The normalization of images comes from the {@code preprocessor_config.json} beside it, and
 * what turns an encoder into a model of embeddings from the {@code modules.json} of
 * sentence-transformers. The {@code generation_config.json} says how a decoder generates, and the
 * chat template of its tokenizer how chats are written.
 */
public final class HuggingFaceReader implements ModelReader {
    /** Accepts objects with a {@code model_type} and without a {@code format}, which specs have. */
    @Override
    public Optional<ModelDescription> read(Json.Obj json, Path file, String name) {
        ConfigObject settings = new ConfigObject(json, JsonPath.root(file.toString()));
        if (!settings.has("model_type") || settings.has("format")) {
            return Optional.empty();
        }
        try {
            ModelDescription model =
                    HuggingFaceConfig.read(settings, TransformersConfig.preprocessor(file), name);
            if (HuggingFaceConfig.generates(settings, model.spec())) {
                model = ChatTemplateFile.apply(GenerationFile.apply(model, json, file), file);
            }
            // Other tables may have the same names as that of the type: of several, it wins.
            String title = "huggingface (%s)".formatted(settings.text("model_type", ""));
            model = model.withMetadata(model.metadata().with(ModelMetadata.DIALECT, title));
            return Optional.of(SentenceModules.apply(model, file));
        } catch (SpecException | IllegalArgumentException e) {
            throw settings.located(e);
        }
    }
}
