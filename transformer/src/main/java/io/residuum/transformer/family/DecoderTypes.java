package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.PositionSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The decoders of transformers that are read as {@link Decoder}: a row each. */
final class DecoderTypes {
    private static final String ACTIVATION = "hidden_act";
    private static final String OLD_ACTIVATION = "activation_function";
    private static final double BASE = 10000;

    /**
     * A model type.
     *
     * @param prefix the start of its class names in transformers
     * @param tied whether the head is tied if a file does not say so
     * @param details sets what the sizes leave open
     */
    private record Type(String prefix, boolean tied, Consumer<DecoderDraft> details) {}

    private static final Map<String, Type> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("bloom", new Type("Bloom", true, DecoderTypes::bloom));
        TYPES.put("cohere", new Type("Cohere", true, d -> cohere(d, false)));
        TYPES.put("cohere2", new Type("Cohere2", true, d -> cohere(d, true)));
        TYPES.put("falcon", new Type("Falcon", true, DecoderTypes::falcon));
        TYPES.put("gemma", new Type("Gemma", true, DecoderTypes::gemma));
        TYPES.put("gemma2", new Type("Gemma2", true, DecoderTypes::gemma2));
        TYPES.put("gemma3_text", new Type("Gemma3", true, DecoderTypes::gemma3));
        TYPES.put("gpt_bigcode", new Type("GPTBigCode", true, DecoderTypes::bigCode));
        TYPES.put("gpt_neo", new Type("GPTNeo", true, DecoderTypes::gptNeo));
        TYPES.put("gpt_neox", new Type("GPTNeoX", false, DecoderTypes::gptNeoX));
        TYPES.put("gptj", new Type("GPTJ", false, DecoderTypes::gptJ));
        TYPES.put("granite", new Type("Granite", false, DecoderTypes::granite));
        TYPES.put("nemotron", new Type("Nemotron", false, DecoderTypes::nemotron));
        TYPES.put("olmo", new Type("Olmo", false, DecoderTypes::olmo));
        TYPES.put("olmo2", new Type("Olmo2", false, DecoderTypes::olmo2));
        TYPES.put("opt", new Type("OPT", true, DecoderTypes::opt));
        TYPES.put("phi", new Type("Phi", false, DecoderTypes::phi));
        TYPES.put("phi3", new Type("Phi3", false, DecoderTypes::phi3));
        TYPES.put("qwen2", new Type("Qwen2", false, DecoderTypes::qwen2));
        TYPES.put("qwen3", new Type("Qwen3", false, DecoderTypes::qwen3));
        TYPES.put("smollm3", new Type("SmolLM3", true, DecoderTypes::smolLm3));
        TYPES.put("stablelm", new Type("StableLm", false, DecoderTypes::stableLm));
        TYPES.put("starcoder2", new Type("Starcoder2", true, DecoderTypes::starcoder2));
    }

    /** The model types. */
    static final Set<String> NAMES = Collections.unmodifiableSet(TYPES.keySet());

    private DecoderTypes() {}

    /** {@return the model of a config.json; null if its type is none of these} */
    static @Nullable ModelDescription read(String type, ConfigObject settings, String name) {
        Type row = TYPES.get(type);
        if (row == null) {
            return null;
        }
        DecoderDraft draft = new DecoderDraft(settings, row.tied);
        row.details.accept(draft);
        return draft.describe(name, row.prefix);
    }

    private static NormSpec layerNorm(DecoderDraft d, String key) {
        return HuggingFaceConfig.layerNorm(d.settings, key, 1e-5);
    }

    private static NormSpec rms(DecoderDraft d, double absent) {
        return new NormSpec.Rms(d.settings.number("rms_norm_eps", absent), 1);
    }

    /** RMS norm whose stored weights are 1 less. */
    private static NormSpec gemmaNorm(DecoderDraft d) {
        return new NormSpec.Rms(d.settings.number("rms_norm_eps", 1e-6), 1, true, 1);
    }

    private static void bloom(DecoderDraft d) {
        d.settings.mustBeFalse("apply_residual_connection_post_layernorm");
        d.settings.ignore("pretraining_tp", "slow_but_exact", "offset_alibi", "seq_length");
        d.norm(layerNorm(d, "layer_norm_epsilon"));
        d.embedding = d.embedding.withNorm(d.norm);
        d.biases(true, true);
        d.attention.position(new PositionSpec.Alibi());
        d.plain(OLD_ACTIVATION, "gelu_new", true);
    }

    private static void cohere(DecoderDraft d, boolean alternates) {
        d.settings.mustBeFalse("use_qk_norm");
        boolean bias = d.settings.flag("attention_bias", false);
        double eps = d.settings.number("layer_norm_eps", 1e-5);
        d.norm(new NormSpec.OfLayer(eps, 1, true, false, 0));
        d.placement = new NormPlacement.Parallel();
        d.biases(bias, bias);
        d.gated(ACTIVATION, false);
        d.head = new DecoderHead.Lm(false, d.settings.number("logit_scale", 0.0625), 0);
        PositionSpec rotary = d.rotary(alternates ? BASE : 500000, 1, true).of("", true);
        if (alternates) {
            int pattern = pattern(d, 4);
            List<String> types = d.layerTypes(i -> (i + 1) % pattern != 0);
            alternate(d, types, d.window("sliding_window", 4096), rotary, PositionSpec.NONE);
        } else {
            d.attention.position(rotary);
        }
    }

    private static int pattern(DecoderDraft d, int absent) {
        d.settings.ignore("_sliding_window_pattern");
        return d.settings.integer("sliding_window_pattern", absent);
    }

    /** Gives layers with a window other positions than those without. */
    private static void alternate(
            DecoderDraft d,
            List<String> types,
            int window,
            PositionSpec sliding,
            PositionSpec full) {
        List<Integer> windows = new ArrayList<>();
        List<PositionSpec> positions = new ArrayList<>();
        for (String type : types) {
            boolean slides = type.equals(DecoderDraft.SLIDING);
            windows.add(slides ? window : 0);
            positions.add(slides ? sliding : full);
        }
        d.layers(windows, positions);
    }

    private static void falcon(DecoderDraft d) {
        ConfigObject s = d.settings;
        boolean grouped = s.flag("new_decoder_architecture", false);
        boolean one = s.flag("multi_query", true) && !grouped;
        boolean parallel = s.flag("parallel_attn", true);
        int keys = s.integer("num_kv_heads", 0);
        s.must("parallel_attn", parallel || !grouped, "true with new_decoder_architecture");
        d.attention.kvHeads(one ? 1 : grouped && keys != d.heads ? keys : 0);
        d.norm(layerNorm(d, "layer_norm_epsilon"));
        int norms = s.integer("num_ln_in_parallel_attn", grouped ? 2 : 1);
        if (parallel) {
            s.must(
                    "num_ln_in_parallel_attn",
                    norms == 1 || (norms == 2 && grouped),
                    "1, or 2 with new_decoder_architecture");
            d.placement = new NormPlacement.Parallel(norms);
        }
        boolean bias = s.flag("bias", false);
        d.biases(bias, bias);
        d.plain("activation", "gelu", bias);
        d.attention.position(
                s.flag("alibi", false)
                        ? new PositionSpec.Alibi(1 / Math.sqrt(d.headWidth))
                        : d.rotary(BASE, 1, false).of("", true));
    }

    private static void gemmaBasics(DecoderDraft d, String activation) {
        d.settings.mustBeFalse("use_bidirectional_attention");
        boolean bias = d.settings.flag("attention_bias", false);
        d.biases(bias, bias);
        d.norm(gemmaNorm(d));
        d.embedding = d.embedding.withScale(Math.sqrt(d.width));
        d.gated(activation, false);
    }

    private static void gemma(DecoderDraft d) {
        // Early files say "gelu" and mean the tanh approximation; hidden_activation corrects them.
        String key = d.settings.has("hidden_activation") ? "hidden_activation" : ACTIVATION;
        d.settings.ignore(ACTIVATION);
        gemmaBasics(d, key);
        d.mlp = d.mlp.withActivation(HuggingFaceConfig.tanhGelu(d.settings, key));
        d.attention.position(d.rotary(BASE, 1, false).of("", true));
    }

    private static void gemma2(DecoderDraft d) {
        capped(d, 50, 30);
        PositionSpec rotary = d.rotary(BASE, 1, false).of("", true);
        List<String> types = d.layerTypes(i -> i % 2 == 0);
        alternate(d, types, d.window("sliding_window", 4096), rotary, rotary);
    }

    private static void gemma3(DecoderDraft d) {
        capped(d, 0, 0);
        d.attention.queryKeyNorm(d.norm);
        int pattern = pattern(d, 6);
        List<String> types = d.layerTypes(i -> (i + 1) % pattern != 0);
        double local = d.settings.number("rope_local_base_freq", BASE);
        RotarySettings full = d.rotary(1e6, 1, false);
        PositionSpec.Rotary near = full.withBase(BASE).of(DecoderDraft.SLIDING, false);
        boolean each =
                d.settings
                        .object("rope_parameters")
                        .filter(o -> o.isObject(DecoderDraft.SLIDING))
                        .isPresent();
        alternate(
                d,
                types,
                d.window("sliding_window", 4096),
                each ? near : near.withBase(local),
                full.of("full_attention", true));
    }

    /** What Gemma 2 and 3 have in common. */
    private static void capped(DecoderDraft d, double scores, double logits) {
        gemmaBasics(d, "hidden_activation");
        d.mlp =
                d.mlp.withActivation(
                        HuggingFaceConfig.activation(
                                d.settings, "hidden_activation", "gelu_pytorch_tanh"));
        d.settings.ignore(ACTIVATION);
        d.placement = new NormPlacement.Sandwich();
        d.attention.scale(1 / Math.sqrt(d.settings.number("query_pre_attn_scalar", 256)));
        d.attention.softCap(cap(d, "attn_logit_softcapping", scores));
        d.head = new DecoderHead.Lm(false, 1, cap(d, "final_logit_softcapping", logits));
    }

    /** A file may say null for no cap. */
    private static double cap(DecoderDraft d, String key, double absent) {
        return d.settings.names(key) && !d.settings.has(key) ? 0 : d.settings.number(key, absent);
    }

    private static void bigCode(DecoderDraft d) {
        d.settings.must("scale_attn_weights", d.settings.flag("scale_attn_weights", true), "true");
        d.settings.ignore(
                "attention_softmax_in_fp32",
                "scale_attention_softmax_in_fp32",
                "inference_runner",
                "validate_runner_input",
                "pre_allocate_kv_cache",
                "max_sequence_length",
                "max_batch_size",
                "pad_key_length",
                "num_key_value_heads",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
        d.attention.kvHeads(d.settings.flag("multi_query", true) ? 1 : 0);
        d.norm(layerNorm(d, "layer_norm_epsilon"));
        d.learnedPositions();
        d.biases(true, true);
        d.plain(OLD_ACTIVATION, "gelu_pytorch_tanh", true);
    }

    private static void gptNeo(DecoderDraft d) {
        d.settings.ignore("attention_types", "classifier_dropout");
        List<String> types = d.settings.texts("attention_layers");
        IntPredicate local = i -> types.isEmpty() ? i % 2 == 1 : types.get(i).equals("local");
        d.settings.must(
                "attention_layers",
                types.isEmpty() || types.size() == d.depth,
                "as many as the layers, " + d.depth);
        d.norm(layerNorm(d, "layer_norm_epsilon"));
        d.learnedPositions();
        d.embedding = d.embedding.withDropout(d.rate("embed_dropout"));
        d.biases(false, true);
        d.attention.scale(1).dropout(d.rate("resid_dropout"));
        d.plain(OLD_ACTIVATION, "gelu_new", true);
        d.mlp = d.mlp.withDropout(d.rate("resid_dropout"));
        alternate(
                d,
                d.layerTypes(local),
                d.window("window_size", 256),
                PositionSpec.NONE,
                PositionSpec.NONE);
    }

    private static void gptNeoX(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", true);
        d.settings.ignore("classifier_dropout");
        double part = d.settings.number("rotary_pct", 0.25);
        double base = d.settings.number("rotary_emb_base", BASE);
        d.norm(layerNorm(d, "layer_norm_eps"));
        if (d.settings.flag("use_parallel_residual", true)) {
            d.placement = new NormPlacement.Parallel(2);
        }
        d.biases(bias, bias);
        d.plain(ACTIVATION, "gelu", true);
        d.attention.position(d.rotary(base, part, false).of("", true));
    }

    private static void gptJ(DecoderDraft d) {
        d.settings.ignore(
                "rotary",
                "scale_attn_weights",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
        d.norm(layerNorm(d, "layer_norm_epsilon"));
        d.placement = new NormPlacement.Parallel();
        d.biases(false, false);
        d.plain(OLD_ACTIVATION, "gelu_new", true);
        int rotated = d.settings.integer("rotary_dim", d.headWidth);
        d.attention.position(d.rotary(BASE, rotated / (double) d.headWidth, true).of("", true));
        d.head = new DecoderHead.Lm(true, 1, 0);
    }

    private static void granite(DecoderDraft d) {
        llamaLike(d, 1e-6, BASE);
        d.embedding = d.embedding.withScale(d.settings.number("embedding_multiplier", 1));
        d.attention.scale(d.settings.number("attention_multiplier", 1));
        double residual = d.settings.number("residual_multiplier", 1);
        d.scale = residual == 1 ? d.scale : new ScaleSpec.Constant(residual);
        d.head = new DecoderHead.Lm(false, 1 / d.settings.number("logits_scaling", 1), 0);
    }

    /** The parts of Llama: RMS norm, rotary positions and a gated feed-forward network. */
    private static void llamaLike(DecoderDraft d, double eps, double base) {
        boolean bias = d.settings.flag("attention_bias", false);
        d.settings.ignore("pretraining_tp");
        d.norm(rms(d, eps));
        d.biases(bias, bias);
        d.gated(ACTIVATION, d.settings.flag("mlp_bias", false));
        d.attention.position(d.rotary(base, 1, false).of("", true));
    }

    private static void nemotron(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", false);
        double eps = d.settings.number("norm_eps", 1e-5);
        d.norm(new NormSpec.OfLayer(eps, 1, true, true, 1));
        d.biases(bias, bias);
        d.plain(ACTIVATION, "relu2", d.settings.flag("mlp_bias", false));
        d.attention.position(d.rotary(BASE, 0.5, false).of("", true));
    }

    private static void olmo(DecoderDraft d) {
        d.settings.must("clip_qkv", !d.settings.has("clip_qkv"), "null");
        llamaLike(d, 1e-5, BASE);
        d.norm(new NormSpec.OfLayer(1e-5, 1, false, false, 0));
    }

    private static void olmo2(DecoderDraft d) {
        d.settings.mustBeFalse("attention_bias");
        llamaLike(d, 1e-5, BASE);
        d.placement = new NormPlacement.ResPost();
        d.wideQueryKeyNorm(d.norm, d.settings.integer("num_key_value_heads", 0));
    }

    private static void opt(DecoderDraft d) {
        ConfigObject s = d.settings;
        s.must("enable_bias", s.flag("enable_bias", true), "true");
        s.must(
                "layer_norm_elementwise_affine",
                s.flag("layer_norm_elementwise_affine", true),
                "true");
        s.must(
                "word_embed_proj_dim",
                s.integer("word_embed_proj_dim", d.width) == d.width,
                "hidden_size, " + d.width);
        s.ignore("layerdrop", "init_std");
        d.norm = new NormSpec.OfLayer(1e-5, 1);
        boolean before = s.flag("do_layer_norm_before", true);
        d.placement = before ? NormPlacement.PRE : NormPlacement.POST;
        boolean last = before && !s.flag("_remove_final_layer_norm", false);
        d.lastNorm = last ? d.norm : NormSpec.NONE;
        d.learnedPositions();
        d.biases(true, true);
        d.plain(OLD_ACTIVATION, "relu", true);
    }

    private static void phi(DecoderDraft d) {
        d.norm(layerNorm(d, "layer_norm_eps"));
        if (d.settings.flag("qk_layernorm", false)) {
            d.attention.queryKeyNorm(d.norm);
        }
        d.placement = new NormPlacement.Parallel();
        d.biases(true, true);
        d.plain(ACTIVATION, "gelu_new", true);
        d.attention.position(d.rotary(BASE, 0.5, false).of("", true));
        d.head = new DecoderHead.Lm(true, 1, 0);
    }

    private static void phi3(DecoderDraft d) {
        d.settings.mustBeFalse("attention_bias");
        llamaLike(d, 1e-5, BASE);
        d.attention.window(d.window("sliding_window", 0));
    }

    private static void qwen3(DecoderDraft d) {
        llamaLike(d, 1e-6, BASE);
        d.attention.queryKeyNorm(d.norm);
        someWindows(d);
    }

    /** Qwen 2 with windows in some layers only; others are a {@link Llama}. */
    private static void qwen2(DecoderDraft d) {
        llamaLike(d, 1e-6, BASE);
        d.biases(true, false);
        someWindows(d);
    }

    private static void someWindows(DecoderDraft d) {
        boolean slides = d.settings.flag("use_sliding_window", false);
        int window = slides ? d.window("sliding_window", 4096) : 0;
        int first = d.settings.integer("max_window_layers", 28, 0);
        d.settings.ignore("sliding_window");
        PositionSpec rotary = d.rotary(BASE, 1, false).of("", true);
        alternate(d, d.layerTypes(i -> i >= first), window, rotary, rotary);
    }

    private static void smolLm3(DecoderDraft d) {
        llamaLike(d, 1e-6, 2e6);
        int interval = d.settings.integer("no_rope_layer_interval", 4);
        List<Double> listed = d.settings.numbers("no_rope_layers", List.of());
        d.settings.must(
                "no_rope_layers",
                listed.isEmpty() || listed.size() == d.depth,
                "as many as the layers, " + d.depth);
        IntPredicate rotates = i -> listed.isEmpty() ? (i + 1) % interval != 0 : listed.get(i) != 0;
        boolean slides = d.settings.flag("use_sliding_window", false);
        int window = slides ? d.window("sliding_window", 0) : 0;
        d.settings.ignore("sliding_window");
        List<String> types = d.layerTypes(i -> slides && !rotates.test(i));
        PositionSpec rotary = d.rotary(2e6, 1, false).of("", true);
        List<Integer> windows = new ArrayList<>();
        List<PositionSpec> positions = new ArrayList<>();
        for (int i = 0; i < d.depth; i++) {
            windows.add(types.get(i).equals(DecoderDraft.SLIDING) ? window : 0);
            positions.add(rotates.test(i) ? rotary : PositionSpec.NONE);
        }
        d.layers(windows, positions);
    }

    private static void stableLm(DecoderDraft d) {
        d.settings.mustBeFalse("qk_layernorm");
        d.norm(layerNorm(d, "layer_norm_eps"));
        if (d.settings.flag("use_parallel_residual", false)) {
            d.placement = new NormPlacement.Parallel();
        }
        d.biases(d.settings.flag("use_qkv_bias", false), false);
        d.gated(ACTIVATION, false);
        d.attention.position(d.rotary(BASE, 0.25, false).of("", true));
    }

    private static void starcoder2(DecoderDraft d) {
        boolean bias = d.settings.flag("use_bias", true);
        d.norm(layerNorm(d, "norm_epsilon"));
        d.embedding = d.embedding.withDropout(d.rate("embedding_dropout"));
        d.biases(bias, bias);
        d.attention.dropout(d.rate("residual_dropout")).window(d.window("sliding_window", 0));
        d.plain(ACTIVATION, "gelu_pytorch_tanh", bias);
        d.mlp = d.mlp.withDropout(d.rate("residual_dropout"));
        d.attention.position(d.rotary(BASE, 1, false).of("", true));
    }
}
