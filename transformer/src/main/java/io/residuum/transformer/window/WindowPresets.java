package io.residuum.transformer.window;

import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/** Lists published Swin transformers as presets. */
public final class WindowPresets implements PresetProvider {
    private static final String SWIN = "Liu et al. 2021, arXiv:2103.14030, Section 3.3";
    private static final String SWIN_V2 = "Liu et al. 2022, arXiv:2111.09883, Section 4.1";
    private static final List<Double> MEAN = List.of(0.485, 0.456, 0.406);
    private static final List<Double> STD = List.of(0.229, 0.224, 0.225);

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (Swin.Version version : Swin.Version.values()) {
            add(all, version, "t", 96, List.of(2, 2, 6, 2));
            add(all, version, "s", 96, List.of(2, 2, 18, 2));
            add(all, version, "b", 128, List.of(2, 2, 18, 2));
        }
        add(all, Swin.Version.V1, "l", 192, List.of(2, 2, 18, 2));
        return all;
    }

    /** Heads are 32 wide. V2 was trained on larger images, with windows of 8. */
    private static void add(
            List<Preset> all, Swin.Version version, String size, int width, List<Integer> depths) {
        boolean first = version == Swin.Version.V1;
        int image = first ? 224 : 256;
        String name = (first ? "swin-" : "swinv2-") + size;
        Swin network = Swin.of(version, width, depths, 32).withWindow(Size2d.of(first ? 7 : 8));
        InputSpec input = new InputSpec.Image(List.of(3, image, image), MEAN, STD);
        all.add(
                new Preset(
                        name, "swin", new ModelSpec(name, input, network), first ? SWIN : SWIN_V2));
    }
}
