package io.residuum.vision.inception;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Provides GoogLeNet, Inceptions and Xceptions as presets. */
public final class InceptionPresets implements PresetProvider {
    private static final String SZEGEDY = "Szegedy et al. 2017, arXiv:1602.07261, Section 3";
    private static final String VERSION_3 = "Szegedy et al. 2016, arXiv:1512.00567, Table 1";
    private static final String GOOGLENET =
            "Szegedy et al. 2015, arXiv:1409.4842, Table 1; with batch norms by torchvision";
    private static final String CHOLLET = "Chollet 2017, arXiv:1610.02357, Figure 5";
    private static final String CHEN = "Chen et al. 2018, arXiv:1802.02611, Figure 4; as in timm";

    /** The channels of the middle units. */
    private static final int WIDTH = 728;

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        all.add(preset("inception-v4", "inception", InceptionV4.published(), SZEGEDY));
        all.add(preset("inception-resnet-v2", "inception", InceptionResNetV2.published(), SZEGEDY));
        all.add(preset("inception-v3", "inception", InceptionV3.published(), VERSION_3));
        Preset google =
                new Preset(
                        "googlenet",
                        "inception",
                        new ModelSpec(
                                "googlenet", StandardInputs.symmetric(224), GoogLeNet.published()),
                        GOOGLENET);
        all.add(google);
        xceptions(all);
        return StandardInputs.published(all);
    }

    private static void xceptions(List<Preset> all) {
        List<Xception.Unit> first = new ArrayList<>();
        for (int width : new int[] {128, 256, WIDTH}) {
            first.add(new Xception.Unit(List.of(width, width), 2));
        }
        first.addAll(middle(8));
        first.add(new Xception.Unit(List.of(WIDTH, 1024), 2));
        Xception original =
                Defaults.fill(XceptionBuilder.builder())
                        .units(first)
                        .exit(List.of(1536, 2048))
                        .classes(1000)
                        .build();
        all.add(preset("legacy-xception", "xception", original, CHOLLET));
        aligned(all, "41", 8, false);
        aligned(all, "65", 16, false);
        aligned(all, "71", 16, true);
    }

    private static void aligned(List<Preset> all, String layers, int middle, boolean deep) {
        List<Xception.Unit> units = new ArrayList<>();
        units.add(new Xception.Unit(Collections.nCopies(3, 128), 2));
        for (int width : new int[] {256, WIDTH}) {
            List<Integer> widths = Collections.nCopies(3, width);
            if (deep) {
                units.add(new Xception.Unit(widths, 1));
            }
            units.add(new Xception.Unit(widths, 2));
        }
        units.addAll(middle(middle));
        units.add(new Xception.Unit(List.of(WIDTH, 1024, 1024), 2));
        NormSpec eps = new NormSpec.Batch(1e-3, 0.1, 1);
        Xception net =
                Defaults.fill(XceptionBuilder.builder())
                        .style(Xception.Style.ALIGNED)
                        .units(units)
                        .exit(List.of(1536, 1536, 2048))
                        .norm(eps)
                        .classes(1000)
                        .build();
        all.add(preset("xception" + layers, "xception", net, CHEN));
        if (!deep) {
            Xception before =
                    net.with()
                            .style(Xception.Style.PREACTIVATED)
                            .norm(middle == 8 ? NormSpec.BATCH : eps)
                            .build();
            String citation = CHEN + "; pre-activated by timm";
            all.add(preset("xception" + layers + "p", "xception", before, citation));
        }
    }

    private static List<Xception.Unit> middle(int units) {
        return Collections.nCopies(units, new Xception.Unit(Collections.nCopies(3, WIDTH), 1));
    }

    private static Preset preset(String name, String family, LayerSpec net, String citation) {
        return new Preset(
                name, family, new ModelSpec(name, StandardInputs.INCEPTION, net), citation);
    }
}
