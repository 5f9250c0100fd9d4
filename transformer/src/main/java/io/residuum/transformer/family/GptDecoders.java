package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.residual.ResidualBlock;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.PositionTable;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;

/** Rows of {@link DecoderTypes} that have layer norms. */
final class GptDecoders {
    private static final String ACTIVATION = "activation_function";
    private static final String HIDDEN = "hidden_act";
    private static final double BASE = 10000;

    /** The settings of a head for multiple choice. */
    private static final String[] SUMMARY = {
        "summary_activation",
        "summary_first_dropout",
        "summary_proj_to_labels",
        "summary_type",
        "summary_use_proj"
    };

    private GptDecoders() {}

    static void bloom(DecoderDraft d) {
        if (d.settings.flag("apply_residual_connection_post_layernorm", false)) {
            d.placement = new NormPlacement.Pre(ResidualBlock.Tap.BEFORE);
        }
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
        if (!d.settings.flag("scale_attn_weights", true)) {
            d.attention.scale(1);
        }
        d.settings.ignore(SUMMARY);
        d.settings.ignore(
                """
                attention_softmax_in_fp32 scale_attention_softmax_in_fp32 inference_runner
                validate_runner_input pre_allocate_kv_cache max_sequence_length max_batch_size
                pad_key_length num_key_value_heads
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
        d.plain(HIDDEN, "gelu", true);
        d.attention.position(d.rotary(base, part, false).of("", true));
    }

    static void gptJ(DecoderDraft d) {
        d.settings.ignore(SUMMARY);
        d.settings.ignore("rotary", "scale_attn_weights", "n_ctx");
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
        boolean bias = s.flag("enable_bias", true);
        boolean affine = s.flag("layer_norm_elementwise_affine", true);
        int tokens = s.integer("word_embed_proj_dim", d.width);
        s.ignore("layerdrop", "init_std");
        d.norm = new NormSpec.OfLayer(1e-5, 1, affine, affine, 0);
        boolean before = s.flag("do_layer_norm_before", true);
        d.placement = before ? NormPlacement.PRE : NormPlacement.POST;
        boolean last = before && !s.flag("_remove_final_layer_norm", false);
        d.lastNorm = last ? d.norm : NormSpec.NONE;
        d.learnedPositions();
        d.embedding = d.embedding.withPositions(PositionTable.LEARNED_UNPADDED);
        if (tokens != d.width) {
            d.embedding = d.embedding.withTokenWidth(tokens);
            d.projection = tokens;
        }
        d.biases(bias, bias);
        d.plain(ACTIVATION, "relu", bias);
    }

    static void phi(DecoderDraft d) {
        d.norm(d.layerNorm("layer_norm_eps"));
        if (d.settings.flag("qk_layernorm", false)) {
            d.attention.queryKeyNorm(d.norm);
        }
        d.placement = new NormPlacement.Parallel();
        d.biases(true, true);
        d.plain(HIDDEN, "gelu_new", true);
        d.attention.position(d.rotary(BASE, 0.5, false).of("", true));
        d.head = new DecoderHead.Lm(true, 1, 0);
    }

    static void starcoder2(DecoderDraft d) {
        boolean bias = d.settings.flag("use_bias", true);
        d.norm(d.layerNorm("norm_epsilon"));
        d.embedding = d.embedding.withDropout(d.rate("embedding_dropout"));
        d.biases(bias, bias);
        d.attention.dropout(d.rate("residual_dropout")).window(d.window("sliding_window", 0));
        d.plain(HIDDEN, "gelu_pytorch_tanh", bias);
        d.mlp = d.mlp.withDropout(d.rate("residual_dropout"));
        d.attention.position(d.rotary(BASE, 1, false).of("", true));
    }

    /** GPT-2 whose scores have another factor than that of {@link Gpt}. */
    static void gpt2(DecoderDraft d) {
        gpt(d, ACTIVATION, "gelu_new");
        boolean byLayer = d.settings.flag("scale_attn_by_inverse_layer_idx", false);
        double scale = d.settings.flag("scale_attn_weights", true) ? 1 / Math.sqrt(d.headWidth) : 1;
        d.layers(
                Collections.nCopies(d.depth, 0),
                Collections.nCopies(d.depth, PositionSpec.NONE),
                i -> byLayer ? scale / (i + 1) : scale);
    }

    /** The first GPT (Radford et al. 2018), whose code calls the approximation "gelu". */
    static void openAi(DecoderDraft d) {
        gpt(d, "afn", "gelu");
        d.mlp = d.mlp.withActivation(HuggingFaceConfig.tanhGelu(d.settings, "afn"));
        d.settings.ignore("predict_special_tokens");
        d.settings.ignore(SUMMARY);
        d.placement = NormPlacement.POST;
        d.lastNorm = NormSpec.NONE;
    }

    private static void gpt(DecoderDraft d, String activation, String absent) {
        d.norm(d.layerNorm("layer_norm_epsilon"));
        d.learnedPositions();
        d.biases(true, true);
        d.plain(activation, absent, true);
    }

    /** BioGPT (Luo et al. 2022, arXiv:2210.10341), whose norms have an eps of their own. */
    static void bioGpt(DecoderDraft d) {
        d.settings.ignore("layer_norm_eps", "layerdrop");
        d.norm(new NormSpec.OfLayer(1e-5, 1));
        scaled(d);
        d.learnedPositions();
        d.biases(true, true);
        d.plain(HIDDEN, "gelu", true);
        d.mlp = d.mlp.withInnerDropout(d.rate("activation_dropout"));
    }

    /** XGLM (Lin et al. 2021, arXiv:2112.10668). */
    static void xglm(DecoderDraft d) {
        d.settings.ignore("layerdrop", "init_std");
        int padding = d.settings.integer("pad_token_id", 1, 0);
        d.settings.must("pad_token_id", padding < 2, "0 or 1: its row of positions is 0");
        d.norm(new NormSpec.OfLayer(1e-5, 1));
        scaled(d);
        d.embedding =
                d.embedding.with().positions(PositionTable.SINUSOIDAL_HALVES).offset(2).build();
        d.biases(true, true);
        d.plain(ACTIVATION, "gelu", true);
        d.mlp = d.mlp.withInnerDropout(d.rate("activation_dropout"));
    }

    private static void scaled(DecoderDraft d) {
        if (d.settings.flag("scale_embedding", true)) {
            d.embedding = d.embedding.withScale(Math.sqrt(d.width));
        }
    }

    /** MPT (MosaicML 2023). */
    static void mpt(DecoderDraft d) {
        ConfigObject s = d.settings;
        s.must("no_bias", s.flag("no_bias", true), "true");
        s.must("expansion_ratio", s.integer("expansion_ratio", 4) == 4, "4");
        s.must("logit_scale", !s.has("logit_scale"), "null");
        s.ignore("learned_pos_emb", "init_device", "embedding_fraction", "norm_type");
        double eps = s.number("layer_norm_epsilon", 1e-5);
        d.norm(new NormSpec.OfLayer(eps, 1, true, false, 0));
        d.biases(false, false);
        d.mlp =
                FeedForward.plain(4, new ActivationSpec.Gelu(), d.rate("resid_pdrop"), d.mlp.init())
                        .withBias(false);
        d.attention.position(new PositionSpec.Alibi());
        s.object("attn_config").ifPresent(attention -> mptAttention(d, attention));
    }

    private static void mptAttention(DecoderDraft d, ConfigObject s) {
        s.must("alibi", s.flag("alibi", true), "true");
        s.must("alibi_bias_max", s.integer("alibi_bias_max", 8) == 8, "8");
        s.mustBeFalse("qk_ln", "prefix_lm", "attn_uses_sequence_id");
        boolean heads = s.text("attn_type", "").matches("|multihead_attention");
        s.must("attn_type", heads, "multihead_attention");
        s.ignore("attn_impl", "model_type");
        d.attention.weightDropout(s.number("attn_pdrop", 0));
        if (s.has("softmax_scale")) {
            d.attention.scale(s.number("softmax_scale", 0));
        }
        d.afterMaps(NormSpec.NONE, DecoderDraft.clip(s));
        TransformersConfig.ignoreWithoutEffect(s);
        s.ignore("problem_type");
        s.finish();
    }

    /** The decoders of Ettin (Weller et al. 2025, arXiv:2507.11412), ModernBERT that is causal. */
    static void modernBert(DecoderDraft d) {
        ConfigObject s = d.settings;
        boolean attention = s.flag("attention_bias", false);
        boolean classes = s.flag("classifier_bias", false);
        s.ignore("cls_token_id", "sep_token_id", "sliding_window");
        NormSpec norm =
                new NormSpec.OfLayer(
                        s.number("norm_eps", 1e-5), 1, true, s.flag("norm_bias", false), 0);
        d.norm(norm);
        d.firstNorm = false;
        d.embedding = d.embedding.withNorm(norm).withDropout(d.rate("embedding_dropout"));
        d.biases(attention, attention);
        // transformers does not read num_key_value_heads for this type.
        d.attention.kvHeads(0);
        d.mlp("hidden_activation", "gelu", true, s.flag("mlp_bias", false));
        d.mlp = d.mlp.withInnerDropout(d.rate("mlp_dropout"));
        int every = s.integer("global_attn_every_n_layers", 3);
        List<String> types = d.layerTypes(i -> i % every != 0);
        // Its window is on one side of that of the encoder.
        int window = s.integer("local_attention", 128) / 2;
        double near = s.number("local_rope_theta", BASE);
        double far = s.number("global_rope_theta", 160000);
        d.alternate(
                types,
                window >= d.length ? 0 : window,
                d.rotary(near, 1, false).of(HuggingFaceConfig.SLIDING, false),
                d.rotary(far, 1, false).of(HuggingFaceConfig.FULL, false));
        d.head = new DecoderHead.Lm(s.flag("decoder_bias", true), 1, 0);
        ActivationSpec activation =
                HuggingFaceConfig.activation(s, "classifier_activation", "gelu");
        d.beforeHead =
                head ->
                        head instanceof DecoderHead.None
                                ? head
                                : new DecoderHead.Transformed(
                                        d.width, activation, classes, norm, biased(head, classes));
    }

    private static DecoderHead biased(DecoderHead head, boolean bias) {
        return head instanceof DecoderHead.Classes classes
                ? new DecoderHead.Classes(classes.count(), bias)
                : head;
    }

    /** Persimmon (Elsen et al. 2023). */
    static void persimmon(DecoderDraft d) {
        d.norm(d.layerNorm("layer_norm_eps"));
        if (d.settings.flag("qk_layernorm", true)) {
            d.attention.queryKeyNorm(d.norm);
        }
        d.biases(true, true);
        d.plain(HIDDEN, "relu2", true);
        d.attention.position(d.rotary(BASE, 0.5, false).of("", true));
    }

    static void jais2(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", true);
        d.norm(d.layerNorm("layer_norm_eps"));
        d.biases(bias, bias);
        d.plain(HIDDEN, "relu2", d.settings.flag("mlp_bias", true));
        d.attention.position(d.rotary(BASE, 1, false).of("", true));
    }

    static void cohere(DecoderDraft d, boolean alternates) {
        boolean bias = d.settings.flag("attention_bias", false);
        double eps = d.settings.number("layer_norm_eps", 1e-5);
        d.norm(new NormSpec.OfLayer(eps, 1, true, false, 0));
        d.placement = new NormPlacement.Parallel();
        d.biases(bias, bias);
        if (d.settings.flag("use_qk_norm", false)) {
            d.headNorms(d.norm);
        }
        d.gated(HIDDEN, false);
        d.head = new DecoderHead.Lm(false, d.settings.number("logit_scale", 0.0625), 0);
        PositionSpec rotary = d.rotary(alternates ? BASE : 500000, 1, true).of("", true);
        if (alternates) {
            int pattern = DecoderTypes.pattern(d, 4);
            List<String> types = d.layerTypes(i -> (i + 1) % pattern != 0);
            d.alternate(types, d.window("sliding_window", 4096), rotary, PositionSpec.NONE);
        } else {
            d.attention.position(rotary);
        }
    }

    static void nemotron(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", false);
        double eps = d.settings.number("norm_eps", 1e-5);
        d.norm(new NormSpec.OfLayer(eps, 1, true, true, 1));
        d.biases(bias, bias);
        d.plain(HIDDEN, "relu2", d.settings.flag("mlp_bias", false));
        d.attention.position(d.rotary(BASE, 0.5, false).of("", true));
    }

    static void olmo(DecoderDraft d) {
        DecoderTypes.llamaLike(d, 1e-5, BASE);
        d.norm(new NormSpec.OfLayer(1e-5, 1, false, false, 0));
        d.afterMaps(NormSpec.NONE, DecoderDraft.clip(d.settings));
    }

    static void stableLm(DecoderDraft d) {
        d.norm(d.layerNorm("layer_norm_eps"));
        if (d.settings.flag("use_parallel_residual", false)) {
            d.placement = new NormPlacement.Parallel();
        }
        d.biases(d.settings.flag("use_qkv_bias", false), false);
        if (d.settings.flag("qk_layernorm", false)) {
            d.headNorms(
                    new NormSpec.OfLayer(
                            d.settings.number("layer_norm_eps", 1e-5), 1, true, false, 0));
        }
        d.gated(HIDDEN, false);
        d.attention.position(d.rotary(BASE, 0.25, false).of("", true));
    }
}
