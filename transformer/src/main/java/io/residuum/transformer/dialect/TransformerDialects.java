package io.residuum.transformer.dialect;

import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.DialectProvider;
import java.util.List;

/**
 * The names that other libraries give the weights of transformers: the JSON tables beside this
 * class.
 */
public final class TransformerDialects implements DialectProvider {

    @Override
    public List<Dialect> dialects() {
        return Dialect.resources(
                TransformerDialects.class,
                "timm-vit",
                "timm-cait",
                "torchvision-vit",
                "huggingface-gpt2",
                "huggingface-openai-gpt",
                "huggingface-bert",
                "huggingface-vit",
                "huggingface-deit",
                "huggingface-llama",
                "llama2c");
    }
}
