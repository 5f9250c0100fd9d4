package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.PositionSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/** The decoders of transformers that are read as {@link Decoder}: a row each. */
final class DecoderTypes {
    private static final String ACTIVATION = "hidden_act";
    private static final double BASE = 10000;

    /**
     * A model type.
     *
     * @param prefix the start of its class names in transformers
     * @param tied true if the head is tied if a file does not say so
     * @param details sets what the sizes leave open
     */
    private record Type(String prefix, boolean tied, Consumer<DecoderDraft> details) {}

    private static final Map<String, Type> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("apertus", new Type("Apertus", false, DecoderTypes::apertus));
        TYPES.put("arcee", new Type("Arcee", false, DecoderTypes::arcee));
        TYPES.put("biogpt", new Type("BioGpt", true, GptDecoders::bioGpt));
        TYPES.put("bitnet", new Type("BitNet", false, DecoderTypes::bitNet));
        TYPES.put("bloom", new Type("Bloom", true, GptDecoders::bloom));
        TYPES.put("codegen", new Type("CodeGen", false, GptDecoders::gptJ));
        TYPES.put("cohere", new Type("Cohere", true, d -> GptDecoders.cohere(d, false)));
        TYPES.put("cohere2", new Type("Cohere2", true, d -> GptDecoders.cohere(d, true)));
        TYPES.put("cwm", new Type("Cwm", false, DecoderTypes::cwm));
        TYPES.put("dots1", new Type("Dots1", false, ExpertDecoders::dots));
        TYPES.put("ernie4_5", new Type("Ernie4_5", true, DecoderTypes::ernie));
        TYPES.put("ernie4_5_moe", new Type("Ernie4_5_Moe", true, ExpertDecoders::ernie));
        TYPES.put("exaone4", new Type("Exaone4", false, DecoderTypes::exaone));
        TYPES.put("exaone_moe", new Type("ExaoneMoe", false, ExpertDecoders::exaone));
        TYPES.put("falcon", new Type("Falcon", true, GptDecoders::falcon));
        TYPES.put("flex_olmo", new Type("FlexOlmo", false, ExpertDecoders::flexOlmo));
        TYPES.put("gemma", new Type("Gemma", true, DecoderTypes::gemma));
        TYPES.put("gemma2", new Type("Gemma2", true, DecoderTypes::gemma2));
        TYPES.put("gemma3_text", new Type("Gemma3", true, DecoderTypes::gemma3));
        TYPES.put("glm", new Type("Glm", false, d -> glm(d, NormPlacement.PRE)));
        TYPES.put("glm4", new Type("Glm4", false, d -> glm(d, new NormPlacement.Sandwich())));
        TYPES.put("glm4_moe", new Type("Glm4Moe", false, ExpertDecoders::glm));
        TYPES.put("gpt2", new Type("GPT2", true, GptDecoders::gpt2));
        TYPES.put("gpt_bigcode", new Type("GPTBigCode", true, GptDecoders::bigCode));
        TYPES.put("gpt_neo", new Type("GPTNeo", true, GptDecoders::gptNeo));
        TYPES.put("gpt_neox", new Type("GPTNeoX", false, GptDecoders::gptNeoX));
        TYPES.put("gpt_oss", new Type("GptOss", false, ExpertDecoders::gptOss));
        TYPES.put("gptj", new Type("GPTJ", false, GptDecoders::gptJ));
        TYPES.put("granite", new Type("Granite", false, ExpertDecoders::granite));
        TYPES.put("granite_swa", new Type("GraniteSWA", true, ExpertDecoders::graniteSwa));
        TYPES.put("granitemoe", new Type("GraniteMoe", false, ExpertDecoders::graniteMoe));
        TYPES.put(
                "granitemoeshared",
                new Type("GraniteMoeShared", false, ExpertDecoders::graniteShared));
        TYPES.put("helium", new Type("Helium", false, DecoderTypes::helium));
        TYPES.put("hunyuan_v1_dense", new Type("HunYuanDenseV1", false, DecoderTypes::hunyuan));
        TYPES.put("hunyuan_v1_moe", new Type("HunYuanMoEV1", false, ExpertDecoders::hunyuan));
        TYPES.put("hyperclovax", new Type("HyperCLOVAX", false, ExpertDecoders::hyperClova));
        TYPES.put("jais2", new Type("Jais2", false, GptDecoders::jais2));
        TYPES.put("mellum", new Type("Mellum", false, ExpertDecoders::mellum));
        TYPES.put("minimax_m2", new Type("MiniMaxM2", false, ExpertDecoders::miniMax));
        TYPES.put("ministral", new Type("Ministral", false, DecoderTypes::ministral));
        TYPES.put("mixtral", new Type("Mixtral", false, ExpertDecoders::mixtral));
        TYPES.put(
                "modernbert-decoder", new Type("ModernBertDecoder", true, GptDecoders::modernBert));
        TYPES.put("mpt", new Type("Mpt", true, GptDecoders::mpt));
        TYPES.put("nemotron", new Type("Nemotron", false, GptDecoders::nemotron));
        TYPES.put("olmo", new Type("Olmo", false, GptDecoders::olmo));
        TYPES.put("olmo2", new Type("Olmo2", false, DecoderTypes::olmo2));
        TYPES.put("olmo3", new Type("Olmo3", false, DecoderTypes::olmo3));
        TYPES.put("olmoe", new Type("Olmoe", false, ExpertDecoders::olmoe));
        TYPES.put("openai-gpt", new Type("OpenAIGPT", true, GptDecoders::openAi));
        TYPES.put("opt", new Type("OPT", true, GptDecoders::opt));
        TYPES.put("persimmon", new Type("Persimmon", false, GptDecoders::persimmon));
        TYPES.put("phi", new Type("Phi", false, GptDecoders::phi));
        TYPES.put("phi3", new Type("Phi3", false, DecoderTypes::phi3));
        TYPES.put("qwen2", new Type("Qwen2", false, DecoderTypes::qwen2));
        TYPES.put("qwen2_moe", new Type("Qwen2Moe", false, ExpertDecoders::qwen2));
        TYPES.put("qwen3", new Type("Qwen3", false, DecoderTypes::qwen3));
        TYPES.put("qwen3_moe", new Type("Qwen3Moe", false, ExpertDecoders::qwen3));
        TYPES.put("seed_oss", new Type("SeedOss", false, DecoderTypes::seedOss));
        TYPES.put("smollm3", new Type("SmolLM3", true, DecoderTypes::smolLm3));
        TYPES.put("solar_open", new Type("SolarOpen", false, ExpertDecoders::solarOpen));
        TYPES.put("stablelm", new Type("StableLm", false, GptDecoders::stableLm));
        TYPES.put("starcoder2", new Type("Starcoder2", true, GptDecoders::starcoder2));
        TYPES.put("vaultgemma", new Type("VaultGemma", true, DecoderTypes::vaultGemma));
        TYPES.put("xglm", new Type("XGLM", true, GptDecoders::xglm));
    }

    /** The model types. */
    static final Set<String> NAMES = Collections.unmodifiableSet(TYPES.keySet());

    private DecoderTypes() {}

    /** {@return the model of a config.json, whose type is one of {@link #NAMES}} */
    static ModelDescription read(String type, ConfigObject settings, String name) {
        Type row = Objects.requireNonNull(TYPES.get(type), type);
        DecoderDraft draft = new DecoderDraft(settings, row.tied);
        row.details.accept(draft);
        return draft.describe(name, row.prefix);
    }

    static NormSpec rms(DecoderDraft d, double absent) {
        return new NormSpec.Rms(d.settings.number("rms_norm_eps", absent), 1);
    }

    /** RMS norm whose stored weights are 1 less. */
    private static NormSpec gemmaNorm(DecoderDraft d) {
        return new NormSpec.Rms(d.settings.number("rms_norm_eps", 1e-6), 1, true, 1, false);
    }

    static int pattern(DecoderDraft d, int absent) {
        String key = "sliding_window_pattern";
        d.settings.ignore("_" + key, key);
        boolean listed = d.settings.has("layer_types");
        return listed ? absent : d.settings.integer(key, absent);
    }

    private static void gemmaBasics(DecoderDraft d, String activation) {
        boolean both = d.settings.flag("use_bidirectional_attention", false);
        d.settings.must(
                "use_bidirectional_attention",
                !both || d.settings.texts("architectures").equals(List.of("Gemma3TextModel")),
                "false, except for Gemma3TextModel");
        d.attention.causal(!both);
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
        capped(d, 30);
        d.attention.softCap(cap(d, "attn_logit_softcapping", 50));
        PositionSpec rotary = d.rotary(BASE, 1, false).of("", true);
        List<String> types = d.layerTypes(i -> i % 2 == 0);
        d.alternate(types, d.window("sliding_window", 4096), rotary, rotary);
    }

    private static void gemma3(DecoderDraft d) {
        capped(d, 0);
        // transformers has the setting and never reads it.
        d.settings.ignore("attn_logit_softcapping");
        d.attention.queryKeyNorm(d.norm);
        int pattern = pattern(d, 6);
        List<String> types = d.layerTypes(i -> (i + 1) % pattern != 0);
        double local = d.settings.number("rope_local_base_freq", BASE);
        RotarySettings full = d.rotary(1e6, 1, false);
        PositionSpec.Rotary near = full.withBase(BASE).of(HuggingFaceConfig.SLIDING, false);
        boolean each =
                d.settings
                        .object("rope_parameters")
                        .filter(o -> o.isObject(HuggingFaceConfig.SLIDING))
                        .isPresent();
        d.alternate(
                types,
                d.settings.flag("use_bidirectional_attention", false)
                        ? d.halfWindow("sliding_window", 4096)
                        : d.window("sliding_window", 4096),
                each ? near : near.withBase(local),
                full.of(HuggingFaceConfig.FULL, true));
    }

    /** VaultGemma (Sinha et al. 2025), Gemma 2 without norms after the branches. */
    private static void vaultGemma(DecoderDraft d) {
        gemma2(d);
        d.placement = NormPlacement.PRE;
    }

    /** Sets the parts that Gemma 2 and 3 share. */
    private static void capped(DecoderDraft d, double logits) {
        gemmaBasics(d, "hidden_activation");
        d.mlp =
                d.mlp.withActivation(
                        HuggingFaceConfig.activation(
                                d.settings, "hidden_activation", "gelu_pytorch_tanh"));
        d.settings.ignore(ACTIVATION);
        d.placement = new NormPlacement.Sandwich();
        d.attention.scale(1 / Math.sqrt(d.settings.number("query_pre_attn_scalar", 256)));
        d.head = new DecoderHead.Lm(false, 1, cap(d, "final_logit_softcapping", logits));
    }

    /** {@return a bound; 0 if the file says null} */
    private static double cap(DecoderDraft d, String key, double absent) {
        return d.isNull(key) ? 0 : d.settings.number(key, absent);
    }

    private static void glm(DecoderDraft d, NormPlacement placement) {
        d.placement = placement;
        boolean bias = d.settings.flag("attention_bias", true);
        d.norm(rms(d, 1.5625e-7));
        d.biases(bias, false);
        d.gated(ACTIVATION, false);
        d.attention.position(d.rotary(BASE, 0.5, true).of("", true));
    }

    private static void helium(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", false);
        withoutPositions(d, 1e-8);
        d.biases(bias, false);
        d.attention.position(d.rotary(1e5, 1, true).of("", true));
    }

    static void ernie(DecoderDraft d) {
        boolean bias = d.settings.flag("use_bias", false);
        d.norm(rms(d, 1e-5));
        d.biases(bias, bias);
        d.gated(ACTIVATION, bias);
        d.attention.position(d.rotary(500000, 1, true).of("", true));
    }

    /** EXAONE 4 rotates in layers with a window only, or in all if there is no window. */
    static void exaone(DecoderDraft d) {
        d.settings.mustBeFalse("attention_bias", "mlp_bias");
        llamaLike(d, 1e-5, BASE);
        d.placement = new NormPlacement.ResPost();
        d.attention.queryKeyNorm(d.norm);
        int pattern = pattern(d, 4);
        List<String> types = d.layerTypes(i -> (i + 1) % pattern != 0);
        PositionSpec rotary = d.rotary(BASE, 1, false).of("", true);
        PositionSpec others = d.isNull("sliding_window") ? rotary : PositionSpec.NONE;
        d.alternate(types, d.window("sliding_window", 4096), rotary, others);
    }

    /** Apertus (Swiss AI Initiative 2025, arXiv:2509.14233). */
    private static void apertus(DecoderDraft d) {
        d.requirePositions();
        llamaLike(d, 1e-5, 12e6);
        d.attention.queryKeyNorm(d.norm);
        d.plain(ACTIVATION, "xielu", false);
    }

    static void hunyuan(DecoderDraft d) {
        llamaLike(d, 1e-5, BASE);
        d.attention.queryKeyNorm(d.norm).rotaryFirst(true);
        d.settings.ignore("eod_token_id");
    }

    /** BitNet (Ma et al. 2024, arXiv:2402.17764) with weights that are not quantized. */
    private static void bitNet(DecoderDraft d) {
        llamaLike(d, 1e-5, 500000);
        d.attention.innerNorm(d.norm);
        d.mlp =
                d.mlp.with()
                        .activation(HuggingFaceConfig.activation(d.settings, ACTIVATION, "relu2"))
                        .innerNorm(d.norm)
                        .build();
    }

    /** The code world model of Meta (2025, arXiv:2510.02387). */
    private static void cwm(DecoderDraft d) {
        d.requirePositions();
        withoutPositions(d, 1e-5);
        PositionSpec rotary = d.rotary(1e6, 1, false).of("", true);
        d.alternate(
                d.layerTypes(i -> i % 4 != 0), d.window("sliding_window", 8192), rotary, rotary);
    }

    private static void arcee(DecoderDraft d) {
        llamaLike(d, 1e-5, BASE);
        d.plain(ACTIVATION, "relu2", d.settings.flag("mlp_bias", false));
    }

    private static void ministral(DecoderDraft d) {
        d.settings.mustBeFalse("attention_bias", "mlp_bias");
        llamaLike(d, 1e-6, BASE);
        PositionSpec rotary = d.rotary(BASE, 1, false).of("", true);
        d.alternate(d.layerTypes(i -> true), d.window("sliding_window", 4096), rotary, rotary);
    }

    private static void seedOss(DecoderDraft d) {
        boolean bias = d.settings.flag("attention_bias", true);
        llamaLike(d, 1e-6, BASE);
        d.biases(bias, d.settings.flag("attention_out_bias", false));
        double dropout = d.settings.number("residual_dropout", 0.1);
        d.attention.dropout(dropout);
        d.mlp = d.mlp.withDropout(dropout);
    }

    /** Sets the parts of Llama: RMS norm, rotary positions and a gated feed-forward network. */
    static void llamaLike(DecoderDraft d, double eps, double base) {
        withoutPositions(d, eps);
        d.attention.position(d.rotary(base, 1, false).of("", true));
    }

    static void withoutPositions(DecoderDraft d, double eps) {
        boolean bias = d.settings.flag("attention_bias", false);
        d.settings.ignore("pretraining_tp");
        d.norm(rms(d, eps));
        d.biases(bias, bias);
        d.gated(ACTIVATION, d.settings.flag("mlp_bias", false));
    }

    private static void olmo2(DecoderDraft d) {
        llamaLike(d, 1e-5, BASE);
        d.placement = new NormPlacement.ResPost();
        d.afterMaps(d.norm, 0);
    }

    /** OLMo 3 scales the positions of layers without a window only. */
    private static void olmo3(DecoderDraft d) {
        withoutPositions(d, 1e-5);
        d.placement = new NormPlacement.ResPost();
        d.afterMaps(d.norm, 0);
        RotarySettings rotary = d.rotary(5e5, 1, false);
        d.alternate(
                d.layerTypes(i -> (i + 1) % 4 != 0),
                d.window("sliding_window", 4096),
                rotary.of(HuggingFaceConfig.SLIDING, false),
                rotary.of(HuggingFaceConfig.FULL, true));
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

    static void someWindows(DecoderDraft d) {
        boolean slides = d.settings.flag("use_sliding_window", false);
        int window = slides ? d.window("sliding_window", 4096) : 0;
        d.settings.ignore("sliding_window");
        windowsFrom(d, window, 28);
    }

    /** Sets a window in the layers of {@code layer_types}, or from a layer on. */
    static void windowsFrom(DecoderDraft d, int window, int absent) {
        int first = d.settings.integer("max_window_layers", absent, 0);
        PositionSpec rotary = d.rotary(BASE, 1, false).of("", true);
        d.alternate(d.layerTypes(i -> i >= first), window, rotary, rotary);
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
            windows.add(types.get(i).equals(HuggingFaceConfig.SLIDING) ? window : 0);
            positions.add(rotates.test(i) ? rotary : PositionSpec.NONE);
        }
        d.layers(windows, positions);
    }
}
