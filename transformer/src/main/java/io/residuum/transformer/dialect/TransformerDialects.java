package io.residuum.transformer.dialect;

import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.DialectProvider;
import java.util.List;

/** Lists the dialects of transformers: JSON tables of foreign weight names. */
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
                "huggingface-roberta",
                "huggingface-distilbert",
                "huggingface-electra",
                "huggingface-mpnet",
                "huggingface-albert",
                "huggingface-modernbert",
                "huggingface-vit",
                "huggingface-deit",
                "huggingface-llama",
                "llama2c");
    }
}
