package io.residuum.vision.efficientnet;

import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.efficientnet.Widths.Scaling;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Provides the networks of inverted residuals of the literature as presets. Names are timm's; those
 * with {@code tf} have TensorFlow's padding and eps. Where torchvision's networks differ from
 * timm's, in eps, they have torchvision's names.
 */
public final class EfficientNetPresets implements PresetProvider {
    private static final String MNASNET = "Tan et al. 2019, arXiv:1807.11626, Figure 7";
    private static final String MOBILENET = "Howard et al. 2017, arXiv:1704.04861, Table 1";
    private static final String MOBILENET_V2 = "Sandler et al. 2018, arXiv:1801.04381, Table 2";
    private static final String MOBILENET_V3 = "Howard et al. 2019, arXiv:1905.02244, Table ";
    private static final String EFFICIENTNET = "Tan and Le 2019, arXiv:1905.11946, Table 1";
    private static final String FBNET = "Wu et al. 2019, arXiv:1812.03443, Figure 4";
    private static final String SINGLE_PATH = "Stamoulis et al. 2019, arXiv:1904.02877, Figure 4";
    private static final String TINYNET = "Han et al. 2020, arXiv:2010.14819, Table 3";
    private static final String LCNET = "Cui et al. 2021, arXiv:2109.15099, Table 1";

    static final ActivationSpec SILU = new ActivationSpec.Silu();
    private static final ActivationSpec RELU6 = new ActivationSpec.Relu6();
    static final ActivationSpec HARD_SWISH = new ActivationSpec.HardSwish();

    /** The networks whose weights in timm read values from -1 to 1. */
    private static final Pattern SYMMETRIC =
            Pattern.compile(
                    "mobilenetv1-.*|tf-mobilenetv3-.*|tf-efficientnet-(lite.|b8|e[sml])"
                            + "|tf-efficientnetv2-(s|m|l|xl|b3)");

    /** TensorFlow's eps and momentum. */
    private static final NormSpec TF_NORM = new NormSpec.Batch(1e-3, 0.01, 1);

    /** TensorFlow's eps and PyTorch's momentum. */
    static final NormSpec TF_EPS = new NormSpec.Batch(1e-3, 0.1, 1);

    private static final String[] B0 = {
        "ds_r1_k3_s1_c16_se0.25", "ir_r2_k3_s2_e6_c24_se0.25", "ir_r2_k5_s2_e6_c40_se0.25",
        "ir_r3_k3_s2_e6_c80_se0.25", "ir_r3_k5_s1_e6_c112_se0.25", "ir_r4_k5_s2_e6_c192_se0.25",
        "ir_r1_k3_s1_e6_c320_se0.25"
    };

    /** The factors of width and depth, image size and dropout by size: B0 to B8, and L2. */
    private static final double[][] COMPOUND = {
        {1.0, 1.0, 224, 0.2}, {1.0, 1.1, 240, 0.2}, {1.1, 1.2, 260, 0.3}, {1.2, 1.4, 300, 0.3},
        {1.4, 1.8, 380, 0.4}, {1.6, 2.2, 456, 0.4}, {1.8, 2.6, 528, 0.5}, {2.0, 3.1, 600, 0.5},
        {2.2, 3.6, 672, 0.5}, {4.3, 5.3, 800, 0.5}
    };

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        mobilenets(all);
        mobilenetsV3(all);
        mnasnets(all);
        efficientnets(all);
        FusedPresets.addTo(all);
        SearchedPresets.addTo(all);
        return StandardInputs.published(all);
    }

    private static void mobilenets(List<Preset> all) {
        String[] first = {
            "dsa_r1_k3_s1_c64",
            "dsa_r2_k3_s2_c128",
            "dsa_r2_k3_s2_c256",
            "dsa_r6_k3_s2_c512",
            "dsa_r2_k3_s2_c1024"
        };
        BlockSettings relu6 = BlockSettings.DEFAULT.withActivation(RELU6);
        for (double width : new double[] {1, 1.25}) {
            Scaling by = Scaling.of(width, 1);
            EfficientNet net = net(by.channels(32), by.stages(first), relu6, 0);
            add(all, "mobilenetv1-" + percent(width), 224, net, MOBILENET);
            if (width == 1) {
                add(all, "mobilenetv1-100h", 224, net.withHead(convolution(1024)), MOBILENET);
            }
        }
        String[] second = {
            "ds_r1_k3_s1_c16",
            "ir_r2_k3_s2_e6_c24",
            "ir_r3_k3_s2_e6_c32",
            "ir_r4_k3_s2_e6_c64",
            "ir_r3_k3_s1_e6_c96",
            "ir_r3_k3_s2_e6_c160",
            "ir_r1_k3_s1_e6_c320"
        };
        for (double width : new double[] {0.35, 0.5, 0.75, 1, 1.4}) {
            Scaling by = Scaling.of(width, 1);
            int head = Math.max(1280, by.channels(1280));
            EfficientNet net = net(by.channels(32), by.stages(second), relu6, head);
            add(all, "mobilenetv2-" + percent(width), 224, net, MOBILENET_V2);
        }
        for (double width : new double[] {1.1, 1.2}) {
            double depth = width == 1.1 ? 1.2 : 1.4;
            Scaling by = new Scaling(width, depth, Widths.LIMIT, true, false);
            EfficientNet net = net(32, by.stages(second), relu6, 1280);
            add(all, "mobilenetv2-" + percent(width) + "d", 224, net, MOBILENET_V2);
        }
    }

    private static void mobilenetsV3(List<Preset> all) {
        String[] large = {
            "ds_r1_k3_s1_c16_nre",
            "ir_r1_k3_s2_e4_c24_nre ir_r1_k3_s1_e3_c24_nre",
            "ir_r3_k5_s2_e3_c40_se0.25_nre",
            "ir_r1_k3_s2_e6_c80 ir_r1_k3_s1_e2.5_c80 ir_r2_k3_s1_e2.3_c80",
            "ir_r2_k3_s1_e6_c112_se0.25",
            "ir_r3_k5_s2_e6_c160_se0.25",
            "cn_r1_k1_s1_c960"
        };
        String[] small = {
            "ds_r1_k3_s2_c16_se0.25_nre",
            "ir_r1_k3_s2_e4.5_c24_nre ir_r1_k3_s1_e3.67_c24_nre",
            "ir_r1_k5_s2_e4_c40_se0.25 ir_r2_k5_s1_e6_c40_se0.25",
            "ir_r2_k5_s1_e3_c48_se0.25",
            "ir_r3_k5_s2_e6_c96_se0.25",
            "cn_r1_k1_s1_c576"
        };
        for (double width : new double[] {0.5, 0.75, 1}) {
            if (width > 0.5) {
                mobilenetV3(all, "large", large, 1280, width);
            }
            mobilenetV3(all, "small", small, 1024, width);
        }
        String[] lcnet = {
            "dsa_r1_k3_s1_c32", "dsa_r2_k3_s2_c64", "dsa_r2_k3_s2_c128",
            "dsa_r1_k3_s2_c256 dsa_r1_k5_s1_c256", "dsa_r4_k5_s1_c256", "dsa_r2_k5_s2_c512_se0.25"
        };
        BlockSettings settings =
                BlockSettings.DEFAULT
                        .with()
                        .activation(HARD_SWISH)
                        .squeezeFrom(BlockSettings.SqueezeFrom.EXPANSION)
                        .squeezeActivation(ActivationSpec.RELU)
                        .squeezeGate(new ActivationSpec.HardSigmoid())
                        .build();
        for (double width : new double[] {0.35, 0.5, 0.75, 1, 1.5}) {
            Scaling by = Scaling.of(width, 1);
            EfficientNet net =
                    net(by.channels(16), by.stages(lcnet), settings, 0)
                            .withHead(new EfficientNet.Head(1280, true, true));
            add(all, "lcnet-" + percent(width), 224, net, LCNET);
        }
    }

    private static void mobilenetV3(
            List<Preset> all, String size, String[] stages, int head, double width) {
        BlockSettings settings =
                BlockSettings.DEFAULT
                        .with()
                        .activation(HARD_SWISH)
                        .squeezeFrom(BlockSettings.SqueezeFrom.EXPANSION)
                        .squeezeDivisor(8)
                        .squeezeActivation(ActivationSpec.RELU)
                        .squeezeGate(new ActivationSpec.HardSigmoid())
                        .build();
        Scaling by = Scaling.of(width, 1);
        EfficientNet net =
                net(width < 0.75 ? 16 : by.channels(16), by.stages(stages), settings, 0)
                        .withHead(new EfficientNet.Head(head, true, true));
        String citation = MOBILENET_V3 + (size.equals("large") ? 1 : 2);
        String name = "mobilenetv3-" + size + "-" + percent(width);
        add(all, name, 224, net, citation);
        if (width > 0.5) {
            add(all, "tf-" + name, 224, net.withBlock(tf(settings)), citation);
        }
        if (width == 1) {
            add(
                    all,
                    "mobilenet-v3-" + size,
                    224,
                    net.withBlock(settings.withNorm(TF_NORM)),
                    citation);
            String[] minimal = new String[stages.length];
            for (int s = 0; s < stages.length; s++) {
                minimal[s] =
                        stages[s].replace("k5", "k3").replace("_se0.25", "").replace("_nre", "");
            }
            BlockSettings relu = tf(settings).withActivation(ActivationSpec.RELU);
            EfficientNet reduced = net.with().stages(by.stages(minimal)).block(relu).build();
            add(all, "tf-mobilenetv3-" + size + "-minimal-100", 224, reduced, citation);
        }
    }

    private static void mnasnets(List<Preset> all) {
        String[] a1 = {
            "ds_r1_k3_s1_c16_noskip", "ir_r2_k3_s2_e6_c24", "ir_r3_k5_s2_e3_c40_se0.25",
            "ir_r4_k3_s2_e6_c80", "ir_r2_k3_s1_e6_c112_se0.25", "ir_r3_k5_s2_e6_c160_se0.25",
            "ir_r1_k3_s1_e6_c320"
        };
        String[] b1 = {
            "ds_r1_k3_s1_c16_noskip", "ir_r3_k3_s2_e3_c24", "ir_r3_k5_s2_e3_c40",
            "ir_r3_k5_s2_e6_c80", "ir_r2_k3_s1_e6_c96", "ir_r4_k5_s2_e6_c192",
            "ir_r1_k3_s1_e6_c320_noskip"
        };
        BlockSettings relu = BlockSettings.DEFAULT;
        for (double width : new double[] {0.5, 0.75, 1, 1.3, 1.4}) {
            Scaling by = Scaling.of(width, 1);
            int stem = by.channels(32);
            add(
                    all,
                    "mnasnet-" + percent(width),
                    224,
                    net(stem, by.stages(b1), relu, 1280),
                    MNASNET);
            if (width == 1.3) {
                continue; // torchvision has no other network of this width
            }
            add(
                    all,
                    "semnasnet-" + percent(width),
                    224,
                    net(stem, by.stages(a1), relu, 1280),
                    MNASNET);
        }
        String[] small = {
            "ds_r1_k3_s1_c8",
            "ir_r1_k3_s2_e3_c16",
            "ir_r2_k3_s2_e6_c16",
            "ir_r4_k5_s2_e6_c32_se0.25",
            "ir_r3_k3_s1_e6_c32_se0.25",
            "ir_r3_k5_s2_e6_c88_se0.25",
            "ir_r1_k3_s1_e6_c144"
        };
        add(all, "mnasnet-small", 224, net(8, Scaling.NONE.stages(small), relu, 1280), MNASNET);
        String[] fbnet = {
            "ir_r1_k3_s1_e1_c16",
            "ir_r1_k3_s2_e6_c24 ir_r2_k3_s1_e1_c24",
            "ir_r1_k5_s2_e6_c32 ir_r1_k5_s1_e3_c32 ir_r1_k5_s1_e6_c32 ir_r1_k3_s1_e6_c32",
            "ir_r1_k5_s2_e6_c64 ir_r1_k5_s1_e3_c64 ir_r2_k5_s1_e6_c64",
            "ir_r3_k5_s1_e6_c112 ir_r1_k5_s1_e3_c112",
            "ir_r4_k5_s2_e6_c184",
            "ir_r1_k3_s1_e6_c352"
        };
        // timm changes eps for its pretrained weights only.
        BlockSettings eps = relu.withNorm(TF_EPS);
        add(all, "fbnetc-100", 224, net(16, Scaling.NONE.stages(fbnet), eps, 1984), FBNET);
        String[] path = {
            "ds_r1_k3_s1_c16_noskip", "ir_r3_k3_s2_e3_c24",
            "ir_r1_k5_s2_e6_c40 ir_r3_k3_s1_e3_c40", "ir_r1_k5_s2_e6_c80 ir_r3_k3_s1_e3_c80",
            "ir_r1_k5_s1_e6_c96 ir_r3_k5_s1_e3_c96", "ir_r4_k5_s2_e6_c192",
            "ir_r1_k3_s1_e6_c320_noskip"
        };
        add(all, "spnasnet-100", 224, net(32, Scaling.NONE.stages(path), relu, 1280), SINGLE_PATH);
    }

    private static void efficientnets(List<Preset> all) {
        BlockSettings silu = BlockSettings.DEFAULT.withActivation(SILU);
        for (int b = 0; b < COMPOUND.length; b++) {
            double[] row = COMPOUND[b];
            Scaling by = Scaling.of(row[0], row[1]);
            EfficientNet net =
                    net(by.channels(32), by.stages(B0), silu, by.channels(1280))
                            .withDropout(row[3]);
            String name = "efficientnet-" + (b == 9 ? "l2" : "b" + b);
            add(all, name, (int) row[2], net, EFFICIENTNET);
            add(all, "tf-" + name, (int) row[2], net.withBlock(tf(silu)), EFFICIENTNET);
            if (b >= 5 && b <= 7) {
                EfficientNet vision = net.withBlock(silu.withNorm(TF_NORM));
                add(all, "tv-" + name, (int) row[2], vision, EFFICIENTNET);
            }
        }
        variants(all, silu);
        BlockSettings relu6 = BlockSettings.DEFAULT.withActivation(RELU6);
        String[] lite = new String[B0.length];
        for (int s = 0; s < lite.length; s++) {
            lite[s] = B0[s].replace("_se0.25", "");
        }
        int[] sizes = {224, 240, 260, 280, 300};
        for (int b = 0; b < sizes.length; b++) {
            double[] row = COMPOUND[b];
            Scaling by = new Scaling(row[0], row[1], Widths.LIMIT, true, false);
            EfficientNet net =
                    net(32, by.stages(lite), relu6, 1280).withDropout(Math.min(row[3], 0.3));
            String name = "efficientnet-lite" + b;
            String citation = EFFICIENTNET + "; without squeeze-excitation";
            add(all, name, sizes[b], net, citation);
            add(all, "tf-" + name, sizes[b], net.withBlock(tf(relu6)), citation);
        }
        double[][] tiny = {
            {1, 1.2, 192}, {0.75, 1.1, 188}, {0.54, 0.85, 184}, {0.54, 0.695, 152}, {0.51, 0.6, 106}
        };
        for (int t = 0; t < tiny.length; t++) {
            Scaling by = new Scaling(tiny[t][0], tiny[t][1], Widths.LIMIT, false, true);
            EfficientNet net = net(32, by.stages(B0), silu, 1280);
            add(all, "tinynet-" + (char) ('a' + t), (int) tiny[t][2], net, TINYNET);
        }
    }

    /** Adds timm's variants with group norms, grouped convolutions and blurred strides. */
    private static void variants(List<Preset> all, BlockSettings silu) {
        for (int b : new int[] {0, 3}) {
            double[] row = COMPOUND[b];
            int group = b == 0 ? 8 : 16;
            Scaling by = new Scaling(row[0], row[1], Widths.LIMIT, false, false, group);
            BlockSettings norms = silu.withNorm(new NormSpec.Group(32, 1e-5, 1, group));
            String[] grouped = B0.clone();
            Arrays.setAll(grouped, s -> B0[s] + "_gs8");
            String name = "efficientnet-b" + b;
            String citation = EFFICIENTNET + "; a variant of timm";
            int head = by.channels(1280);
            EfficientNet gn = net(by.channels(32), by.stages(B0), norms, head);
            add(all, name + "-gn", 224, gn.withDropout(row[3]), citation);
            EfficientNet g8 = net(by.channels(32), by.stages(grouped), norms, head);
            add(all, name + "-g8-gn", 224, g8.withDropout(row[3]), citation);
            if (b == 0) {
                BlockSettings blur = silu.withBlurStride(true);
                EfficientNet net = net(32, by.stages(B0), blur, head).withDropout(row[3]);
                add(all, "efficientnet-blur-b0", 224, net, citation);
            }
        }
    }

    static BlockSettings tf(BlockSettings settings) {
        return settings.with().norm(TF_NORM).same(true).build();
    }

    private static EfficientNet.Head convolution(int channels) {
        return new EfficientNet.Head(channels, false, true);
    }

    static EfficientNet net(int stem, List<List<BlockRow>> stages, BlockSettings block, int head) {
        return Defaults.fill(EfficientNetBuilder.builder())
                .stem(stem)
                .stages(stages)
                .block(block)
                .head(convolution(head))
                .classes(1000)
                .build();
    }

    private static String percent(double width) {
        return "%03d".formatted(Math.round(width * 100));
    }

    static void add(List<Preset> all, String name, int size, EfficientNet net, String citation) {
        InputSpec input =
                SYMMETRIC.matcher(name).matches()
                        ? StandardInputs.symmetric(size)
                        : StandardInputs.imagenet(size);
        all.add(new Preset(name, "efficientnet", new ModelSpec(name, input, net), citation));
    }
}
