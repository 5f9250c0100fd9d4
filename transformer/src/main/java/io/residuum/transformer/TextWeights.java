package io.residuum.transformer;

import io.residuum.spec.PublishedWeights;
import io.residuum.spec.WeightsProvider;
import java.util.List;

/** Lists published weights of language models. */
public final class TextWeights implements WeightsProvider {
    private static final String APACHE = "apache-2.0";
    private static final String MIT = "mit";

    @Override
    public List<PublishedWeights> weights() {
        return List.of(
                at("gpt1", "openai-community/openai-gpt", MIT),
                at("gpt2", "openai-community/gpt2", MIT),
                at("gpt2-medium", "openai-community/gpt2-medium", MIT),
                at("gpt2-large", "openai-community/gpt2-large", MIT),
                at("gpt2-xl", "openai-community/gpt2-xl", MIT),
                at("bert-tiny", "google/bert_uncased_L-2_H-128_A-2", APACHE),
                at("bert-mini", "google/bert_uncased_L-4_H-256_A-4", APACHE),
                at("bert-small", "google/bert_uncased_L-4_H-512_A-8", APACHE),
                at("bert-medium", "google/bert_uncased_L-8_H-512_A-8", APACHE),
                at("bert-base-uncased", "google-bert/bert-base-uncased", APACHE),
                at("bert-base-uncased-pretraining", "google-bert/bert-base-uncased", APACHE),
                at("bert-large-uncased", "google-bert/bert-large-uncased", APACHE),
                at("bert-large-uncased-pretraining", "google-bert/bert-large-uncased", APACHE),
                at("llama-2-7b", "meta-llama/Llama-2-7b-hf", "llama2"),
                at("llama-2-13b", "meta-llama/Llama-2-13b-hf", "llama2"),
                at("llama-2-70b", "meta-llama/Llama-2-70b-hf", "llama2"),
                at("llama-3-8b", "meta-llama/Meta-Llama-3-8B", "llama3"),
                at("llama-3-70b", "meta-llama/Meta-Llama-3-70B", "llama3"),
                at("stories260k", "karpathy/tinyllamas/stories260K/stories260K.bin", MIT),
                at("stories15m", "karpathy/tinyllamas/stories15M.bin", MIT),
                at("stories42m", "karpathy/tinyllamas/stories42M.bin", MIT),
                at("stories110m", "karpathy/tinyllamas/stories110M.bin", MIT));
    }

    private static PublishedWeights at(String preset, String name, String licence) {
        return new PublishedWeights(preset, "hf:" + name, licence, null, "");
    }
}
