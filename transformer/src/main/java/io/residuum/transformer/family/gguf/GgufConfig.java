package io.residuum.transformer.family.gguf;

import io.residuum.json.Json;
import io.residuum.model.ConfigObject;
import io.residuum.weights.Gguf;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Converts the metadata of a GGUF file to the {@code config.json} of the same model. */
final class GgufConfig {
    private static final String EMBEDDING = "token_embd.weight";
    private static final String HEAD = "output.weight";
    private static final String FREQUENCIES = "rope_freqs.weight";
    private static final String QUERY = "query_pre_attn_scalar";

    /** The largest difference of a factor from that of a formula, by its rounding to float32. */
    private static final double ROUNDING = 1e-4;

    private static final Map<String, Consumer<GgufConfig>> TYPES = new TreeMap<>();

    static {
        TYPES.put("gemma", config -> config.gemma("gemma"));
        TYPES.put("gemma2", GgufConfig::gemma2);
        TYPES.put("gemma3", GgufConfig::gemma3);
        TYPES.put("gpt2", GgufConfig::gpt2);
        TYPES.put("llama", GgufConfig::llama);
        TYPES.put("phi3", GgufConfig::phi3);
        TYPES.put("qwen2", config -> config.gated("qwen2"));
        TYPES.put("qwen3", config -> config.gated("qwen3"));
    }

    private final ConfigObject metadata;
    private final Gguf tensors;
    private final String architecture;
    private final Map<String, Object> config = new LinkedHashMap<>();

    GgufConfig(ConfigObject metadata, Gguf tensors) {
        this.metadata = metadata;
        this.tensors = tensors;
        this.architecture = metadata.text(Gguf.ARCHITECTURE, "");
    }

    Json.Obj read() {
        metadata.must(
                Gguf.ARCHITECTURE,
                TYPES.containsKey(architecture),
                "one of " + String.join(", ", TYPES.keySet()));
        metadata.must(key("expert_count"), integer("expert_count", 0) == 0, "0");
        config.put("vocab_size", tensors.info(EMBEDDING).shape().get(0));
        config.put("tie_word_embeddings", !tensors.names().contains(HEAD));
        Objects.requireNonNull(TYPES.get(architecture)).accept(this);
        specialTokens();
        return (Json.Obj) Json.of(config);
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private int integer(String name, int absent) {
        return metadata.integer(key(name), absent);
    }

    private int size(String name) {
        metadata.require(metadata.has(key(name)), key(name), "must be a whole number");
        return integer(name, 1);
    }

    private double number(String name, double absent) {
        return metadata.number(key(name), absent);
    }

    /** Copies a number, if the file has it. */
    private void copy(String name, String to) {
        if (metadata.has(key(name))) {
            config.put(to, number(name, 0));
        }
    }

    private void specialTokens() {
        String keys = "tokenizer.ggml.";
        for (Map.Entry<String, String> id :
                Map.of("bos_token_id", "bos_token_id", "padding_token_id", "pad_token_id")
                        .entrySet()) {
            if (metadata.has(keys + id.getKey())) {
                config.put(id.getValue(), metadata.integer(keys + id.getKey(), 0));
            }
        }
        Set<Integer> ends = new LinkedHashSet<>();
        for (String end : List.of("eos_token_id", "eot_token_id")) {
            if (metadata.has(keys + end)) {
                ends.add(metadata.integer(keys + end, 0));
            }
        }
        if (!ends.isEmpty()) {
            config.put("eos_token_id", ends);
        }
    }

    private void gpt2() {
        config.put("model_type", "gpt2");
        config.put("n_embd", size("embedding_length"));
        config.put("n_layer", size("block_count"));
        config.put("n_head", size("attention.head_count"));
        config.put("n_inner", size("feed_forward_length"));
        config.put("n_positions", size("context_length"));
        config.put("layer_norm_epsilon", number("attention.layer_norm_epsilon", 1e-5));
    }

    /** Sets the parts of decoders with RMS norm, rotary positions and a gated network. */
    private void gated(String type) {
        int width = size("embedding_length");
        int heads = size("attention.head_count");
        int headWidth = integer("attention.key_length", width / heads);
        metadata.must(
                key("attention.value_length"),
                integer("attention.value_length", headWidth) == headWidth,
                "as long as the keys, " + headWidth);
        config.put("model_type", type);
        config.put("hidden_size", width);
        config.put("num_hidden_layers", size("block_count"));
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", integer("attention.head_count_kv", heads));
        config.put("head_dim", headWidth);
        config.put("intermediate_size", size("feed_forward_length"));
        config.put("max_position_embeddings", size("context_length"));
        config.put("rms_norm_eps", number("attention.layer_norm_rms_epsilon", 1e-5));
        config.put("rope_theta", number("rope.freq_base", 10000));
        int rotated = integer("rope.dimension_count", headWidth);
        if (rotated != headWidth) {
            config.put("partial_rotary_factor", rotated / (double) headWidth);
        }
        scaling();
    }

    private void scaling() {
        String type = metadata.text(key("rope.scaling.type"), "none");
        double factor = number("rope.scaling.factor", number("rope.scale_linear", 1));
        Map<String, Object> scaling = new LinkedHashMap<>();
        switch (type) {
            case "none", "linear" -> {
                if (factor != 1) {
                    scaling.put("rope_type", "linear");
                    scaling.put("factor", factor);
                }
            }
            case "yarn" -> {
                metadata.must(
                        key("rope.scaling.attn_factor"),
                        number("rope.scaling.attn_factor", 1) == 1,
                        "1");
                scaling.put("rope_type", "yarn");
                scaling.put("factor", factor);
                scaling.put(
                        "original_max_position_embeddings",
                        size("rope.scaling.original_context_length"));
            }
            case "longrope" -> longRope(scaling);
            default ->
                    throw metadata.refusal(
                            key("rope.scaling.type"), "must be none, linear, yarn or longrope");
        }
        if (tensors.names().contains(FREQUENCIES)) {
            llama3(scaling);
        }
        if (!scaling.isEmpty()) {
            config.put("rope_scaling", scaling);
        }
    }

    private void longRope(Map<String, Object> scaling) {
        scaling.put("rope_type", "longrope");
        scaling.put("short_factor", values("rope_factors_short.weight"));
        scaling.put("long_factor", values("rope_factors_long.weight"));
        scaling.put(
                "original_max_position_embeddings", size("rope.scaling.original_context_length"));
        if (metadata.has(key("rope.scaling.attn_factor"))) {
            scaling.put("attention_factor", number("rope.scaling.attn_factor", 1));
        }
    }

    private List<Double> values(String tensor) {
        float[] values = tensors.floats(tensor);
        return IntStream.range(0, values.length).mapToObj(i -> (double) values[i]).toList();
    }

    /**
     * Finds the settings of Llama 3 whose divisors of frequencies a file stores. All published
     * models have the same, except for the largest divisor.
     */
    private void llama3(Map<String, Object> scaling) {
        List<Double> found = values(FREQUENCIES);
        double factor = found.stream().mapToDouble(f -> f).max().orElse(1);
        int original = 8192;
        double base = number("rope.freq_base", 10000);
        for (int i = 0; i < found.size(); i++) {
            double length = 2 * Math.PI * Math.pow(base, i / (double) found.size());
            double smooth = Math.max(0, Math.min(1, (original / length - 1) / 3));
            double divisor = 1 / ((1 - smooth) / factor + smooth);
            metadata.require(
                    Math.abs(found.get(i) - divisor) <= ROUNDING * divisor,
                    key("rope.freq_base"),
                    "the tensor %s must hold the divisors of Llama 3 for %d positions, found %s at %d instead of %s"
                            .formatted(FREQUENCIES, original, found.get(i), i, divisor));
        }
        scaling.put("rope_type", "llama3");
        scaling.put("factor", factor);
        scaling.put("low_freq_factor", 1.0);
        scaling.put("high_freq_factor", 4.0);
        scaling.put("original_max_position_embeddings", original);
    }

    private void llama() {
        gated("llama");
        config.put("attention_bias", tensors.names().contains("blk.0.attn_q.bias"));
        config.put("mlp_bias", tensors.names().contains("blk.0.ffn_up.bias"));
    }

    private void phi3() {
        gated("phi3");
        copy("attention.sliding_window", "sliding_window");
    }

    private void gemma(String type) {
        gated(type);
        config.put("hidden_activation", "gelu_pytorch_tanh");
    }

    private void gemma2() {
        gemma("gemma2");
        copy("attention.sliding_window", "sliding_window");
        copy("attn_logit_softcapping", "attn_logit_softcapping");
        copy("final_logit_softcapping", "final_logit_softcapping");
        scale(46);
    }

    private void gemma3() {
        gemma("gemma3_text");
        copy("attention.sliding_window", "sliding_window");
        copy("rope.freq_base_swa", "rope_local_base_freq");
        copy("final_logit_softcapping", "final_logit_softcapping");
        scale(62);
    }

    /**
     * Sets the scale of attention, which files do not store.
     *
     * @param depth the depth of the model of 27 billion parameters, which alone has another
     */
    private void scale(int depth) {
        int width = size("embedding_length") / size("attention.head_count");
        config.put(
                QUERY,
                size("block_count") == depth
                        ? width
                        : Objects.requireNonNull(config.get("head_dim")));
    }
}
