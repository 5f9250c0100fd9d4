package io.residuum.vision.densenet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.densenet.VovNet.Attention;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides VoVNets as presets, with timm's names. */
public final class VovNetPresets implements PresetProvider {
    private static final String FIRST = "Lee et al. 2019, arXiv:1904.09730, Table 1";
    private static final String SECOND = "Lee and Park 2020, arXiv:1911.06667, Section 3.3";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        VovNet net =
                Defaults.fill(VovNetBuilder.builder())
                        .stem(List.of(64, 64, 128))
                        .units(List.of(1, 1, 2, 2))
                        .widths(List.of(128, 160, 192, 224))
                        .channels(List.of(256, 512, 768, 1024))
                        .classes(1000)
                        .build();
        VovNet first = net.with().residual(false).attention(Attention.NONE).build();
        add(all, "vovnet39a", first, FIRST);
        add(all, "vovnet57a", first.withUnits(List.of(1, 1, 4, 3)), FIRST);
        VovNet tiny = net.with().layers(3).units(List.of(1, 1, 1, 1)).build();
        VovNet slim =
                tiny.with()
                        .widths(List.of(64, 80, 96, 112))
                        .channels(List.of(112, 256, 384, 512))
                        .build();
        add(all, "ese-vovnet19b-slim-dw", separable(slim), SECOND);
        add(all, "ese-vovnet19b-dw", separable(tiny), SECOND);
        add(all, "ese-vovnet19b-slim", slim, SECOND);
        add(all, "ese-vovnet39b", net, SECOND);
        add(all, "ese-vovnet57b", net.withUnits(List.of(1, 1, 4, 3)), SECOND);
        add(all, "ese-vovnet99b", net.withUnits(List.of(1, 3, 9, 3)), SECOND);
        add(all, "eca-vovnet39b", net.withAttention(Attention.ECA), SECOND + "; ECA by timm");
        return StandardInputs.published(all);
    }

    private static VovNet separable(VovNet net) {
        return net.with().stem(List.of(64, 64, 64)).depthwise(true).build();
    }

    private static void add(List<Preset> all, String name, VovNet net, String citation) {
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, "vovnet", spec, citation));
    }
}
