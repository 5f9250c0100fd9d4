package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.FeedForward.Router;
import io.residuum.transformer.branch.FeedForward.Score;
import io.residuum.transformer.branch.PositionSpec;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;

/** Rows of {@link DecoderTypes} that have mixtures of experts, and Granite with its relatives. */
final class ExpertDecoders {
    private static final String[] COUNTS = {
        "num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"
    };

    private static final IntPredicate ALL = layer -> true;

    private ExpertDecoders() {}

    static void mixtral(DecoderDraft d) {
        d.settings.mustBeFalse("attention_bias", "mlp_bias");
        DecoderTypes.llamaLike(d, 1e-5, 1e6);
        d.attention.window(d.window("sliding_window", 0));
        experts(d, d.mlp, count(d, 8, 2), ALL);
    }

    static void granite(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 10000);
        d.embedding = d.embedding.withScale(d.settings.number("embedding_multiplier", 1));
        d.attention.scale(d.settings.number("attention_multiplier", 1));
        double residual = d.settings.number("residual_multiplier", 1);
        d.scale = residual == 1 ? d.scale : new ScaleSpec.Constant(residual);
        d.head = new DecoderHead.Lm(false, 1 / d.settings.number("logits_scaling", 1), 0);
    }

    /** Granite with windows, sinks and a base of the positions for each layer. */
    static void graniteSwa(DecoderDraft d) {
        granite(d);
        d.attention.sinks(true);
        PositionSpec.Rotary rotary = d.rotary(10000, 1, false).of("", true);
        List<Double> bases =
                d.settings.numbers("layer_rope_theta", Collections.nCopies(d.depth, rotary.base()));
        d.settings.must(
                "layer_rope_theta", bases.size() == d.depth, "as many as the layers, " + d.depth);
        List<String> types = d.layerTypes(i -> i % 4 != 0);
        int window = d.window("sliding_window", 128);
        d.layers(
                types.stream().map(t -> t.equals(HuggingFaceConfig.SLIDING) ? window : 0).toList(),
                bases.stream()
                        .map(base -> base == 0 ? PositionSpec.NONE : rotary.withBase(base))
                        .toList());
    }

    /** HyperCLOVA X, Granite whose logits are multiplied, with further norms. */
    static void hyperClova(DecoderDraft d) {
        granite(d);
        d.attention.scale(d.settings.number("attention_multiplier", 1 / Math.sqrt(d.headWidth)));
        d.head = new DecoderHead.Lm(false, d.settings.number("logits_scaling", 1), 0);
        if (d.settings.flag("use_post_norm", true)) {
            d.placement = new NormPlacement.Sandwich();
        }
    }

    static void graniteShared(DecoderDraft d) {
        d.settings.mustBeFalse("mlp_bias");
        granite(d);
        int shared = d.settings.integer("shared_intermediate_size", 0, 0);
        experts(d, d.mlp, shared(count(d, 8, 2), shared, false), ALL);
    }

    /** FlexOlmo (Shi et al. 2025, arXiv:2507.07024). */
    static void flexOlmo(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 500000);
        d.placement = new NormPlacement.ResPost();
        d.afterMaps(d.norm, 0);
        experts(d, d.mlp, normalized(d, count(d, 7, 5), false), ALL);
    }

    static void mellum(DecoderDraft d) {
        DecoderTypes.withoutPositions(d, 1e-6);
        d.attention.queryKeyNorm(d.norm);
        RotarySettings rotary = d.rotary(500000, 1, false);
        d.alternate(
                d.layerTypes(i -> false),
                d.window("sliding_window", 1024),
                rotary.withBase(10000).of(HuggingFaceConfig.SLIDING, false),
                rotary.of(HuggingFaceConfig.FULL, true));
        int width = d.settings.integer("moe_intermediate_size", 896);
        experts(
                d,
                d.mlp.withWidth(width),
                normalized(d, count(d, 64, 8), true),
                sparseLayers(d, ALL));
    }

    /** {@return the layers with experts, by their listed kinds if there are such} */
    private static IntPredicate sparseLayers(DecoderDraft d, IntPredicate absent) {
        String key = "mlp_layer_types";
        List<String> kinds = d.settings.texts(key);
        if (kinds.isEmpty()) {
            return absent;
        }
        d.settings.must(
                key,
                kinds.size() == d.depth && List.of("dense", "sparse").containsAll(kinds),
                "dense or sparse for each layer, " + d.depth);
        return i -> kinds.get(i).equals("sparse");
    }

    /** MiniMax-M2 (MiniMax 2025). */
    static void miniMax(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 5e6);
        d.afterMaps(d.norm, 0);
        d.settings.ignore("rotary_dim");
        Router router = new Router(Score.SIGMOID, false, true, 1, 1, 1);
        experts(d, d.mlp, count(d, 256, 8).withRouter(router), ALL);
    }

    /** K-EXAONE (LG AI Research 2026), whose norms are before the branches. */
    static void exaone(DecoderDraft d) {
        DecoderTypes.exaone(d);
        d.placement = NormPlacement.PRE;
        deepSeek(d, afterDense(d, 1), true);
    }

    /** Hunyuan-Large (Tencent 2024, arXiv:2411.02265). */
    static void hunyuan(DecoderDraft d) {
        DecoderTypes.hunyuan(d);
        FeedForward.Experts experts = count(d, 1, 1);
        experts(d, d.mlp, shared(experts, d.mlp.width(), false), ALL);
    }

    static void solarOpen(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", false);
        DecoderTypes.llamaLike(d, 1e-5, 1e6);
        d.biases(bias, false);
        deepSeek(d, ALL, true);
    }

    static void graniteMoe(DecoderDraft d) {
        d.settings.mustBeFalse("mlp_bias");
        granite(d);
        experts(d, d.mlp, count(d, 8, 2), ALL);
    }

    static void olmoe(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-5, 10000);
        d.afterMaps(d.norm, DecoderDraft.clip(d.settings));
        experts(d, d.mlp, normalized(d, count(d, 64, 8), false), ALL);
    }

    static void qwen2(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 10000);
        d.biases(d.settings.flag("qkv_bias", true), false);
        DecoderTypes.someWindows(d);
        int shared = d.settings.integer("shared_expert_intermediate_size", 5632);
        sparse(d, 1408, shared(normalized(d, count(d, 60, 4), false), shared, true));
    }

    static void qwen3(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 10000);
        d.attention.queryKeyNorm(d.norm);
        boolean slides = d.settings.flag("use_sliding_window", false);
        d.attention.window(slides ? d.window("sliding_window", 4096) : 0);
        d.settings.ignore("sliding_window", "max_window_layers");
        sparse(d, 768, normalized(d, count(d, 128, 8), false));
    }

    static void dots(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-6, 10000);
        d.attention.queryKeyNorm(d.norm);
        DecoderTypes.windowsFrom(d, d.window("sliding_window", 4096), 62);
        deepSeek(d, afterDense(d, 0), false);
    }

    static void glm(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", false);
        DecoderTypes.llamaLike(d, 1e-5, 10000);
        d.biases(bias, false);
        d.attention.position(d.rotary(10000, 0.5, false).of("", true));
        if (d.settings.flag("use_qk_norm", false)) {
            d.attention.queryKeyNorm(d.norm);
        }
        // Layers that predict several tokens, which transformers does not build.
        d.settings.ignore("num_nextn_predict_layers", "num_mtp_layers");
        deepSeek(d, afterDense(d, 1), true);
    }

    static void ernie(DecoderDraft d) {
        // Only the shared network and the head would have biases.
        d.settings.mustBeFalse("use_bias");
        DecoderTypes.ernie(d);
        int first = d.settings.integer("moe_layer_start_index", 1, 0);
        int last = d.settings.integer("moe_layer_end_index", -1, -1);
        int interval = d.settings.integer("moe_layer_interval", 1);
        // The smallest sum that weights are divided by, which no softmax falls below.
        d.settings.ignore("moe_norm_min");
        int width = d.settings.integer("moe_intermediate_size", 1536);
        int shared = d.settings.integer("moe_num_shared_experts", 2, 0) * width;
        experts(
                d,
                d.mlp.withWidth(width),
                shared(count(d, 64, 6), shared, false)
                        .withRouter(Router.SOFTMAX.withCorrection(true)),
                i -> (i + 1) % interval == 0 && i >= first && (last < 0 || i <= last));
    }

    /** The open models of OpenAI (2025, arXiv:2508.10925). */
    static void gptOss(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", true);
        d.requirePositions();
        DecoderTypes.withoutPositions(d, 1e-5);
        d.biases(bias, bias);
        d.attention.sinks(true);
        PositionSpec rotary = d.rotary(150000, 1, false).of("", true);
        d.alternate(d.layerTypes(i -> i % 2 == 0), d.window("sliding_window", 128), rotary, rotary);
        // hidden_act says silu, but the gate is x sigmoid(1.702 x), bounded by 7 as in its code.
        FeedForward expert =
                d.mlp.with()
                        .bias(true)
                        .activation(new ActivationSpec.QuickGelu())
                        .limit(d.settings.number("swiglu_limit", 7))
                        .upShift(1)
                        .build();
        // A name of num_experts_per_tok in its first files.
        d.settings.ignore("experts_per_token", "initial_context_length");
        experts(d, expert, count(d, 128, 4).withRouter(Router.SOFTMAX.withBias(true)), ALL);
    }

    /** {@return the layers after the first, or those that a file lists as sparse} */
    private static IntPredicate afterDense(DecoderDraft d, int absent) {
        int first = d.settings.integer("first_k_dense_replace", absent, 0);
        return sparseLayers(d, layer -> layer >= first);
    }

    /** Mixtures whose router applies a sigmoid (DeepSeek-V3). */
    private static void deepSeek(DecoderDraft d, IntPredicate layers, boolean normalized) {
        ConfigObject s = d.settings;
        int width = s.integer("moe_intermediate_size", 1408);
        int shared = d.size(1, "n_shared_experts", "num_shared_experts") * width;
        Router router =
                new Router(
                        Score.SIGMOID,
                        false,
                        true,
                        s.integer("n_group", 1),
                        s.integer("topk_group", 1),
                        s.number("routed_scaling_factor", 1));
        FeedForward.Experts plain = normalized(d, count(d, 128, 8), normalized);
        experts(d, d.mlp.withWidth(width), shared(plain, shared, false).withRouter(router), layers);
    }

    /** Mixtures in every layer, in some by their step, or in all but those listed. */
    private static void sparse(DecoderDraft d, int width, FeedForward.Experts experts) {
        List<Double> without = d.settings.numbers("mlp_only_layers", List.of());
        int step = d.settings.integer("decoder_sparse_step", 1);
        experts(
                d,
                d.mlp.withWidth(d.settings.integer("moe_intermediate_size", width)),
                experts,
                i -> !without.contains((double) i) && (i + 1) % step == 0);
    }

    private static void experts(
            DecoderDraft d, FeedForward expert, FeedForward.Experts experts, IntPredicate layers) {
        // They act in training only.
        d.settings.ignore("output_router_logits", "router_aux_loss_coef", "router_jitter_noise");
        d.feedForward(expert.withExperts(experts), layers);
    }

    /** {@return the number of experts, and of those that compute a token} */
    private static FeedForward.Experts count(DecoderDraft d, int count, int perToken) {
        ConfigObject s = d.settings;
        int found = d.size(count, COUNTS);
        int chosen = d.size(perToken, "num_experts_per_tok", "moe_k", "moe_topk");
        s.ignore(COUNTS);
        s.must("num_experts_per_tok", chosen <= found, "at most the number of experts, " + found);
        return new FeedForward.Experts(found, chosen, true, 0, false, Router.SOFTMAX);
    }

    private static FeedForward.Experts normalized(
            DecoderDraft d, FeedForward.Experts experts, boolean absent) {
        return experts.withNormalized(d.settings.flag("norm_topk_prob", absent));
    }

    private static FeedForward.Experts shared(FeedForward.Experts e, int width, boolean gate) {
        return e.with().shared(width).sharedGate(gate && width > 0).build();
    }
}
