package io.residuum.transformer.dialect;

import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.DialectProvider;
import io.residuum.weights.dialect.Rule;
import io.residuum.weights.dialect.TensorNames;
import java.util.List;

/** Lists the dialects of transformers: JSON tables of foreign weight names. */
public final class TransformerDialects implements DialectProvider {
    private static final TensorNames DENSE = TensorNames.of("dense.{d}.linear.*");

    /**
     * Names the dense layers after a pooling, which sentence-transformers stores in files of their
     * own.
     */
    private static final Dialect SENTENCES =
            Dialect.of("huggingface", "", "", List.of(Rule.renaming(DENSE, DENSE)), List.of());

    /** Reads the tables once. */
    private static final class Loaded {
        private static final List<Dialect> ALL = read();

        private Loaded() {}
    }

    @Override
    public List<Dialect> dialects() {
        return Loaded.ALL;
    }

    private static List<Dialect> read() {
        return tables().stream()
                .map(
                        table ->
                                table.name().equals(SENTENCES.name())
                                        ? table.extending(SENTENCES)
                                        : table)
                .toList();
    }

    private static List<Dialect> tables() {
        return Dialect.resources(
                TransformerDialects.class,
                "timm-vit",
                "timm-srelpos",
                "timm-xp",
                "timm-vit-copies",
                "timm-relpos",
                "timm-beit",
                "timm-eva",
                "timm-cait",
                "timm-swin",
                "timm-swinv2-cr",
                "timm-pvt-v2",
                "timm-metaformer",
                "timm-resmlp",
                "timm-mixer",
                "torchvision-swin",
                "huggingface-swin",
                "huggingface-swinv2",
                "torchvision-vit",
                "huggingface-gpt2",
                "huggingface-openai-gpt",
                "huggingface-bert",
                "huggingface-roberta",
                "huggingface-data2vec",
                "huggingface-roberta-prelayernorm",
                "huggingface-xlm-roberta-xl",
                "huggingface-megatron-bert",
                "huggingface-ernie",
                "huggingface-rembert",
                "huggingface-distilbert",
                "huggingface-electra",
                "huggingface-roformer",
                "huggingface-mpnet",
                "huggingface-albert",
                "huggingface-modernbert",
                "huggingface-modernbert-decoder",
                "huggingface-modernbert-decoder-classes",
                "huggingface-deberta",
                "huggingface-deberta-v2",
                "huggingface-deberta-v2-conv",
                "huggingface-dpr-contexts",
                "huggingface-dpr-questions",
                "huggingface-nomic",
                "huggingface-jina-v3",
                "huggingface-gte",
                "huggingface-gte-new",
                "huggingface-vit",
                "huggingface-deit",
                "huggingface-dinov2",
                "huggingface-dinov2-registers",
                "huggingface-dinov2-gated",
                "huggingface-dinov2-registers-gated",
                "huggingface-clip-vision",
                "huggingface-clip-text",
                "huggingface-clip",
                "huggingface-siglip",
                "huggingface-llama",
                "huggingface-llama-answers",
                "huggingface-cohere",
                "huggingface-stablelm",
                "huggingface-bitnet",
                "huggingface-hyperclovax",
                "huggingface-gemma2",
                "huggingface-glm",
                "huggingface-mixtral",
                "huggingface-minimax-m2",
                "huggingface-granitemoe",
                "huggingface-granitemoeshared",
                "huggingface-glm4-moe",
                "huggingface-exaone-moe",
                "huggingface-ernie4-5-moe",
                "huggingface-gpt-oss",
                "huggingface-apertus",
                "huggingface-eurobert",
                "huggingface-hunyuan",
                "huggingface-hunyuan-moe",
                "huggingface-phi3",
                "huggingface-starcoder2",
                "huggingface-phi",
                "huggingface-gpt-neox",
                "huggingface-gptj",
                "huggingface-codegen",
                "huggingface-biogpt",
                "huggingface-xglm",
                "huggingface-mpt",
                "huggingface-persimmon",
                "huggingface-gpt-neo",
                "huggingface-gpt-bigcode",
                "huggingface-bloom",
                "huggingface-falcon",
                "huggingface-opt",
                "huggingface-t5",
                "huggingface-bart",
                "huggingface-marian",
                "huggingface-bart-apart",
                "llama2c",
                "gguf-llama",
                "gguf-qwen",
                "gguf-gemma",
                "gguf-phi3",
                "gguf-gpt2");
    }
}
