package io.residuum.vision.efficientnet;

import static io.residuum.vision.efficientnet.EfficientNetPresets.add;
import static io.residuum.vision.efficientnet.EfficientNetPresets.net;
import static io.residuum.vision.efficientnet.EfficientNetPresets.tf;

import io.residuum.spec.Preset;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.efficientnet.Widths.Scaling;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lists the networks whose first stages have fused blocks: EfficientNetV2 and EdgeTPU. */
final class FusedPresets {
    private static final String EDGE =
            "Gupta and Akin 2020, arXiv:2003.02838, EfficientNet-EdgeTPU";
    private static final String EFFICIENTNET_V2 = "Tan and Le 2021, arXiv:2104.00298, Table 4";

    private FusedPresets() {}

    static void addTo(List<Preset> all) {
        edge(all);
        String[] base = {
            "cn_r1_k3_s1_c16_skip", "er_r2_k3_s2_e4_c32", "er_r2_k3_s2_e4_c48",
            "ir_r3_k3_s2_e4_c96_se0.25", "ir_r5_k3_s1_e6_c112_se0.25", "ir_r8_k3_s2_e6_c192_se0.25"
        };
        BlockSettings silu = BlockSettings.DEFAULT.withActivation(EfficientNetPresets.SILU);
        double[][] sizes = {{1, 1, 192}, {1, 1.1, 192}, {1.1, 1.2, 208}, {1.2, 1.4, 240}};
        for (int b = 0; b < sizes.length; b++) {
            Scaling by = new Scaling(sizes[b][0], sizes[b][1], 0, false, false);
            EfficientNet net = net(by.channels(32), by.stages(base), tf(silu), by.channels(1280));
            add(all, "tf-efficientnetv2-b" + b, (int) sizes[b][2], net, EFFICIENTNET_V2);
        }
        String[] first = {
            "er_r2_k3_s1_c24",
            "er_r4_k3_s2_e4_c48",
            "er_r4_k3_s2_e4_c64",
            "ir_r6_k3_s2_e4_c128_se0.25",
            "ir_r9_k3_s1_e6_c160_se0.25",
            "ir_r15_k3_s2_e6_c272_se0.25"
        };
        String early = EFFICIENTNET_V2 + "; by timm, before the paper's code";
        EfficientNet rw = net(24, Scaling.NONE.stages(first), silu, 1792);
        add(all, "efficientnetv2-rw-s", 288, rw, early);
        List<List<BlockRow>> medium =
                Stream.concat(
                                Scaling.of(1.2, 1.2).stages(first).stream().limit(4),
                                Scaling.of(1.2, 1.6).stages(first).stream().skip(4))
                        .toList();
        Scaling wider = Scaling.of(1.2, 1);
        EfficientNet rwMedium = net(wider.channels(24), medium, silu, wider.channels(1792));
        add(all, "efficientnetv2-rw-m", 320, rwMedium, early);
        String[] small = {
            "cn_r2_k3_s1_c24_skip",
            "er_r4_k3_s2_e4_c48",
            "er_r4_k3_s2_e4_c64",
            "ir_r6_k3_s2_e4_c128_se0.25",
            "ir_r9_k3_s1_e6_c160_se0.25",
            "ir_r15_k3_s2_e6_c256_se0.25"
        };
        Scaling tiny = Scaling.of(0.8, 0.9);
        EfficientNet rwTiny = net(tiny.channels(24), tiny.stages(small), silu, tiny.channels(1280));
        add(all, "efficientnetv2-rw-t", 224, rwTiny, early);
        EfficientNet context = rwTiny.withBlock(silu.withGlobalContext(true));
        add(all, "gc-efficientnetv2-rw-t", 224, context, early);
        versionTwo(all, "s", 300, 24, small);
        versionTwo(
                all,
                "m",
                384,
                24,
                "cn_r3_k3_s1_c24_skip",
                "er_r5_k3_s2_e4_c48",
                "er_r5_k3_s2_e4_c80",
                "ir_r7_k3_s2_e4_c160_se0.25",
                "ir_r14_k3_s1_e6_c176_se0.25",
                "ir_r18_k3_s2_e6_c304_se0.25",
                "ir_r5_k3_s1_e6_c512_se0.25");
        versionTwo(
                all,
                "l",
                384,
                32,
                "cn_r4_k3_s1_c32_skip",
                "er_r7_k3_s2_e4_c64",
                "er_r7_k3_s2_e4_c96",
                "ir_r10_k3_s2_e4_c192_se0.25",
                "ir_r19_k3_s1_e6_c224_se0.25",
                "ir_r25_k3_s2_e6_c384_se0.25",
                "ir_r7_k3_s1_e6_c640_se0.25");
        versionTwo(
                all,
                "xl",
                384,
                32,
                "cn_r4_k3_s1_c32_skip",
                "er_r8_k3_s2_e4_c64",
                "er_r8_k3_s2_e4_c96",
                "ir_r16_k3_s2_e4_c192_se0.25",
                "ir_r24_k3_s1_e6_c256_se0.25",
                "ir_r32_k3_s2_e6_c512_se0.25",
                "ir_r8_k3_s1_e6_c640_se0.25");
    }

    private static void versionTwo(
            List<Preset> all, String size, int image, int stem, String... stages) {
        BlockSettings silu = BlockSettings.DEFAULT.withActivation(EfficientNetPresets.SILU);
        EfficientNet net = net(stem, Scaling.NONE.stages(stages), silu, 1280);
        add(all, "efficientnetv2-" + size, image, net, EFFICIENTNET_V2);
        add(all, "tf-efficientnetv2-" + size, image, net.withBlock(tf(silu)), EFFICIENTNET_V2);
        if (!size.equals("xl")) {
            // torchvision has TensorFlow's eps, but the usual momentum.
            NormSpec norm = new NormSpec.Batch(1e-3, 0.1, 1);
            EfficientNet vision = net.withBlock(silu.withNorm(norm));
            add(all, "efficientnet-v2-" + size, image, vision, EFFICIENTNET_V2);
        }
    }

    private static void edge(List<Preset> all) {
        String[] edge = {
            "er_r1_k3_s1_e4_c24_noskip",
            "er_r2_k3_s2_e8_c32",
            "er_r4_k3_s2_e8_c48",
            "ir_r5_k5_s2_e8_c96",
            "ir_r4_k5_s1_e8_c144",
            "ir_r2_k5_s2_e8_c192"
        };
        double[][] edges = {{1, 1, 224}, {1, 1.1, 240}, {1.2, 1.4, 300}};
        for (int e = 0; e < edges.length; e++) {
            Scaling by = Scaling.of(edges[e][0], edges[e][1]);
            List<List<BlockRow>> stages = new ArrayList<>(by.stages(edge));
            // The first expansion is also by 4 from the channels after it.
            BlockRow rest = stages.get(0).get(0);
            double expansion = rest.expansion() * rest.channels() / by.channels(32);
            BlockRow first = rest.withRepeats(1).withExpansion(expansion);
            stages.set(
                    0,
                    rest.repeats() == 1
                            ? List.of(first)
                            : List.of(first, rest.withRepeats(rest.repeats() - 1)));
            EfficientNet net =
                    net(by.channels(32), stages, BlockSettings.DEFAULT, by.channels(1280));
            String name = "efficientnet-e" + "sml".charAt(e);
            add(all, name, (int) edges[e][2], net, EDGE);
            EfficientNet tf = net.withBlock(tf(BlockSettings.DEFAULT));
            add(all, "tf-" + name, (int) edges[e][2], tf, EDGE);
        }
    }
}
