package io.residuum.vision.metaformer;

import io.residuum.spec.Family;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides ConvMixers, PoolFormers and FocalNets as presets, with timm's names. */
public final class MetaFormerPresets implements PresetProvider {
    private static final String CONVMIXER = "Trockman and Kolter 2022, arXiv:2201.09792, Table 1";
    private static final String POOLFORMER = "Yu et al. 2022, arXiv:2111.11418, Table 1";

    private static final String FOCAL = "Yang et al. 2022, arXiv:2203.11926, Section 4";

    private static final int IMAGENET_22K = 21842;

    private static final List<Integer> SMALL = List.of(64, 128, 320, 512);
    private static final List<Integer> MEDIUM = List.of(96, 192, 384, 768);

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        convMixer(all, "1536-20", 1536, 20, 9, 7, new ActivationSpec.Gelu());
        convMixer(all, "768-32", 768, 32, 7, 7, ActivationSpec.RELU);
        convMixer(all, "1024-20-ks9-p14", 1024, 20, 9, 14, new ActivationSpec.Gelu());
        poolFormer(all, "s12", SMALL, 2, 1e-5);
        poolFormer(all, "s24", SMALL, 4, 1e-5);
        poolFormer(all, "s36", SMALL, 6, 1e-6);
        poolFormer(all, "m36", MEDIUM, 6, 1e-6);
        poolFormer(all, "m48", MEDIUM, 8, 1e-6);
        focalNets(all);
        return StandardInputs.published(all);
    }

    private static void focalNets(List<Preset> all) {
        List<Integer> deep = List.of(2, 2, 18, 2);
        for (int levels = 2; levels <= 3; levels++) {
            String field = levels == 2 ? "-srf" : "-lrf";
            add(all, "focalnet", "tiny" + field, focalNet(List.of(2, 2, 6, 2), 96, levels), FOCAL);
            add(all, "focalnet", "small" + field, focalNet(deep, 96, levels), FOCAL);
            add(all, "focalnet", "base" + field, focalNet(deep, 128, levels), FOCAL);
        }
        for (int levels = 3; levels <= 4; levels++) {
            FocalNet net =
                    focalNet(deep, 192, levels)
                            .with()
                            .window(levels == 3 ? 5 : 3)
                            .overlap(true)
                            .postNorm(true)
                            .layerScale(1e-4)
                            .classes(IMAGENET_22K)
                            .build();
            add(all, "focalnet", "large-fl" + levels, net, FOCAL);
            add(all, "focalnet", "xlarge-fl" + levels, net.withWidth(256), FOCAL);
            if (levels == 3) { // timm has the larger one without a classifier
                FocalNet huge = net.with().width(352).window(3).modulationNorm(true).build();
                add(all, "focalnet", "huge-fl3", huge, FOCAL);
            }
        }
    }

    private static FocalNet focalNet(List<Integer> units, int width, int levels) {
        return Defaults.fill(FocalNetBuilder.builder())
                .units(units)
                .width(width)
                .levels(levels)
                .classes(1000)
                .build();
    }

    private static void convMixer(
            List<Preset> all,
            String size,
            int width,
            int depth,
            int kernel,
            int patch,
            ActivationSpec activation) {
        ConvMixer net =
                Defaults.fill(ConvMixerBuilder.builder())
                        .width(width)
                        .depth(depth)
                        .kernel(kernel)
                        .patch(patch)
                        .activation(activation)
                        .classes(1000)
                        .build();
        add(all, "convmixer", size, net, CONVMIXER);
    }

    private static void poolFormer(
            List<Preset> all, String size, List<Integer> widths, int units, double layerScale) {
        PoolFormer net =
                Defaults.fill(PoolFormerBuilder.builder())
                        .units(List.of(units, units, 3 * units, units))
                        .widths(widths)
                        .layerScale(layerScale)
                        .classes(1000)
                        .build();
        add(all, "poolformer", size, net, POOLFORMER);
    }

    private static void add(
            List<Preset> all, String family, String size, Family net, String citation) {
        String name = family + "-" + size;
        ModelSpec spec = new ModelSpec(name, StandardInputs.IMAGENET, net);
        all.add(new Preset(name, family, spec, citation));
    }
}
