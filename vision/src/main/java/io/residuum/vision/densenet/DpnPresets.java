package io.residuum.vision.densenet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides dual path networks as presets, with timm's names. */
public final class DpnPresets implements PresetProvider {
    private static final String PAPER = "Chen et al. 2017, arXiv:1707.01629, Table 1";
    private static final String AUTHORS = PAPER + "; by its authors, after the paper";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        Dpn small = net(10, 128, 32, List.of(3, 4, 12, 3), List.of(16, 32, 32, 64)).withSmall(true);
        Dpn split = small.withSplit(true);
        Dpn silu =
                split.with()
                        .units(List.of(3, 4, 6, 3))
                        .outerActivation(new ActivationSpec.Silu())
                        .build();
        add(all, "48b", silu, AUTHORS + "; smaller, by timm");
        add(all, "68", small, AUTHORS);
        add(all, "68b", split, AUTHORS);
        List<Integer> usual = List.of(16, 32, 32, 128);
        add(all, "92", net(64, 96, 32, List.of(3, 4, 20, 3), List.of(16, 32, 24, 128)), PAPER);
        add(all, "98", net(96, 160, 40, List.of(3, 6, 20, 3), usual), PAPER);
        add(all, "131", net(128, 160, 40, List.of(4, 8, 28, 3), usual), PAPER);
        List<Integer> wide = List.of(20, 64, 64, 128);
        add(all, "107", net(128, 200, 50, List.of(4, 8, 20, 3), wide), AUTHORS);
        return StandardInputs.published(all);
    }

    private static Dpn net(
            int stem, int width, int groups, List<Integer> units, List<Integer> increments) {
        return Defaults.fill(DpnBuilder.builder())
                .stem(stem)
                .width(width)
                .groups(groups)
                .units(units)
                .increments(increments)
                .classes(1000)
                .build();
    }

    private static void add(List<Preset> all, String size, Dpn net, String citation) {
        String name = "dpn" + size;
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, "dpn", spec, citation));
    }
}
