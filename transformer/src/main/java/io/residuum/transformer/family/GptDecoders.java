package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.PositionSpec;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Rows of {@link DecoderTypes} in the line of GPT: layer norms with biases and feed-forward
 * networks without a gate.
 */
final class GptDecoders {
    private static final String ACTIVATION = "activation_function";
    private static final double BASE = 10000;

    private GptDecoders() {}

    static void bloom(DecoderDraft d) {
        d.settings.mustBeFalse("apply_residual_connection_post_layernorm");
        d.settings.ignore("pretraining_tp", "slow_but_exact", "offset_alibi", "seq_length");
        d.norm(d.layerNorm("layer_norm_epsilon"));
        d.embedding = d.embedding.withNorm(d.norm);
        d.biases(true, true);
        d.attention.position(new PositionSpec.Alibi());
        d.plain(ACTIVATION, "gelu_new", true);
    }

    static void falcon(DecoderDraft d) {
        ConfigObject s = d.settings;
        boolean grouped = s.flag("new_decoder_architecture", false);
        boolean one = s.flag("multi_query", true) && !grouped;
        boolean parallel = s.flag("parallel_attn", true);
        int keys = s.integer("num_kv_heads", 0);
        s.must("parallel_attn", parallel || !grouped, "true with new_decoder_architecture");
        d.attention.kvHeads(one ? 1 : grouped && keys != d.heads ? keys : 0);
        d.norm(d.layerNorm("layer_norm_epsilon"));
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

    static void bigCode(DecoderDraft d) {
        d.settings.must("scale_attn_weights", d.settings.flag("scale_attn_weights", true), "true");
        d.settings.ignore(
                """
                attention_softmax_in_fp32 scale_attention_softmax_in_fp32 inference_runner
                validate_runner_input pre_allocate_kv_cache max_sequence_length max_batch_size
                pad_key_length num_key_value_heads summary_activation summary_first_dropout
                summary_proj_to_labels summary_type summary_use_proj
                """
                        .split("\\s+"));
        d.attention.kvHeads(d.settings.flag("multi_query", true) ? 1 : 0);
        d.norm(d.layerNorm("layer_norm_epsilon"));
        d.learnedPositions();
        d.biases(true, true);
        d.plain(ACTIVATION, "gelu_pytorch_tanh", true);
    }

    static void gptNeo(DecoderDraft d) {
        List<String> types = d.settings.texts("attention_layers");
        // transformers expands attention_types to attention_layers and writes both.
        d.settings.must(
                "attention_types",
                !types.isEmpty() || !d.settings.has("attention_types"),
                "beside attention_layers");
        d.settings.ignore("attention_types");
        IntPredicate local = i -> types.isEmpty() ? i % 2 == 1 : types.get(i).equals("local");
        d.settings.must(
                "attention_layers",
                types.isEmpty() || types.size() == d.depth,
                "as many as the layers, " + d.depth);
        d.settings.must(
                "attention_layers",
                types.stream().allMatch(t -> t.equals("local") || t.equals("global")),
                "global or local");
        d.norm(d.layerNorm("layer_norm_epsilon"));
        d.learnedPositions();
        d.embedding = d.embedding.withDropout(d.rate("embed_dropout"));
        d.biases(false, true);
        d.attention.scale(1).dropout(d.rate("resid_dropout"));
        d.plain(ACTIVATION, "gelu_new", true);
        d.mlp = d.mlp.withDropout(d.rate("resid_dropout"));
        d.alternate(
                d.layerTypes(local),
                d.window("window_size", 256),
                PositionSpec.NONE,
                PositionSpec.NONE);
    }

    static void gptNeoX(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", true);
        double part = d.settings.number("rotary_pct", 0.25);
        double base = d.settings.number("rotary_emb_base", BASE);
        d.norm(d.layerNorm("layer_norm_eps"));
        if (d.settings.flag("use_parallel_residual", true)) {
            d.placement = new NormPlacement.Parallel(2);
        }
        d.biases(bias, bias);
        d.plain("hidden_act", "gelu", true);
        d.attention.position(d.rotary(base, part, false).of("", true));
    }

    static void gptJ(DecoderDraft d) {
        d.settings.ignore(
                "rotary",
                "scale_attn_weights",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
        d.norm(d.layerNorm("layer_norm_epsilon"));
        d.placement = new NormPlacement.Parallel();
        d.biases(false, false);
        d.plain(ACTIVATION, "gelu_new", true);
        int rotated = d.settings.integer("rotary_dim", d.headWidth);
        d.attention.position(d.rotary(BASE, rotated / (double) d.headWidth, true).of("", true));
        d.head = new DecoderHead.Lm(true, 1, 0);
    }

    static void opt(DecoderDraft d) {
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
        d.plain(ACTIVATION, "relu", true);
    }

    static void phi(DecoderDraft d) {
        d.norm(d.layerNorm("layer_norm_eps"));
        if (d.settings.flag("qk_layernorm", false)) {
            d.attention.queryKeyNorm(d.norm);
        }
        d.placement = new NormPlacement.Parallel();
        d.biases(true, true);
        d.plain("hidden_act", "gelu_new", true);
        d.attention.position(d.rotary(BASE, 0.5, false).of("", true));
        d.head = new DecoderHead.Lm(true, 1, 0);
    }

    static void starcoder2(DecoderDraft d) {
        boolean bias = d.settings.flag("use_bias", true);
        d.norm(d.layerNorm("norm_epsilon"));
        d.embedding = d.embedding.withDropout(d.rate("embedding_dropout"));
        d.biases(bias, bias);
        d.attention.dropout(d.rate("residual_dropout")).window(d.window("sliding_window", 0));
        d.plain("hidden_act", "gelu_pytorch_tanh", bias);
        d.mlp = d.mlp.withDropout(d.rate("residual_dropout"));
        d.attention.position(d.rotary(BASE, 1, false).of("", true));
    }
}
