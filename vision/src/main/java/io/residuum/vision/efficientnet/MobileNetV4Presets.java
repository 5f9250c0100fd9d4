package io.residuum.vision.efficientnet;

import static io.residuum.vision.efficientnet.EfficientNetPresets.add;
import static io.residuum.vision.efficientnet.EfficientNetPresets.net;

import io.residuum.spec.Preset;
import io.residuum.vision.efficientnet.Widths.Scaling;
import java.util.List;

/** Lists the convolutional MobileNetV4s. */
final class MobileNetV4Presets {
    private static final String PAPER = "Qin et al. 2024, arXiv:2404.10518, Appendix D";

    private MobileNetV4Presets() {}

    static void addTo(List<Preset> all) {
        String[] small = {
            "cn_r1_k3_s2_c32 cn_r1_k1_s1_c32",
            "cn_r1_k3_s2_c96 cn_r1_k1_s1_c64",
            "uir_r1_a5_k5_s2_e3_c96 uir_r4_a0_k3_s1_e2_c96 uir_r1_a3_k0_s1_e4_c96",
            "uir_r1_a3_k3_s2_e6_c128 uir_r1_a5_k5_s1_e4_c128 uir_r1_a0_k5_s1_e4_c128 "
                    + "uir_r1_a0_k5_s1_e3_c128 uir_r2_a0_k3_s1_e4_c128",
            "cn_r1_k1_s1_c960"
        };
        // The narrow ones keep the stem.
        convolutional(all, "small-035", 32, Scaling.of(0.35, 1), small);
        convolutional(all, "small-050", 32, Scaling.of(0.5, 1), small);
        convolutional(all, "small", 32, Scaling.NONE, small);
        String[] medium = {
            "er_r1_k3_s2_e4_c48",
            "uir_r1_a3_k5_s2_e4_c80 uir_r1_a3_k3_s1_e2_c80",
            "uir_r1_a3_k5_s2_e6_c160 uir_r2_a3_k3_s1_e4_c160 uir_r1_a3_k5_s1_e4_c160 "
                    + "uir_r1_a3_k3_s1_e4_c160 uir_r1_a3_k0_s1_e4_c160 uir_r1_a0_k0_s1_e2_c160 "
                    + "uir_r1_a3_k0_s1_e4_c160",
            "uir_r1_a5_k5_s2_e6_c256 uir_r1_a5_k5_s1_e4_c256 uir_r2_a3_k5_s1_e4_c256 "
                    + "uir_r1_a0_k0_s1_e4_c256 uir_r1_a3_k0_s1_e4_c256 uir_r1_a3_k5_s1_e2_c256 "
                    + "uir_r1_a5_k5_s1_e4_c256 uir_r2_a0_k0_s1_e4_c256 uir_r1_a5_k0_s1_e2_c256",
            "cn_r1_k1_s1_c960"
        };
        convolutional(all, "medium", 32, Scaling.NONE, medium);
        convolutional(all, "aa-medium", 32, Scaling.NONE, medium);
        convolutional(all, "blur-medium", 32, Scaling.NONE, medium);
        String[] large = {
            "er_r1_k3_s2_e4_c48",
            "uir_r1_a3_k5_s2_e4_c96 uir_r1_a3_k3_s1_e4_c96",
            "uir_r1_a3_k5_s2_e4_c192 uir_r3_a3_k3_s1_e4_c192 uir_r1_a3_k5_s1_e4_c192 "
                    + "uir_r5_a5_k3_s1_e4_c192 uir_r1_a3_k0_s1_e4_c192",
            "uir_r4_a5_k5_s2_e4_c512 uir_r1_a5_k0_s1_e4_c512 uir_r1_a5_k3_s1_e4_c512 "
                    + "uir_r2_a5_k0_s1_e4_c512 uir_r1_a5_k3_s1_e4_c512 uir_r1_a5_k5_s1_e4_c512 "
                    + "uir_r3_a5_k0_s1_e4_c512",
            "cn_r1_k1_s1_c960"
        };
        convolutional(all, "large", 24, Scaling.NONE, large);
        convolutional(all, "aa-large", 24, Scaling.NONE, large);
    }

    private static void convolutional(
            List<Preset> all, String size, int stem, Scaling by, String... stages) {
        BlockSettings settings =
                BlockSettings.DEFAULT
                        .with()
                        .averageStride(size.startsWith("aa-"))
                        .blurStride(size.startsWith("blur-"))
                        .build();
        EfficientNet net = net(stem, by.stages(stages), settings, 0);
        EfficientNet.Head head = new EfficientNet.Head(1280, true, false, true);
        add(all, "mobilenetv4-conv-" + size, 224, net.withHead(head), PAPER);
    }
}
