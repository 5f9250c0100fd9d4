package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.model.ModelSource;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.BlockAttention;
import io.residuum.transformer.branch.Disentangled;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.branch.RotaryScaling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that change nothing are accepted, others are used, refused by name or reported. */
class HuggingFaceConfigTest {
    private static final String BERT =
            "'model_type': 'bert', 'hidden_size': 16, 'num_hidden_layers': 2,"
                    + " 'num_attention_heads': 2, 'intermediate_size': 32, 'vocab_size': 20,"
                    + " 'max_position_embeddings': 8";
    private static final String GPT2 =
            "'model_type': 'gpt2', 'n_embd': 16, 'n_layer': 2, 'n_head': 2, 'vocab_size': 20,"
                    + " 'n_positions': 8";
    private static final String KEYS = " 'num_key_value_heads': 2,";
    private static final String SMALL =
            "'hidden_size': 16, 'num_hidden_layers': 2, 'num_attention_heads': 4,"
                    + KEYS
                    + " 'intermediate_size': 32, 'vocab_size': 20, 'max_position_embeddings': 8";
    private static final String VIT =
            "'model_type': 'vit', 'hidden_size': 16, 'num_hidden_layers': 2,"
                    + " 'num_attention_heads': 2, 'intermediate_size': 32, 'image_size': 8,"
                    + " 'patch_size': 4";

    @TempDir private Path folder;

    private ModelSource read(String settings) {
        return Configs.read(folder, settings);
    }

    private static String of(String family) {
        return switch (family) {
            case "bert" -> BERT;
            case "gpt2" -> GPT2;
            case "vit" -> VIT;
            case "new", "roformer" -> of("llama").replace("llama", family).replace(KEYS, "");
            case "defaults" -> "'architectures': null";
            default -> "'model_type': '" + family + "', " + SMALL;
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert; 'pooler_fc_size': 768, 'pooler_type': 'x', 'directionality': 'bidi'",
                "bert; 'initializer_factor': 1.0, 'chunk_size_feed_forward': 4",
                "bert; 'classifier_dropout': null, 'attention_probs_dropout_prob': 0.0",
                "gpt2; '_num_labels': 1, 'n_ctx': 8, 'task_specific_params': {'a': {'b': 1}}",
                "gpt2; 'pruned_heads': {}, 'torchscript': false, 'top_k': 50, 'n_ctx': 16",
                "gpt2; 'attn_pdrop': 0.0, 'resid_pdrop': 0.2, 'embd_pdrop': 0.3",
                "llama; 'rope_scaling': null, 'is_llama_config': true, 'rope_interleaved': false",
                "llama; 'rope_scaling': {'type': 'dynamic', 'factor': 2.0}",
                "llama; 'head_dim': 4, 'attention_dropout': 0.1, 'pretraining_tp': 2",
                "new; 'unpad_inputs': true, 'layer_norm_type': 'layer_norm', 'auto_map': {}",
                "new; 'logn_attention_clip1': false, 'use_memory_efficient_attention': true",
                "roformer; 'rotary_value': false, 'attention_probs_dropout_prob': 0.2",
                "mistral; 'sliding_window': null",
                "mistral; 'sliding_window': 8",
                "qwen2; 'use_sliding_window': false, 'sliding_window': 4, 'max_window_layers': 1",
                "vit; 'architectures': ['ViTModel'], 'pooler_act': 'tanh', 'pooler_output_size': 5",
                "vit; 'attention_probs_dropout_prob': 0.1, 'encoder_stride': 4, 'unknown': null",
            })
    void acceptsSettingsWithoutEffect(String line) {
        String[] parts = line.split("; ");
        ModelSource plain = read(of(parts[0]));
        ModelSource model = read(of(parts[0]) + ", " + parts[1]);
        assertEquals(List.of(), model.warnings());
        // Dropout does not change what the network computes, so its parameters are the same.
        boolean hasHead = !parts[1].contains("ViTModel");
        if (hasHead) {
            assertEquals(
                    plain.spec().newBlock().namedParameters().keySet(),
                    model.spec().newBlock().namedParameters().keySet());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "bert; 'position_embedding_type': 'relative_key'; must be \"absolute\"",
                "bert; 'architectures': ['BertLMHeadModel']; $.architectures: must be BertModel or",
                "bert; 'is_decoder': true; $.is_decoder: must be false, got true",
                "bert; 'pruned_heads': {'0': [1]}; heads must not be pruned",
                "bert; 'quantization_config': {'bits': 4}; must not be quantized",
                "bert; 'num_labels': 0, 'architectures': ['BertForSequenceClassification'];"
                        + " $.num_labels: expected a whole number in [1, 2^31), got 0",
                "gpt2; 'n_ctx': 4; $.n_ctx: must be at least n_positions",
                "gpt2; 'activation_function': 'gelu_10'; must be gelu, gelu_new, leaky_relu,"
                        + " linear, mish, quick_gelu, relu,",
                "llama; 'rope_interleaved': true; must be false",
                "llama; 'rope_scaling': {'rope_type': 'proportional', 'factor': 2.0}; must be"
                        + " default, dynamic,",
                "phi; 'partial_rotary_factor': 0.25; must be in (0, 1] and rotate an even number",
                "llama; 'rope_scaling': {'rope_type': 'longrope', 'short_factor': [1.0],"
                        + " 'long_factor': [1.0, 2.0]}; $.rope_scaling.short_factor: must be one"
                        + " number for each of 2 pairs",
                "llama; 'rope_scaling': {'type': 'ntk', 'factor': 2.0}; $.rope_scaling: must be of"
                        + " another type than ntk",
                "new; 'rope_scaling': {'type': 'ntk', 'factor': 2.0, 'mixed_b': 0.5}; must be null",
                "new; 'rope_scaling': {'type': 'ntk', 'factor': 0.5}; must be at least 1, got 0.5",
                "new; 'pack_qkv': false; $.pack_qkv: must be true, got false",
                "new; 'logn_attention_scale': true; $.logn_attention_scale: must be false",
                "new; 'layer_norm_type': 'rms_norm'; must be layer_norm, got",
                "roformer; 'rotary_value': true; $.rotary_value: must be false, got true",
                "roformer; 'architectures': ['RoFormerForMultipleChoice']; must be RoFormerModel"
                        + " or",
                "deberta-v2; 'conv_kernel_size': 4; $.conv_kernel_size: must be 0 or odd, got 4",
                "deberta; 'relative_attention': true; $.pos_att_type: must be c2p, p2c or both",
                "deberta; 'talking_head': true; $.talking_head: must be false",
                "nomic_bert; 'n_embd': 16, 'rotary_scaling_factor': 2.0; must be null, got 2.0",
                "llama; 'rope_parameters': {'rope_type': 'default', 'partial_rotary_factor': 0.5};"
                        + " $.partial_rotary_factor: must be 1.0, as transformers does not read",
                "llama; 'rope_scaling': {'type': 'dynamic', 'factor': 2.0, 'alpha': 16.0};"
                        + " $.rope_scaling.alpha: this setting is unknown",
                "apertus; 'head_dim': 8; $.rope_parameters: the file must say how positions",
                "qwen2_moe; 'num_experts': 2; $.num_experts_per_tok: must be at most the number",
                "cwm; 'head_dim': 8; $.rope_parameters: the file must say how positions",
                "granite_swa; 'layer_rope_theta': [1e4]; must be as many as the layers, 2",
                "mellum; 'mlp_layer_types': ['dense', 'moe']; must be dense or sparse for each",
                "mpt; 'no_bias': false; $.no_bias: must be true",
                "mpt; 'attn_config': {'alibi': false}; $.attn_config.alibi: must be true",
                "mpt; 'attn_config': {'qk_ln': true}; $.attn_config.qk_ln: must be false",
                "xglm; 'pad_token_id': 2; $.pad_token_id: must be 0 or 1",
                "ernie; 'use_task_id': true; $.use_task_id: must be false",
                "rembert; 'tie_word_embeddings': true, 'architectures': ['RemBertForMaskedLM'];"
                        + " $.tie_word_embeddings: must be false",
                "electra; 'architectures': ['ElectraForMultipleChoice'], 'summary_type': 'mean';"
                        + " $.summary_type: must be first, which padding does not change",
                "gemma3_text; 'use_bidirectional_attention': true; must be false",
                "gemma2; 'layer_types': ['full_attention']; must be as many as the layers, 2",
                "gemma2; 'layer_types': ['full_attention', 'chunked_attention']; $.layer_types:"
                        + " must be full_attention or sliding_attention",
                "smollm3; 'no_rope_layers': [1]; $.no_rope_layers: must be as many as the layers",
                "falcon; 'new_decoder_architecture': true, 'parallel_attn': false; must be true",
                "phi3; 'architectures': ['Phi3ForMaskedLM']; $.architectures: must be",
                "llama; 'rope_parameters': {'rope_theta': 1e4, 'beta': 2}; $.rope_parameters.beta",
                "mistral; 'sliding_window': 0; $.sliding_window: expected a whole number in [1,"
                        + " 2^31), got 0",
                "mistral; 'sliding_window': 4, 'layer_types': ['full_attention',"
                    + " 'sliding_attention']; all 2 layers must have the window of 4 or none, but 1"
                    + " have it",
                "mistral; 'layer_types': ['full_attention', 'chunked_attention']; $.layer_types:"
                        + " must be full_attention or sliding_attention",
                "gpt_neo; 'attention_layers': ['global', 'sparse']; $.attention_layers: must be"
                        + " global or local",
                "gpt_neo; 'attention_types': [[['global'], 2]]; $.attention_types: must be beside"
                        + " attention_layers",
                "deit; 'architectures': ['DeiTForImageClassification']; $.architectures: must be",
                "gpt; 'architectures': null; $.model_type: the model must be of images"
                        + " (clip, clip_vision_model, deit, ",
                "vit; 'qkv_bias': false; $.qkv_bias: must be true",
                "defaults; 'model_type': 'vit', 'image_size': [8, 8, 8]; must be a number or"
                        + " [height, width]",
                "defaults; 'model_type': 'vit', 'hidden_size': 0; $.hidden_size: expected a whole"
                        + " number in [1, 2^31), got 0",
            })
    void refusesByName(String family, String settings, String message) {
        SpecException e =
                assertThrows(SpecException.class, () -> read(of(family) + ", " + settings));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().contains("config.json:1: $."), e.getMessage());
    }

    @Test
    void reportsUnknownSettingsInALine() {
        List<String> warnings =
                read(BERT + ", 'mystery': 3, 'other': [1], 'none': null").warnings();
        assertEquals(1, warnings.size());
        assertTrue(
                warnings.get(0)
                        .endsWith(
                                "unknown settings are ignored: mystery, other; check that they do"
                                        + " not change the network"),
                warnings.get(0));
    }

    @Test
    void keepsEveryDropout() {
        Gpt gpt =
                (Gpt)
                        read(GPT2 + ", 'attn_pdrop': 0.0, 'resid_pdrop': 0.2, 'embd_pdrop': 0.3")
                                .spec()
                                .network();
        assertEquals(new DropoutRates(0.3, 0, 0.2, 0), gpt.dropout());
        Bert bert =
                (Bert)
                        read(BERT + ", 'hidden_dropout_prob': 0.2, 'classifier_dropout': 0.3")
                                .spec()
                                .network();
        assertEquals(new DropoutRates(0.2, 0.1, 0.2, 0.3), bert.dropout());
        assertEquals(DropoutRates.of(0.1), ((Bert) read(BERT).spec().network()).dropout());
    }

    private Llama llama(String family, String settings) {
        return (Llama) read(of(family) + ", " + settings).spec().network();
    }

    @Test
    void windowsHideWhatTheyHideInTransformers() {
        assertEquals(4, llama("mistral", "'sliding_window': 4").window());
        assertEquals(0, llama("mistral", "'sliding_window': 8").window());
        String sliding = "'use_sliding_window': true, 'sliding_window': 4, ";
        assertEquals(4, llama("qwen2", sliding + "'max_window_layers': 0").window());
        assertEquals(0, llama("qwen2", sliding + "'max_window_layers': 2").window());
        String types = "'layer_types': ['sliding_attention', 'sliding_attention']";
        assertEquals(4, llama("qwen2", sliding + types).window());
    }

    @Test
    void readsTheShapeOfLlamas() {
        Llama wide = llama("llama", "'head_dim': 8, 'attention_bias': true, 'mlp_bias': true");
        assertEquals(8, wide.headWidth());
        assertTrue(wide.qkvBias() && wide.outputBias() && wide.mlpBias());
        Llama qwen = llama("qwen2", "'tie_word_embeddings': true");
        assertTrue(qwen.qkvBias() && !qwen.outputBias() && !qwen.mlpBias() && qwen.tied());
        assertEquals(
                new DecoderHead.None(),
                llama("mistral", "'architectures': ['MistralModel']").head());
        assertEquals(
                RotaryScaling.NONE,
                llama("llama", "'rope_scaling': {'type': 'dynamic', 'factor': 2.0}")
                        .rotary()
                        .scaling());
    }

    @ParameterizedTest
    @CsvSource({
        "gpt2, GPT2",
        "llama, Llama",
        "mistral, Mistral",
        "qwen2, Qwen2",
        "bloom, Bloom",
        "falcon, Falcon",
        "gemma2, Gemma2",
        "granite, Granite",
        "opt, OPT",
        "phi3, Phi3",
        "smollm3, SmolLM3"
    })
    void decodersClassify(String type, String prefix) {
        String kind = "'architectures': ['%sForSequenceClassification'], ".formatted(prefix);
        ModelSource model =
                read(of(type) + ", " + kind + "'id2label': {'0': 'no', '1': 'maybe', '2': 'yes'}");
        assertEquals(new Shape(-1, 3), model.spec().newBlock().outputShape());
        assertEquals(List.of("no", "maybe", "yes"), model.metadata().classNames());
        // transformers has two classes unless a file says more.
        ModelSource plain = read(of(type) + ", " + kind + "'pad_token_id': 0");
        assertEquals(new Shape(-1, 2), plain.spec().newBlock().outputShape());
    }

    @Test
    void readsPublishedFilesOfNewerEncoders() {
        ModelSource third =
                read(
                        "'model_type': 'deberta-v2', 'vocab_size': 9, 'hidden_size': 8,"
                                + " 'num_hidden_layers': 1, 'num_attention_heads': 2,"
                                + " 'intermediate_size': 12, 'max_position_embeddings': 16,"
                                + " 'relative_attention': true, 'position_buckets': 4,"
                                + " 'max_relative_positions': -1, 'norm_rel_ebd': 'layer_norm',"
                                + " 'share_att_key': true, 'pos_att_type': 'p2c|c2p',"
                                + " 'position_biased_input': false, 'pooler_dropout': 0,"
                                + " 'pooler_hidden_act': 'gelu', 'type_vocab_size': 0");
        assertEquals(List.of(), third.warnings());
        PositionSpec distances = ((Bert) third.spec().network()).blocks().position();
        NormSpec norm = new NormSpec.OfLayer(1e-7, 1);
        assertEquals(new Disentangled(16, 4, true, true, true, true, norm, ""), distances);
        String sizes = "'model_type': 'nomic_bert', 'vocab_size': 9, 'type_vocab_size': 2, ";
        ModelSource authors =
                read(
                        sizes
                                + "'n_embd': 8, 'n_head': 2, 'n_inner': 12, 'n_layer': 1,"
                                + " 'n_positions': 16, 'activation_function': 'swiglu',"
                                + " 'layer_norm_epsilon': 1e-12, 'rotary_emb_base': 500,"
                                + " 'rotary_emb_fraction': 1.0, 'rotary_scaling_factor': null,"
                                + " 'qkv_proj_bias': false, 'prenorm': false, 'resid_pdrop': 0.0");
        assertEquals(List.of(), authors.warnings());
        LayerSpec same =
                read(sizes
                                + "'hidden_size': 8, 'num_attention_heads': 2,"
                                + " 'intermediate_size': 12, 'num_hidden_layers': 1,"
                                + " 'max_position_embeddings': 16, 'rope_theta': 500")
                        .spec()
                        .network();
        assertEquals(same, authors.spec().network());
    }

    @Test
    void anotherNumberOfClassesKeepsTheLayersBeforeTheHead() {
        String classes = "'architectures': ['ModernBertDecoderForSequenceClassification']";
        String sizes =
                "'model_type': 'modernbert-decoder', 'vocab_size': 9, 'hidden_size': 8,"
                        + " 'num_hidden_layers': 2, 'num_attention_heads': 2,"
                        + " 'intermediate_size': 12, 'max_position_embeddings': 16, ";
        ModelSpec spec = read(sizes + classes).spec();
        assertEquals(TextOutput.CLASSES, TextOutput.of(spec));
        ModelSpec more = spec.withClasses(5);
        assertEquals(new Shape(-1, 5), more.newBlock().outputShape());
        assertTrue(((Decoder) more.network()).head() instanceof DecoderHead.Transformed);
        var paths = more.newBlock().namedParameters().keySet();
        assertTrue(paths.contains("transform.dense.weight"), paths.toString());
        assertTrue(paths.contains("blocks.1.attention.before.norm.weight"), paths.toString());
        assertFalse(paths.contains("blocks.0.attention.before.norm.weight"), paths.toString());
    }

    @Test
    void classifiersOfTokensHaveDropout() {
        String type =
                "'id2label': {'0': 'a', '1': 'b'}, 'architectures': ['%sForTokenClassification']";
        String gpt2 = GPT2 + ", " + type.formatted("GPT2");
        String bloom = of("bloom") + ", " + type.formatted("Bloom");
        assertEquals(0.1, dropoutOfTokens(gpt2));
        assertEquals(0.3, dropoutOfTokens(gpt2 + ", 'classifier_dropout': 0.3"));
        assertEquals(0.2, dropoutOfTokens(bloom + ", 'hidden_dropout': 0.2"));
    }

    private double dropoutOfTokens(String settings) {
        LayerSpec network = read(settings).spec().network();
        DecoderHead head = network instanceof Gpt gpt ? gpt.head() : ((Decoder) network).head();
        return ((DecoderHead.TokenClasses) head).dropout();
    }

    /** The windows and positions of blocks, by their index. */
    private List<BlockAttention> exceptions(String family, String settings) {
        return ((Decoder) read(of(family) + ", " + settings).spec().network())
                .blocks()
                .exceptions();
    }

    @Test
    void layersHaveWindowsAndPositionsApart() {
        // The most frequent kind is the attention of all blocks, here the first.
        String sliding = "'use_sliding_window': true, 'sliding_window': 4, 'max_window_layers': 1";
        assertEquals(4, exceptions("qwen2", sliding).get(0).window());
        assertEquals(List.of(1), exceptions("qwen2", sliding).get(0).blocks());
        assertEquals(exceptions("qwen2", sliding), exceptions("qwen3", sliding));
        List<BlockAttention> rotated = exceptions("smollm3", "'no_rope_layers': [1, 0]");
        assertEquals(List.of(1), rotated.get(0).blocks());
        assertEquals(PositionSpec.NONE, rotated.get(0).position());
        assertEquals(List.of(), exceptions("smollm3", "'no_rope_layers': [1, 1]"));
        String second = "'sliding_window_pattern': 2, 'sliding_window': ";
        assertEquals(PositionSpec.NONE, exceptions("exaone4", second + 4).get(0).position());
        assertEquals(List.of(), exceptions("exaone4", second + "null"));
        assertEquals(List.of(), exceptions("ministral", "'sliding_window': null"));
    }

    @Test
    void readsEveryScalingOfRotaryPositions() {
        String yarn =
                "'rope_scaling': {'type': 'yarn', 'factor': 4.0, 'mscale': 1.0,"
                        + " 'mscale_all_dim': 0.5, 'original_max_position_embeddings': 2}";
        RotaryScaling.Yarn scaling = (RotaryScaling.Yarn) llama("llama", yarn).rotary().scaling();
        double log = Math.log(4);
        assertEquals((0.1 * log + 1) / (0.05 * log + 1), scaling.factorOfScores(), 1e-12);
        String alpha =
                "'rope_scaling': {'type': 'dynamic', 'alpha': 16.0, 'factor': 1.0, 'beta_fast': 32,"
                        + " 'beta_slow': 1, 'mscale': 1.0, 'mscale_all_dim': 1.0}";
        Decoder hunyuan = (Decoder) read(of("hunyuan_v1_dense") + ", " + alpha).spec().network();
        // 16 ^ (4 / 2) for heads of 4.
        PositionSpec.Rotary stretched =
                (PositionSpec.Rotary) hunyuan.blocks().attention().position();
        assertEquals(256 * 10000, stretched.base(), 1e-6);
        RotaryScaling.LongRope two =
                new RotaryScaling.LongRope(List.of(1.0, 1.0), List.of(2.0, 4.0), 8, 1);
        assertEquals(1, two.frequencies(100, 4, 8)[0], 1e-12);
        assertEquals(0.5, two.frequencies(100, 4, 9)[0], 1e-12);
        assertEquals(0.1 / 4, two.frequencies(100, 4, 9)[1], 1e-12);
    }

    @Test
    void imagesAreNormalizedAsThePreprocessorSays() throws IOException {
        String wide = VIT.replace("'image_size': 8", "'image_size': [8, 12]");
        InputSpec.Image plain = (InputSpec.Image) read(wide).spec().input();
        assertEquals(List.of(3, 8, 12), plain.shape());
        assertEquals(List.of(0.5, 0.5, 0.5), plain.mean());
        Path file = folder.resolve("preprocessor_config.json");
        Files.writeString(file, "{\"image_mean\": [0.1, 0.2, 0.3], \"image_std\": [1, 2, 3]}");
        InputSpec.Image given = (InputSpec.Image) read(wide).spec().input();
        assertEquals(List.of(0.1, 0.2, 0.3), given.mean());
        assertEquals(List.of(1.0, 2.0, 3.0), given.std());
        Files.writeString(file, "{\"do_normalize\": false}");
        assertEquals(List.of(0.0, 0.0, 0.0), ((InputSpec.Image) read(VIT).spec().input()).mean());
        Files.writeString(file, "{\"image_mean\": [0.1]}");
        SpecException e = assertThrows(SpecException.class, () -> read(VIT));
        assertTrue(e.getMessage().contains("preprocessor_config.json:1: $.image_mean"));
    }
}
