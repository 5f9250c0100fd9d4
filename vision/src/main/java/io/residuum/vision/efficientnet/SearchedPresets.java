package io.residuum.vision.efficientnet;

import static io.residuum.vision.efficientnet.EfficientNetPresets.add;
import static io.residuum.vision.efficientnet.EfficientNetPresets.net;

import io.residuum.spec.Preset;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.efficientnet.BlockSettings.SqueezeFrom;
import io.residuum.vision.efficientnet.EfficientNet.Head;
import io.residuum.vision.efficientnet.Widths.Scaling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lists further relatives of MobileNetV3, most of them found by a search, and timm's small one. */
final class SearchedPresets {
    private static final String HARD_CORE = "Nayman et al. 2021, arXiv:2102.11646, Appendix F";
    private static final String FBNET_V3 = "Dai et al. 2020, arXiv:2006.02049, Table 3";
    private static final String MOBILENET_V3 = "Howard et al. 2019, arXiv:1905.02244, Table 1";
    private static final String MIXNET = "Tan and Le 2019, arXiv:1907.09595, Section 3.3";
    private static final String EDGE = "Xiong et al. 2020, arXiv:2004.14525, MobileNet-EdgeTPU";
    private static final String EDGE_V2 =
            "Akin et al. 2022, arXiv:2204.14007, Section 4; as in timm";
    private static final String SMALL =
            "Tan and Le 2021, arXiv:2104.00298; small, for tests of timm";

    private static final BlockSettings GATED =
            BlockSettings.DEFAULT
                    .with()
                    .activation(EfficientNetPresets.HARD_SWISH)
                    .squeezeFrom(SqueezeFrom.EXPANSION)
                    .squeezeGate(new ActivationSpec.HardSigmoid())
                    .build();
    private static final BlockSettings SQUEEZED =
            GATED.with().squeezeDivisor(8).squeezeActivation(ActivationSpec.RELU).build();

    private SearchedPresets() {}

    static void addTo(List<Preset> all) {
        hardCore(all);
        fbNet(all);
        mobileNets(all);
        mixNets(all);
        MobileNetV4Presets.addTo(all);
        String[] small = {
            "cn_r1_k3_s1_c16_skip",
            "er_r1_k3_s2_e4_c24",
            "er_r1_k3_s2_e4_c32",
            "ir_r1_k3_s2_e4_c48_se0.25",
            "ir_r1_k3_s2_e4_c64_se0.25"
        };
        BlockSettings silu = BlockSettings.DEFAULT.withActivation(EfficientNetPresets.SILU);
        EfficientNet net = net(24, Scaling.NONE.stages(small), silu, 256);
        add(all, "test-efficientnet", 160, net, SMALL);
        EfficientNet layerNorm = net.withBlock(silu.withNorm(new NormSpec.Channel(1e-5, 1)));
        add(all, "test-efficientnet-ln", 160, layerNorm, SMALL);
        NormSpec groups = new NormSpec.Group(32, 1e-5, 1, 8);
        add(all, "test-efficientnet-gn", 160, net.withBlock(silu.withNorm(groups)), SMALL);
    }

    private static void mixNets(List<Preset> all) {
        String[] small = {
            "ds_r1_k3_s1_c16",
            "ir_r1_k3_a1.1_p1.1_s2_e6_c24 ir_r1_k3_a1.1_p1.1_s1_e3_c24",
            "ir_r1_k3.5.7_s2_e6_c40_se0.5_nsw ir_r3_k3.5_a1.1_p1.1_s1_e6_c40_se0.5_nsw",
            "ir_r1_k3.5.7_p1.1_s2_e6_c80_se0.25_nsw ir_r2_k3.5_p1.1_s1_e6_c80_se0.25_nsw",
            "ir_r1_k3.5.7_a1.1_p1.1_s1_e6_c120_se0.5_nsw"
                    + " ir_r2_k3.5.7.9_a1.1_p1.1_s1_e3_c120_se0.5_nsw",
            "ir_r1_k3.5.7.9.11_s2_e6_c200_se0.5_nsw ir_r2_k3.5.7.9_p1.1_s1_e6_c200_se0.5_nsw"
        };
        mixNet(all, "s", net(16, Scaling.NONE.stages(small), BlockSettings.DEFAULT, 1536));
        String[] medium = {
            "ds_r1_k3_s1_c24",
            "ir_r1_k3.5.7_a1.1_p1.1_s2_e6_c32 ir_r1_k3_a1.1_p1.1_s1_e3_c32",
            "ir_r1_k3.5.7.9_s2_e6_c40_se0.5_nsw ir_r3_k3.5_a1.1_p1.1_s1_e6_c40_se0.5_nsw",
            "ir_r1_k3.5.7_s2_e6_c80_se0.25_nsw ir_r3_k3.5.7.9_a1.1_p1.1_s1_e6_c80_se0.25_nsw",
            "ir_r1_k3_s1_e6_c120_se0.5_nsw ir_r3_k3.5.7.9_a1.1_p1.1_s1_e3_c120_se0.5_nsw",
            "ir_r1_k3.5.7.9_s2_e6_c200_se0.5_nsw ir_r3_k3.5.7.9_p1.1_s1_e6_c200_se0.5_nsw"
        };
        Map<String, Scaling> sizes = new LinkedHashMap<>();
        sizes.put("m", new Scaling(1, 1, Widths.LIMIT, false, true));
        sizes.put("l", new Scaling(1.3, 1, Widths.LIMIT, false, true));
        sizes.put("xl", new Scaling(1.6, 1.2, Widths.LIMIT, false, true));
        sizes.put("xxl", new Scaling(2.4, 1.3, Widths.LIMIT, false, true));
        sizes.forEach(
                (size, by) -> {
                    int stem = by.channels(24);
                    mixNet(all, size, net(stem, by.stages(medium), BlockSettings.DEFAULT, 1536));
                });
    }

    private static void mixNet(List<Preset> all, String size, EfficientNet net) {
        add(all, "mixnet-" + size, 224, net, size.startsWith("x") ? MIXNET + "; by timm" : MIXNET);
        if (!size.startsWith("x")) {
            EfficientNet tf = net.withBlock(EfficientNetPresets.tf(net.block()));
            add(all, "tf-mixnet-" + size, 224, tf, MIXNET);
        }
    }

    private static void mobileNets(List<Preset> all) {
        String[] large = {
            "ds_r1_k3_s1_c16_nre_noskip",
            "ir_r1_k3_s2_e4_c24_nre ir_r1_k3_s1_e3_c24_nre",
            "ir_r3_k5_s2_e3_c40_se0.25_nre",
            "ir_r1_k3_s2_e6_c80 ir_r1_k3_s1_e2.5_c80 ir_r2_k3_s1_e2.3_c80",
            "ir_r2_k3_s1_e6_c112_se0.25",
            "ir_r3_k5_s2_e6_c160_se0.25",
            "cn_r1_k1_s1_c960"
        };
        BlockSettings settings = GATED.withNorm(EfficientNetPresets.TF_EPS);
        EfficientNet first = net(16, Scaling.NONE.stages(large), settings, 0);
        add(
                all,
                "mobilenetv3-rw",
                224,
                first.withHead(new Head(1280, true, false)),
                MOBILENET_V3 + "; by timm, before the paper's code");
        Scaling deeper = Scaling.of(1.5, 1.2);
        large[0] = "ds_r1_k3_s1_c16_nre";
        EfficientNet wide = net(deeper.channels(16), deeper.stages(large), SQUEEZED, 0);
        add(
                all,
                "mobilenetv3-large-150d",
                256,
                wide.withHead(new Head(1280, true, true)),
                MOBILENET_V3 + "; deeper, by timm");
        String[] edge = {
            "cn_r1_k1_s1_c16",
            "er_r1_k3_s2_e8_c32 er_r3_k3_s1_e4_c32",
            "er_r1_k3_s2_e8_c48 er_r3_k3_s1_e4_c48",
            "ir_r1_k3_s2_e8_c96 ir_r3_k3_s1_e4_c96",
            "ir_r1_k3_s1_e8_c96_noskip ir_r3_k3_s1_e4_c96",
            "ir_r1_k5_s2_e8_c160 ir_r3_k5_s1_e4_c160",
            "ir_r1_k3_s1_e8_c192"
        };
        EfficientNet tpu = net(32, Scaling.NONE.stages(edge), BlockSettings.DEFAULT, 1280);
        add(all, "mobilenet-edgetpu-100", 224, tpu, EDGE);
        edgeTpuV2(all, "xs", 3, 32, 64, 1280, 16, 32, 48, 96, 144, 160, 192);
        edgeTpuV2(all, "s", 5, 64, 64, 1280, 24, 48, 64, 128, 160, 192, 256);
        edgeTpuV2(all, "m", 5, 64, 64, 1344, 32, 64, 80, 160, 192, 240, 320);
        edgeTpuV2(all, "l", 7, 64, 128, 1408, 32, 64, 96, 192, 240, 256, 384);
    }

    private static void edgeTpuV2(
            List<Preset> all, String size, int kernel, int stem, int group, int head, int... c) {
        String grouped = "er_r1_k3_s1_e4_gs%d_c%d";
        String[] stages = {
            "cn_r1_k1_s1_c" + c[0],
            "er_r1_k3_s2_e8_c" + c[1] + " " + grouped.formatted(group, c[1]),
            "er_r1_k3_s2_e8_c%2$d %1$s er_r1_k3_s1_e4_c%2$d %1$s"
                    .formatted(grouped.formatted(group, c[2]), c[2]),
            "er_r1_k3_s2_e8_c%1$d ir_r3_k3_s1_e4_c%1$d".formatted(c[3]),
            "ir_r1_k3_s1_e8_c%1$d ir_r3_k3_s1_e4_c%1$d".formatted(c[4]),
            "ir_r1_k3_s2_e8_c%1$d ir_r3_k3_s1_e4_c%1$d".formatted(c[5]),
            "ir_r1_k3_s1_e8_c" + c[6]
        };
        EfficientNet net = net(stem, Scaling.NONE.stages(stages), BlockSettings.DEFAULT, head);
        add(all, "mobilenet-edgetpu-v2-" + size, 224, net.withStemKernel(kernel), EDGE_V2);
    }

    private static void hardCore(List<Preset> all) {
        hardCore(
                all,
                "a",
                "ds_r1_k3_s1_c16_nre",
                "ir_r1_k5_s2_e3_c24_nre ir_r1_k5_s1_e3_c24_nre_se0.25",
                "ir_r1_k5_s2_e3_c40_nre ir_r1_k5_s1_e6_c40_nre_se0.25",
                "ir_r1_k5_s2_e6_c80_se0.25 ir_r1_k5_s1_e6_c80_se0.25",
                "ir_r2_k5_s1_e6_c112_se0.25",
                "ir_r1_k5_s2_e6_c192_se0.25 ir_r1_k5_s1_e6_c192_se0.25",
                "cn_r1_k1_s1_c960");
        hardCore(
                all,
                "b",
                "ds_r1_k3_s1_c16_nre",
                "ir_r1_k5_s2_e3_c24_nre ir_r1_k5_s1_e3_c24_nre_se0.25 ir_r1_k3_s1_e3_c24_nre",
                "ir_r1_k5_s2_e3_c40_nre ir_r2_k5_s1_e3_c40_nre",
                "ir_r1_k5_s2_e3_c80 ir_r1_k5_s1_e3_c80 ir_r2_k3_s1_e3_c80",
                "ir_r1_k5_s1_e3_c112 ir_r3_k3_s1_e3_c112",
                "ir_r1_k5_s2_e6_c192_se0.25 ir_r1_k5_s1_e6_c192_se0.25 ir_r1_k3_s1_e3_c192_se0.25",
                "cn_r1_k1_s1_c960");
        hardCore(
                all,
                "c",
                "ds_r1_k3_s1_c16_nre",
                "ir_r1_k5_s2_e3_c24_nre ir_r1_k5_s1_e3_c24_nre_se0.25",
                "ir_r1_k5_s2_e3_c40_nre ir_r3_k5_s1_e3_c40_nre",
                "ir_r1_k5_s2_e4_c80 ir_r1_k5_s1_e6_c80_se0.25 ir_r2_k3_s1_e3_c80",
                "ir_r1_k5_s1_e6_c112_se0.25 ir_r3_k3_s1_e3_c112",
                "ir_r1_k5_s2_e6_c192_se0.25 ir_r1_k5_s1_e6_c192_se0.25 ir_r1_k3_s1_e3_c192_se0.25",
                "cn_r1_k1_s1_c960");
        hardCore(
                all,
                "d",
                "ds_r1_k3_s1_c16_nre",
                "ir_r1_k5_s2_e3_c24_nre_se0.25 ir_r1_k5_s1_e3_c24_nre_se0.25",
                "ir_r1_k5_s2_e3_c40_nre_se0.25 ir_r1_k5_s1_e4_c40_nre_se0.25"
                        + " ir_r1_k3_s1_e3_c40_nre_se0.25",
                "ir_r1_k5_s2_e4_c80_se0.25 ir_r3_k3_s1_e3_c80_se0.25",
                "ir_r1_k3_s1_e4_c112_se0.25 ir_r1_k5_s1_e4_c112_se0.25 ir_r1_k3_s1_e3_c112_se0.25"
                        + " ir_r1_k5_s1_e3_c112_se0.25",
                "ir_r1_k5_s2_e6_c192_se0.25 ir_r2_k5_s1_e6_c192_se0.25 ir_r1_k3_s1_e6_c192_se0.25",
                "cn_r1_k1_s1_c960");
        hardCore(
                all,
                "e",
                "ds_r1_k3_s1_c16_nre",
                "ir_r1_k5_s2_e3_c24_nre_se0.25 ir_r1_k5_s1_e3_c24_nre_se0.25",
                "ir_r1_k5_s2_e6_c40_nre_se0.25 ir_r2_k5_s1_e4_c40_nre_se0.25"
                        + " ir_r1_k3_s1_e3_c40_nre_se0.25",
                "ir_r1_k5_s2_e4_c80_se0.25 ir_r1_k3_s1_e6_c80_se0.25",
                "ir_r3_k5_s1_e6_c112_se0.25 ir_r1_k5_s1_e3_c112_se0.25",
                "ir_r1_k5_s2_e6_c192_se0.25 ir_r2_k5_s1_e6_c192_se0.25 ir_r1_k3_s1_e6_c192_se0.25",
                "cn_r1_k1_s1_c960");
        hardCore(
                all,
                "f",
                "ds_r1_k3_s1_c16_nre",
                "ir_r1_k5_s2_e3_c24_nre_se0.25 ir_r1_k5_s1_e3_c24_nre_se0.25",
                "ir_r1_k5_s2_e6_c40_nre_se0.25 ir_r1_k5_s1_e6_c40_nre_se0.25",
                "ir_r1_k5_s2_e6_c80_se0.25 ir_r1_k5_s1_e6_c80_se0.25 ir_r2_k3_s1_e3_c80_se0.25",
                "ir_r1_k3_s1_e6_c112_se0.25 ir_r2_k5_s1_e6_c112_se0.25 ir_r1_k3_s1_e3_c112_se0.25",
                "ir_r1_k5_s2_e6_c192_se0.25 ir_r1_k5_s1_e6_c192_se0.25 ir_r2_k3_s1_e6_c192_se0.25",
                "cn_r1_k1_s1_c960");
    }

    private static void hardCore(List<Preset> all, String size, String... stages) {
        EfficientNet net = net(32, Scaling.NONE.stages(stages), SQUEEZED, 0);
        add(all, "hardcorenas-" + size, 224, net.withHead(new Head(1280, true, true)), HARD_CORE);
    }

    private static void fbNet(List<Preset> all) {
        fbNet(
                all,
                "b",
                16,
                "ds_r2_k3_s1_c16",
                "ir_r1_k5_s2_e4_c24 ir_r3_k5_s1_e2_c24",
                "ir_r1_k5_s2_e5_c40_se0.25 ir_r4_k5_s1_e3_c40_se0.25",
                "ir_r1_k5_s2_e5_c72 ir_r4_k3_s1_e3_c72",
                "ir_r1_k3_s1_e5_c120_se0.25 ir_r5_k5_s1_e3_c120_se0.25",
                "ir_r1_k3_s2_e6_c184_se0.25 ir_r5_k5_s1_e4_c184_se0.25 ir_r1_k5_s1_e6_c224_se0.25",
                "cn_r1_k1_s1_c1344");
        fbNet(
                all,
                "d",
                24,
                "ds_r2_k3_s1_c16",
                "ir_r1_k3_s2_e5_c24 ir_r5_k3_s1_e2_c24",
                "ir_r1_k5_s2_e4_c40_se0.25 ir_r4_k3_s1_e3_c40_se0.25",
                "ir_r1_k3_s2_e5_c72 ir_r4_k3_s1_e3_c72",
                "ir_r1_k3_s1_e5_c128_se0.25 ir_r6_k5_s1_e3_c128_se0.25",
                "ir_r1_k3_s2_e6_c208_se0.25 ir_r5_k5_s1_e5_c208_se0.25 ir_r1_k5_s1_e6_c240_se0.25",
                "cn_r1_k1_s1_c1440");
        // timm rounds a quarter of 104 channels to 32, this package to 24; 0.31 of 104 is 32.
        fbNet(
                all,
                "g",
                32,
                "ds_r3_k3_s1_c24",
                "ir_r1_k5_s2_e4_c40 ir_r4_k5_s1_e2_c40",
                "ir_r1_k5_s2_e4_c56_se0.25 ir_r4_k5_s1_e3_c56_se0.25",
                "ir_r1_k5_s2_e5_c104 ir_r4_k3_s1_e3_c104",
                "ir_r1_k3_s1_e5_c160_se0.31 ir_r8_k5_s1_e3_c160_se0.25",
                "ir_r1_k3_s2_e6_c264_se0.25 ir_r6_k5_s1_e5_c264_se0.25 ir_r2_k5_s1_e6_c288_se0.25",
                "cn_r1_k1_s1_c1728");
    }

    private static void fbNet(List<Preset> all, String size, int stem, String... stages) {
        BlockSettings settings =
                GATED.with().squeezeFrom(SqueezeFrom.INPUT).squeezeDivisor(8).build();
        EfficientNet net = net(stem, Scaling.NONE.stages(stages), settings, 0);
        add(all, "fbnetv3-" + size, 224, net.withHead(new Head(1984, true, false)), FBNET_V3);
    }
}
