package io.residuum.vision.hrnet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides the HRNets of the paper as presets, with timm's names. */
public final class HrNetPresets implements PresetProvider {
    private static final String PAPER = "Wang et al. 2019, arXiv:1908.07919, Appendix A";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        HrNet usual = Defaults.fill(HrNetBuilder.builder()).width(18).classes(1000).build();
        HrNet small = usual.with().units(2).firstUnits(2).modules(List.of(1, 3, 2)).build();
        HrNet smallest =
                small.with()
                        .firstUnits(1)
                        .firstWidth(32)
                        .width(16)
                        .modules(List.of(1, 1, 1))
                        .build();
        add(all, "w18-small", smallest, PAPER + "; small, by its authors");
        add(all, "w18-small-v2", small, PAPER + "; small, by its authors");
        for (int width : new int[] {18, 30, 32, 40, 44, 48, 64}) {
            add(all, "w" + width, usual.withWidth(width), PAPER);
        }
        for (int width : new int[] {18, 48}) {
            HrNet net = usual.with().width(width).headBias(false).build();
            add(all, "w" + width + "-ssld", net, PAPER + "; as in PaddleClas");
        }
        return StandardInputs.published(all);
    }

    private static void add(List<Preset> all, String size, HrNet net, String citation) {
        String name = "hrnet-" + size;
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, "hrnet", spec, citation));
    }
}
