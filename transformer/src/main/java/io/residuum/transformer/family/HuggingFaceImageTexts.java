package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.Sequential;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.clip.EndTokenPool;
import io.residuum.transformer.clip.ImageTextEncoder;
import io.residuum.transformer.clip.PairLogit;
import io.residuum.transformer.layers.LastTokenPool;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the settings of CLIP and SigLIP of transformers, and of their text towers. */
final class HuggingFaceImageTexts {
    private static final String PROJECTION = "projection";

    private static final InitSpec INIT = new InitSpec.Normal(0.02);

    /** The layers and the input of a text tower. */
    private record Text(List<LayerSpec> layers, InputSpec.Tokens input) {}

    private HuggingFaceImageTexts() {}

    /** Reads the text tower of CLIP. The output is all tokens, or the projected end token. */
    static ModelDescription clipText(ConfigObject settings, String name) {
        String tokens = "CLIPTextModel";
        String projected = "CLIPTextModelWithProjection";
        String type = HuggingFaceConfig.architecture(settings, tokens, tokens, projected);
        Text text = text(settings, false);
        int projection = settings.integer("projection_dim", 512);
        int end = end(settings);
        LayerSpec network =
                type.equals(projected)
                        ? projected("", text, end, projection)
                        : new Sequential("", text.layers());
        return ClassLabels.NONE.describe(new ModelSpec(name, text.input(), network));
    }

    /** Reads the text tower of SigLIP. The outputs are all tokens, and the projected last one. */
    static ModelDescription siglipText(ConfigObject settings, String name) {
        HuggingFaceConfig.architecture(settings, "SiglipTextModel", "SiglipTextModel");
        Text text = text(settings, true);
        List<LayerNode> nodes = new ArrayList<>();
        text.layers().forEach(layer -> nodes.add(LayerNode.of(layer)));
        nodes.set(2, nodes.get(2).to(Layer.OUTPUT));
        siglipHead(settings).forEach(layer -> nodes.add(LayerNode.of(layer)));
        Names outputs = Names.of(List.of(Layer.OUTPUT, PROJECTION));
        LayerSpec network = new LayerGraph("", Names.of("input"), nodes, outputs);
        return ClassLabels.NONE.describe(new ModelSpec(name, text.input(), network));
    }

    /** Reads both towers. */
    static ModelDescription both(
            ConfigObject settings,
            @Nullable ConfigObject preprocessor,
            String name,
            boolean siglip) {
        String model = siglip ? "SiglipModel" : "CLIPModel";
        HuggingFaceConfig.architecture(settings, model, model);
        String elsewhere = "settings must be in text_config and vision_config";
        settings.requireEmpty("text_config_dict", elsewhere);
        settings.requireEmpty("vision_config_dict", elsewhere);
        ConfigObject ofText = part(settings, "text_config");
        ConfigObject ofImages = part(settings, "vision_config");
        Text text = text(ofText, siglip);
        VisionTransformer images;
        LayerSpec texts;
        PairLogit logit;
        if (siglip) {
            images = HuggingFaceImageModels.siglipTower(ofImages);
            List<LayerSpec> layers = new ArrayList<>(text.layers());
            layers.addAll(siglipHead(ofText));
            texts = new Sequential("tower", layers);
            logit = PairLogit.withBias();
        } else {
            int projection = settings.integer("projection_dim", 512);
            ofText.ignore("projection_dim");
            ofImages.ignore("projection_dim");
            images = HuggingFaceImageModels.clipTower(ofImages, projection);
            texts = projected("tower", text, end(ofText), projection);
            logit = PairLogit.of(settings.number("logit_scale_init_value", 2.6592));
        }
        ImageTextEncoder network =
                new ImageTextEncoder(
                        "",
                        images.withName("tower"),
                        texts,
                        logit,
                        ofText.integer("pad_token_id", 1, 0));
        ModelDescription tower =
                HuggingFaceImageModels.describe(
                        ofImages, preprocessor, name, images, ClassLabels.NONE);
        InputSpec input =
                new InputSpec.Several(
                        List.of(
                                new NamedInput(ImageTextEncoder.IMAGE, tower.spec().input()),
                                new NamedInput(ImageTextEncoder.TEXT, text.input())));
        List<String> warnings = new ArrayList<>(HuggingFaceConfig.warningsOfPart(ofText));
        warnings.addAll(HuggingFaceConfig.warningsOfPart(ofImages));
        return ClassLabels.NONE
                .describe(new ModelSpec(name, input, network))
                .withWarnings(warnings);
    }

    private static List<LayerSpec> siglipHead(ConfigObject settings) {
        int units = settings.integer("projection_size", settings.integer("hidden_size", 768));
        return List.of(new LastTokenPool("pool"), new Linear(PROJECTION, units, true, INIT));
    }

    private static ConfigObject part(ConfigObject settings, String key) {
        return settings.object(key)
                .orElseThrow(() -> settings.refusal(key, "must have the settings of a tower"));
    }

    private static Text text(ConfigObject settings, boolean siglip) {
        int vocabulary = settings.integer("vocab_size", siglip ? 32000 : 49408);
        int width = settings.integer("hidden_size", siglip ? 768 : 512);
        int heads = settings.integer("num_attention_heads", siglip ? 12 : 8);
        int length = settings.integer("max_position_embeddings", siglip ? 64 : 77);
        int hidden = settings.integer("intermediate_size", siglip ? 3072 : 2048);
        NormSpec norm =
                HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", siglip ? 1e-6 : 1e-5);
        Attention attention =
                Attention.builder(heads)
                        .projection(Attention.Projection.of(true, true, INIT))
                        .causal(!siglip)
                        .weightDropout(settings.number("attention_dropout", 0))
                        .build();
        FeedForward mlp =
                FeedForward.plain(
                                1,
                                HuggingFaceConfig.activation(
                                        settings,
                                        "hidden_act",
                                        siglip ? "gelu_pytorch_tanh" : "quick_gelu"),
                                0,
                                INIT)
                        .withWidth(hidden);
        int depth = settings.integer("num_hidden_layers", 12);
        return new Text(
                List.of(
                        TokenEmbedding.of(vocabulary, width, PositionTable.LEARNED, 0)
                                .withLength(length),
                        TransformerBlocks.of(depth, attention, mlp, norm, NormPlacement.PRE),
                        new Normalization("norm", norm)),
                new InputSpec.Tokens(length, vocabulary));
    }

    /** {@return the id of the end; -1 for the largest, as in files from before July 2023} */
    private static int end(ConfigObject settings) {
        int end = settings.integer("eos_token_id", 49407, 0);
        return end == 2 ? -1 : end;
    }

    private static LayerSpec projected(String name, Text text, int end, int projection) {
        List<LayerNode> nodes = new ArrayList<>();
        text.layers().forEach(layer -> nodes.add(LayerNode.of(layer)));
        nodes.set(0, nodes.get(0).from("ids"));
        nodes.add(LayerNode.of(new EndTokenPool("pool", end)).with("ids", "ids"));
        nodes.add(LayerNode.of(new Linear("head", projection, false, INIT)));
        return new LayerGraph(name, Names.of("ids"), nodes, Names.NONE);
    }
}
