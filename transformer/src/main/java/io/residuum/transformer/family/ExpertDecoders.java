package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.transformer.branch.FeedForward;
import java.util.List;

/** Rows of {@link DecoderTypes} whose feed-forward networks are mixtures of experts. */
final class ExpertDecoders {
    private static final String COUNT = "num_experts";
    private static final String LOCAL = "num_local_experts";

    private ExpertDecoders() {}

    static void mixtral(DecoderDraft d) {
        d.settings.mustBeFalse("attention_bias", "mlp_bias");
        DecoderTypes.llamaLike(d, 1e-5, 1e6);
        d.attention.window(d.window("sliding_window", 0));
        experts(d, 8, 2, true, 0);
    }

    static void granite(DecoderDraft d) {
        d.settings.mustBeFalse("mlp_bias");
        DecoderTypes.granite(d);
        experts(d, 8, 2, true, 0);
    }

    static void olmoe(DecoderDraft d) {
        d.settings.must("clip_qkv", !d.settings.has("clip_qkv"), "null");
        d.settings.mustBeFalse("attention_bias", "mlp_bias");
        DecoderTypes.llamaLike(d, 1e-5, 10000);
        d.wideQueryKeyNorm(d.norm, d.settings.integer("num_key_value_heads", 0));
        experts(d, 64, 8, d.settings.flag("norm_topk_prob", false), 0);
    }

    static void qwen2(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 10000);
        d.biases(d.settings.flag("qkv_bias", true), false);
        DecoderTypes.someWindows(d);
        int shared = d.settings.integer("shared_expert_intermediate_size", 5632);
        everywhere(d, 1408);
        experts(d, 60, 4, d.settings.flag("norm_topk_prob", false), shared);
    }

    static void qwen3(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 10000);
        d.attention.queryKeyNorm(d.norm);
        boolean slides = d.settings.flag("use_sliding_window", false);
        d.attention.window(slides ? d.window("sliding_window", 4096) : 0);
        d.settings.ignore("sliding_window", "max_window_layers");
        everywhere(d, 768);
        experts(d, 128, 8, d.settings.flag("norm_topk_prob", false), 0);
    }

    /** Sets the width of the experts, and requires them in all layers. */
    private static void everywhere(DecoderDraft d, int width) {
        List<Double> without = d.settings.numbers("mlp_only_layers", List.of());
        d.settings.must("mlp_only_layers", without.isEmpty(), "empty");
        int step = d.settings.integer("decoder_sparse_step", 1);
        d.settings.must("decoder_sparse_step", step == 1, "1");
        d.mlp = d.mlp.withWidth(d.settings.integer("moe_intermediate_size", width));
    }

    private static void experts(
            DecoderDraft d, int count, int perToken, boolean normalized, int shared) {
        ConfigObject s = d.settings;
        // They act in training only.
        s.ignore("output_router_logits", "router_aux_loss_coef", "router_jitter_noise");
        int found = s.has(COUNT) ? s.integer(COUNT, count) : s.integer(LOCAL, count);
        s.ignore(COUNT, LOCAL);
        int chosen = s.integer("num_experts_per_tok", perToken);
        s.must("num_experts_per_tok", chosen <= found, "at most the number of experts, " + found);
        d.mlp =
                d.mlp.withExperts(
                        new FeedForward.Experts(found, chosen, normalized, shared, shared > 0));
    }
}
