package io.residuum.vision.mobile;

import io.residuum.spec.Family;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Provides GhostNets, ReXNets, RepViTs and ShuffleNets as presets, with timm's and torchvision's
 * names.
 */
public final class MobilePresets implements PresetProvider {
    private static final String GHOSTNET = "Han et al. 2020, arXiv:1911.11907, Table 1";
    private static final String GHOSTNET_V2 = "Tang et al. 2022, arXiv:2211.12905, Section 4";
    private static final String SHUFFLENET = "Ma et al. 2018, arXiv:1807.11164, Table 5";
    private static final String REPVIT = "Wang et al. 2023, arXiv:2307.09283, Section 4";
    private static final String REXNET = "Han et al. 2020, arXiv:2007.00992, Table 4";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        GhostNet ghost = Defaults.fill(GhostNetBuilder.builder()).classes(1000).build();
        for (double width : new double[] {0.5, 1, 1.3}) {
            add(all, "ghostnet", "ghostnet", width, ghost.withWidth(width), GHOSTNET);
        }
        for (double width : new double[] {1, 1.3, 1.6}) {
            GhostNet attentive = ghost.with().width(width).attention(true).build();
            add(all, "ghostnet", "ghostnetv2", width, attentive, GHOSTNET_V2);
        }
        RexNet rex = Defaults.fill(RexNetBuilder.builder()).classes(1000).build();
        for (double width : new double[] {1, 1.3, 1.5, 2, 3}) {
            RexNet wide = rex.withWidth(width);
            add(all, "rexnet", "rexnet", width, wide, REXNET);
            RexNet rounded = wide.withDivisor(width == 3 ? 16 : 8);
            add(all, "rexnet", "rexnetr", width, rounded, REXNET + "; rounded by timm");
        }
        shuffle(all, "x0-5", 1024, 48, 96, 192);
        shuffle(all, "x1-0", 1024, 116, 232, 464);
        shuffle(all, "x1-5", 1024, 176, 352, 704);
        shuffle(all, "x2-0", 2048, 244, 488, 976);
        repVit(all, "m1", false, 48, 2, 2, 14, 2);
        repVit(all, "m2", false, 64, 2, 2, 12, 2);
        repVit(all, "m3", false, 64, 4, 4, 18, 2);
        repVit(all, "m0-9", true, 48, 2, 2, 14, 2);
        repVit(all, "m1-0", true, 56, 2, 2, 14, 2);
        repVit(all, "m1-1", true, 64, 2, 2, 12, 2);
        repVit(all, "m1-5", true, 64, 4, 4, 24, 4);
        repVit(all, "m2-3", true, 80, 6, 6, 34, 2);
        return StandardInputs.published(all);
    }

    private static void shuffle(List<Preset> all, String size, int features, int... widths) {
        ShuffleNetV2 net =
                Defaults.fill(ShuffleNetV2Builder.builder())
                        .widths(Arrays.stream(widths).boxed().toList())
                        .features(features)
                        .classes(1000)
                        .build();
        String name = "shufflenet-v2-" + size;
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, "shufflenet", spec, SHUFFLENET));
    }

    private static void repVit(
            List<Preset> all, String size, boolean normedSum, int width, Integer... units) {
        RepVit net =
                Defaults.fill(RepVitBuilder.builder())
                        .units(List.of(units))
                        .widths(List.of(width, 2 * width, 4 * width, 8 * width))
                        .normedSum(normedSum)
                        .classes(1000)
                        .build();
        String name = "repvit-" + size;
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, "repvit", spec, REPVIT));
    }

    private static void add(
            List<Preset> all,
            String family,
            String variant,
            double width,
            Family net,
            String citation) {
        String name = "%s-%03d".formatted(variant, Math.round(width * 100));
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, family, spec, citation));
    }
}
