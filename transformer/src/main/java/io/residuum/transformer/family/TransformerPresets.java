package io.residuum.transformer.family;

import io.residuum.residual.ScaleSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.PresetInputs;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.family.VisionTransformer.Pool;
import io.residuum.transformer.seq2seq.EncoderDecoderTransformer;
import java.util.ArrayList;
import java.util.List;

/** Lists published transformers as presets. */
public final class TransformerPresets implements PresetProvider {

    private static final String GPT_1 =
            "Radford et al. 2018, Improving Language Understanding by Generative Pre-Training,"
                    + " Section 4.1";
    private static final String GPT_2 =
            "Radford et al. 2019, Language Models are Unsupervised Multitask Learners, Table 2";
    private static final String GPT_3 = "Brown et al. 2020, arXiv:2005.14165, Table 2.1";
    private static final String NANO_GPT =
            "Karpathy 2022, nanoGPT, config/train_shakespeare_char.py; its layer norms have biases"
                    + " here";
    private static final String SMALL_BERT = "Turc et al. 2019, arXiv:1908.08962, Table 1";
    private static final String BERT = "Devlin et al. 2019, arXiv:1810.04805, Section 3";
    private static final String VIT = "Dosovitskiy et al. 2021, arXiv:2010.11929, Table 1";
    private static final String DEIT = "Touvron et al. 2021, arXiv:2012.12877, Table 1";
    private static final String LAYER_SCALE =
            "Touvron et al. 2022, arXiv:2204.07118, with LayerScale of CaiT (Touvron et al. 2021,"
                    + " arXiv:2103.17239)";
    private static final String DINO_V2 = "Oquab et al. 2023, arXiv:2304.07193, Table 17";
    private static final String REGISTERS = "Darcet et al. 2024, arXiv:2309.16588, Section 2.2";
    private static final String SIGLIP = "Zhai et al. 2023, arXiv:2303.15343, Section 4";
    private static final String CAIT = "Touvron et al. 2021, arXiv:2103.17239, Table 3";
    private static final String LLAMA_2 = "Touvron et al. 2023, arXiv:2307.09288, Section 2.2";
    private static final String LLAMA_3 = "Grattafiori et al. 2024, arXiv:2407.21783, Table 3";
    private static final String STORIES =
            "Eldan and Li 2023, arXiv:2305.07759, in the sizes of Karpathy's llama2.c";
    private static final String VASWANI = "Vaswani et al. 2017, arXiv:1706.03762, Table 3";

    /** The usual normalization of ViTs that do not use the statistics of ImageNet. */
    private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);

    private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
    private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);

    private static final int GPT_VOCABULARY = 50257;
    private static final int BERT_VOCABULARY = 30522;

    /** The characters in the plays of Shakespeare. Training adapts it to its text. */
    private static final int CHARACTERS = 65;

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        text(
                all,
                "gpt1",
                512,
                40478,
                Gpt.of(40478, 768, 12, 12).withPlacement(NormPlacement.POST),
                GPT_1);
        gpt(all, "gpt2", 1024, 768, 12, 12, GPT_2);
        gpt(all, "gpt2-medium", 1024, 1024, 24, 16, GPT_2);
        gpt(all, "gpt2-large", 1024, 1280, 36, 20, GPT_2);
        gpt(all, "gpt2-xl", 1024, 1600, 48, 25, GPT_2);
        gpt3(all);
        text(all, "char-gpt", 64, CHARACTERS, nanoGpt(128, 4, 4, 0), NANO_GPT);
        text(all, "char-gpt-medium", 256, CHARACTERS, nanoGpt(384, 6, 6, 0.2), NANO_GPT);
        smallBert(all, "tiny", 128, 2);
        smallBert(all, "mini", 256, 4);
        smallBert(all, "small", 512, 4);
        smallBert(all, "medium", 512, 8);
        bert(all, "base", 768, 12, 12);
        bert(all, "large", 1024, 24, 16);
        vit(all, "ti", 192, 3);
        vit(all, "s", 384, 6);
        vit(all, "b", 768, 12);
        largeVits(all);
        cait(all);
        llama(all);
        LayerSpec base = EncoderDecoderTransformer.of(37000, 512, 6, 8);
        LayerSpec big = EncoderDecoderTransformer.of(37000, 1024, 6, 16).withDropout(0.3);
        text(all, "transformer-base", 512, 37000, base, VASWANI);
        text(all, "transformer-big", 512, 37000, big, VASWANI);
        return PresetInputs.read(TransformerPresets.class, "inputs.json").applyTo(all);
    }

    /**
     * Adds the rows of the table, with two corrections of heads that do not fit their width: XL has
     * 16 heads of 128, not 24, and 13B is 5120 wide, not 5140. Every second block of the original
     * attends to a band only, which the paper does not specify further. These attend to all
     * positions.
     */
    private static void gpt3(List<Preset> all) {
        gpt(all, "gpt3-125m", 2048, 768, 12, 12, GPT_3);
        gpt(all, "gpt3-350m", 2048, 1024, 24, 16, GPT_3);
        gpt(all, "gpt3-760m", 2048, 1536, 24, 16, GPT_3);
        gpt(all, "gpt3-1.3b", 2048, 2048, 24, 16, GPT_3);
        gpt(all, "gpt3-2.7b", 2048, 2560, 32, 32, GPT_3);
        gpt(all, "gpt3-6.7b", 2048, 4096, 32, 32, GPT_3);
        gpt(all, "gpt3-13b", 2048, 5120, 40, 40, GPT_3);
        gpt(all, "gpt3-175b", 2048, 12288, 96, 96, GPT_3);
    }

    /** {@return a GPT with pre-norm, no biases in linear maps, exact GELU and a tied head} */
    private static Gpt nanoGpt(int width, int depth, int heads, double dropout) {
        return Gpt.of(CHARACTERS, width, depth, heads)
                .with()
                .activation(new ActivationSpec.Gelu())
                .bias(false)
                .dropout(DropoutRates.of(dropout))
                .build();
    }

    private static void llama(List<Preset> all) {
        llama(all, "llama-2-7b", 4096, Llama.of(32000, 4096, 32, 32, 11008), LLAMA_2);
        llama(all, "llama-2-13b", 4096, Llama.of(32000, 5120, 40, 40, 13824), LLAMA_2);
        Llama grouped = Llama.of(32000, 8192, 80, 64, 28672).withKvHeads(8);
        llama(all, "llama-2-70b", 4096, grouped, LLAMA_2);
        llama3(all, "llama-3-8b", Llama.of(128256, 4096, 32, 32, 14336));
        llama3(all, "llama-3-70b", Llama.of(128256, 8192, 80, 64, 28672));
        stories(all, "stories260k", 512, Llama.of(512, 64, 5, 8, 172).withKvHeads(4));
        stories(all, "stories15m", 256, Llama.of(32000, 288, 6, 6, 768));
        stories(all, "stories42m", 1024, Llama.of(32000, 512, 8, 8, 1376));
        stories(all, "stories110m", 1024, Llama.of(32000, 768, 12, 12, 2048));
    }

    private static void llama3(List<Preset> all, String name, Llama llama) {
        Llama three = llama.withKvHeads(8).withRotary(llama.rotary().withBase(500000));
        llama(all, name, 8192, three, LLAMA_3);
    }

    private static void llama(
            List<Preset> all, String name, int length, Llama llama, String citation) {
        text(all, name, length, llama.vocabulary(), llama, citation);
    }

    private static void stories(List<Preset> all, String name, int length, Llama llama) {
        Llama paired = llama.withRotary(llama.rotary().withInterleaved(true)).withTied(true);
        llama(all, name, length, paired, STORIES);
    }

    private static void gpt(
            List<Preset> all,
            String name,
            int length,
            int width,
            int depth,
            int heads,
            String citation) {
        Gpt gpt = Gpt.of(GPT_VOCABULARY, width, depth, heads);
        text(all, name, length, GPT_VOCABULARY, gpt, citation);
    }

    private static void bert(List<Preset> all, String size, int width, int depth, int heads) {
        Bert encoder = Bert.of(BERT_VOCABULARY, width, depth, heads);
        String name = "bert-" + size + "-uncased";
        text(all, name, 512, BERT_VOCABULARY, encoder, BERT);
        text(
                all,
                name + "-pretraining",
                512,
                BERT_VOCABULARY,
                encoder.withHead(new Bert.Head.Pretraining()),
                BERT);
    }

    /** Uses heads of width 64, as the paper does. */
    private static void smallBert(List<Preset> all, String size, int width, int depth) {
        Bert bert = Bert.of(BERT_VOCABULARY, width, depth, width / 64);
        text(all, "bert-" + size, 512, BERT_VOCABULARY, bert, SMALL_BERT);
    }

    private static void vit(List<Preset> all, String size, int width, int heads) {
        VisionTransformer vit = VisionTransformer.of(16, width, 12, heads);
        image(all, "vit-" + size + "-16", vit, HALF, HALF, size.equals("b") ? VIT : DEIT);
        VisionTransformer distilled = vit.withPool(Pool.DISTILLED);
        image(all, "deit-" + size + "-16-distilled", distilled, IMAGENET_MEAN, IMAGENET_STD, DEIT);
        if (size.equals("ti")) {
            return;
        }
        VisionTransformer scaled =
                vit.withTokenPositions(false).withScale(new ScaleSpec.Learned(1e-4, true));
        image(all, "deit3-" + size + "-16", scaled, IMAGENET_MEAN, IMAGENET_STD, LAYER_SCALE);
    }

    private static void largeVits(List<Preset> all) {
        torchvision(all, "vit-b-32", VisionTransformer.of(32, 768, 12, 12));
        torchvision(all, "vit-l-16", VisionTransformer.of(16, 1024, 24, 16));
        torchvision(all, "vit-l-32", VisionTransformer.of(32, 1024, 24, 16));
        torchvision(all, "vit-h-14", VisionTransformer.of(14, 1280, 32, 16));
        dinov2(all, "s", VisionTransformer.of(14, 384, 12, 6));
        dinov2(all, "b", VisionTransformer.of(14, 768, 12, 12));
        dinov2(all, "l", VisionTransformer.of(14, 1024, 24, 16));
        VisionTransformer siglip =
                VisionTransformer.of(16, 768, 12, 12)
                        .with()
                        .pool(Pool.ATTENTION)
                        .classes(0)
                        .build();
        image(all, "siglip-b-16", siglip, HALF, HALF, SIGLIP);
    }

    /** Adds a ViT with the normalization of torchvision, which differs from timm's. */
    private static void torchvision(List<Preset> all, String name, VisionTransformer vit) {
        image(all, name, vit, IMAGENET_MEAN, IMAGENET_STD, VIT + "; as in torchvision");
    }

    /** Without a head, the output is the class token. Registers have no positions. */
    private static void dinov2(List<Preset> all, String size, VisionTransformer vit) {
        ScaleSpec scale = new ScaleSpec.Learned(1e-5, true);
        VisionTransformer plain = vit.with().scale(scale).classes(0).build();
        String name = "dinov2-" + size + "-14";
        image(all, name, 518, plain, IMAGENET_MEAN, IMAGENET_STD, DINO_V2);
        VisionTransformer registers = plain.with().registers(4).tokenPositions(false).build();
        String longer = name + "-reg4";
        image(all, longer, 518, registers, IMAGENET_MEAN, IMAGENET_STD, REGISTERS);
    }

    /** Begins LayerScale as the published code. 48-block models were trained at 448 only. */
    private static void cait(List<Preset> all) {
        cait(all, "xxs24", Cait.of(192, 24, 1e-5), 224, 384);
        cait(all, "xxs36", Cait.of(192, 36, 1e-5), 224, 384);
        cait(all, "xs24", Cait.of(288, 24, 1e-5), 224, 384);
        cait(all, "s24", Cait.of(384, 24, 1e-5), 224, 384);
        cait(all, "s36", Cait.of(384, 36, 1e-6), 224, 384);
        cait(all, "m36", Cait.of(768, 36, 1e-6), 224, 384);
        cait(all, "m48", Cait.of(768, 48, 1e-6), 448);
    }

    private static void cait(List<Preset> all, String size, Cait cait, int... images) {
        for (int image : images) {
            String name = "cait-" + size + "-16" + (image == 224 ? "" : "-" + image);
            image(all, name, image, cait, IMAGENET_MEAN, IMAGENET_STD, CAIT);
        }
    }

    private static void text(
            List<Preset> all,
            String name,
            int length,
            int vocabulary,
            LayerSpec network,
            String citation) {
        add(all, name, new InputSpec.Tokens(length, vocabulary), network, citation);
    }

    private static void image(
            List<Preset> all,
            String name,
            VisionTransformer network,
            List<Double> mean,
            List<Double> std,
            String citation) {
        image(all, name, 224, network, mean, std, citation);
    }

    private static void image(
            List<Preset> all,
            String name,
            int size,
            LayerSpec network,
            List<Double> mean,
            List<Double> std,
            String citation) {
        InputSpec input = new InputSpec.Image(List.of(3, size, size), mean, std);
        add(all, name, input, network, citation);
    }

    private static void add(
            List<Preset> all, String name, InputSpec input, LayerSpec network, String citation) {
        String family = network.getClass().getAnnotation(TypeName.class).value();
        all.add(new Preset(name, family, new ModelSpec(name, input, network), citation));
    }
}
