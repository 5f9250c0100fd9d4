package io.residuum.vision.convnext;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides the ConvNeXts of the papers, and timm's smaller ones, as presets with timm's names. */
public final class ConvNeXtPresets implements PresetProvider {
    private static final String V1 = "Liu et al. 2022, arXiv:2201.03545, Section 3";
    private static final String V2 = "Woo et al. 2023, arXiv:2301.00808, Appendix A.1";
    private static final String SMALLER = V2 + "; as version 1, by timm";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        List<Integer> shallow = List.of(2, 2, 6, 2);
        List<Integer> nano = List.of(2, 2, 8, 2);
        List<Integer> tiny = List.of(3, 3, 9, 3);
        List<Integer> deep = List.of(3, 3, 27, 3);
        small(all, "atto", shallow, 40, ConvNeXt.Stem.OVERLAP_TIERED);
        small(all, "femto", shallow, 48, ConvNeXt.Stem.OVERLAP_TIERED);
        small(all, "pico", shallow, 64, ConvNeXt.Stem.OVERLAP_TIERED);
        small(all, "nano", nano, 80, ConvNeXt.Stem.OVERLAP);
        ConvNeXt hnf = net(tiny, 96);
        ConvNeXt.Unit convolutions = hnf.unit().withConvolutions(true);
        ConvNeXt.Head normFirst = new ConvNeXt.Head(true, 0, 0);
        add(all, "convnext-tiny-hnf", hnf.with().unit(convolutions).head(normFirst).build(), V1);
        both(all, "tiny", tiny, 96);
        add(all, "convnext-small", net(deep, 96), V1);
        add(all, "convnextv2-small", second(net(deep, 96)), V2);
        both(all, "base", deep, 128);
        both(all, "large", deep, 192);
        add(all, "convnext-xlarge", net(deep, 256), V1);
        add(all, "convnextv2-huge", second(net(deep, 352)), V2);
        ConvNeXt.Head mlp = new ConvNeXt.Head(false, 1536, 0);
        add(
                all,
                "convnext-large-mlp",
                net(deep, 192).withHead(mlp),
                V1 + "; a hidden layer by OpenCLIP");
        test(all, "test-convnext", List.of(1, 2, 4, 2), List.of(24, 32, 48, 64));
        test(all, "test-convnext2", List.of(1, 1, 1, 1), List.of(32, 64, 96, 128));
        ConvNeXt atto = net(shallow, 40);
        ConvNeXt.Unit rms =
                atto.unit().with().convolutions(true).norm(new NormSpec.Rms(1e-6, 1)).build();
        add(all, "convnext-atto-rms", atto.withUnit(rms), SMALLER);
        ConvNeXt zepto = net(List.of(2, 2, 4, 2), 32);
        ConvNeXt simple = zepto.withUnit(rms.withNorm(new NormSpec.Rms(1e-6, 1, true, 0, true)));
        add(all, "convnext-zepto-rms", simple, SMALLER);
        ConvNeXt overlap = simple.withStem(ConvNeXt.Stem.OVERLAP_ACTIVATED);
        add(all, "convnext-zepto-rms-ols", overlap, SMALLER);
        ConvNeXt third = net(List.of(1, 1, 1, 1), 32).withWidths(List.of(32, 64, 96, 128));
        ConvNeXt.Unit windows =
                third.unit()
                        .with()
                        .norm(new NormSpec.Channel(1e-5, 1))
                        .activation(new ActivationSpec.Silu())
                        .kernels(List.of(7, 5, 5, 3))
                        .build();
        add(all, "test-convnext3", third.withUnit(windows), V1 + "; small, for tests of timm");
        ConvNeXt xxl = net(List.of(3, 4, 30, 3), 384);
        NormSpec norm = new NormSpec.Channel(1e-5, 1);
        add(all, "convnext-xxlarge", xxl.withUnit(xxl.unit().withNorm(norm)), V1 + "; by OpenCLIP");
        return StandardInputs.published(all);
    }

    private static void small(
            List<Preset> all, String size, List<Integer> units, int width, ConvNeXt.Stem overlap) {
        ConvNeXt first = net(units, width);
        ConvNeXt convolutions = first.withUnit(first.unit().withConvolutions(true));
        add(all, "convnext-" + size, convolutions, SMALLER);
        add(all, "convnext-" + size + "-ols", convolutions.withStem(overlap), SMALLER);
        add(all, "convnextv2-" + size, second(convolutions), V2);
    }

    private static void both(List<Preset> all, String size, List<Integer> units, int width) {
        add(all, "convnext-" + size, net(units, width), V1);
        add(all, "convnextv2-" + size, second(net(units, width)), V2);
    }

    private static void test(
            List<Preset> all, String name, List<Integer> units, List<Integer> widths) {
        ConvNeXt net = net(units, widths.get(0)).withWidths(widths);
        ConvNeXt.Unit unit =
                net.unit()
                        .with()
                        .norm(new NormSpec.Channel(1e-5, 1))
                        .activation(new ActivationSpec.GeluTanh())
                        .build();
        add(all, name, net.withUnit(unit), V1 + "; small, for tests of timm");
    }

    private static ConvNeXt second(ConvNeXt net) {
        return net.withUnit(net.unit().with().layerScale(0).responseNorm(true).build());
    }

    private static ConvNeXt net(List<Integer> units, int width) {
        return Defaults.fill(ConvNeXtBuilder.builder())
                .units(units)
                .widths(List.of(width, 2 * width, 4 * width, 8 * width))
                .classes(1000)
                .build();
    }

    private static void add(List<Preset> all, String name, ConvNeXt net, String citation) {
        ModelSpec spec = new ModelSpec(name, StandardInputs.imagenet(224), net);
        all.add(new Preset(name, "convnext", spec, citation));
    }
}
