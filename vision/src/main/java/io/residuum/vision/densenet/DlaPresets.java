package io.residuum.vision.densenet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides networks with deep layer aggregation as presets, with timm's names. */
public final class DlaPresets implements PresetProvider {
    private static final String DLA = "Yu et al. 2018, arXiv:1707.06484, Table 1";

    private static final List<Integer> COMPACT = List.of(16, 32, 64, 64, 128, 256);
    private static final List<Integer> WIDE = List.of(16, 32, 128, 256, 512, 1024);

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        Dla narrow = net(List.of(16, 32, 64, 128, 256, 512), 1, 2, 2, 1);
        add(all, "dla34", narrow.withBottleneck(false));
        add(all, "dla46-c", net(COMPACT, 1, 2, 2, 1));
        add(all, "dla46x-c", grouped(net(COMPACT, 1, 2, 2, 1), 32));
        add(all, "dla60x-c", grouped(net(COMPACT, 1, 2, 3, 1), 32));
        Dla dla60 = net(WIDE, 1, 2, 3, 1);
        add(all, "dla60", dla60);
        add(all, "dla60x", grouped(dla60, 32));
        add(all, "dla60-res2net", dla60.with().groupWidth(28).scales(4).build());
        add(all, "dla60-res2next", dla60.with().cardinality(8).groupWidth(4).scales(4).build());
        Dla dla102 = net(WIDE, 1, 3, 4, 1).withResidualRoots(true);
        add(all, "dla102", dla102);
        add(all, "dla102x", grouped(dla102, 32));
        add(all, "dla102x2", grouped(dla102, 64));
        add(all, "dla169", net(WIDE, 2, 3, 5, 1).withResidualRoots(true));
        return StandardInputs.published(all);
    }

    private static Dla net(List<Integer> widths, Integer... depths) {
        return Defaults.fill(DlaBuilder.builder())
                .depths(List.of(depths))
                .widths(widths)
                .classes(1000)
                .build();
    }

    private static Dla grouped(Dla net, int cardinality) {
        return net.with().cardinality(cardinality).groupWidth(4).build();
    }

    private static void add(List<Preset> all, String name, Dla net) {
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, "dla", spec, DLA));
    }
}
