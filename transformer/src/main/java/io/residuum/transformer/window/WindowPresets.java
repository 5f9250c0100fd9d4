package io.residuum.transformer.window;

import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.PresetInputs;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/** Lists published Swin transformers as presets; those of other windows have timm's names. */
public final class WindowPresets implements PresetProvider {
    private static final String SWIN = "Liu et al. 2021, arXiv:2103.14030, Section 3.3";
    private static final String SWIN_V2 = "Liu et al. 2022, arXiv:2111.09883, Section 4.1";
    private static final String SWIN_S3 = "Chen et al. 2021, arXiv:2111.14725";
    private static final List<Integer> DEEP = List.of(2, 2, 18, 2);
    private static final int IMAGENET_21K = 21841;
    private static final List<Double> MEAN = List.of(0.485, 0.456, 0.406);
    private static final List<Double> STD = List.of(0.229, 0.224, 0.225);

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (Swin.Version version : List.of(Swin.Version.V1, Swin.Version.V2)) {
            add(all, version, "t", 96, List.of(2, 2, 6, 2));
            add(all, version, "s", 96, DEEP);
            add(all, version, "b", 128, DEEP);
        }
        add(all, Swin.Version.V1, "l", 192, DEEP);
        searched(all, "tiny", 7, 6);
        searched(all, "small", 14, 18);
        searched(all, "base", 7, 30);
        for (String size : List.of("base", "large")) {
            int width = size.equals("base") ? 128 : 192;
            Swin first = Swin.of(Swin.Version.V1, width, DEEP, 32).withWindow(Size2d.of(12));
            add(all, "swin-" + size + "-patch4-window12-384", 384, first, SWIN);
            Swin second = Swin.of(Swin.Version.V2, width, DEEP, 32);
            String name = "swinv2-" + size + "-window12";
            Swin pretrained = second.withWindow(Size2d.of(12)).withClasses(IMAGENET_21K);
            add(all, name + "-192", 192, pretrained, SWIN_V2);
            // The last stage of the pretraining has 6 x 6 positions.
            Swin larger = second.withTrained(List.of(12, 12, 12, 6));
            add(all, name + "to16-192to256", 256, larger.withWindow(Size2d.of(16)), SWIN_V2);
            add(all, name + "to24-192to384", 384, larger.withWindow(Size2d.of(24)), SWIN_V2);
        }
        for (String size : List.of("tiny", "small", "base")) {
            List<Integer> depths = size.equals("tiny") ? List.of(2, 2, 6, 2) : DEEP;
            Swin wide = Swin.of(Swin.Version.V2, size.equals("base") ? 128 : 96, depths, 32);
            String name = "swinv2-" + size + "-window16-256";
            add(all, name, 256, wide.withWindow(Size2d.of(16)), SWIN_V2);
        }
        variants(all);
        return PresetInputs.read(WindowPresets.class, "inputs.json").applyTo(all);
    }

    /** Adds timm's variants of V2; the largest ones have further norms. */
    private static void variants(List<Preset> all) {
        List<Integer> tiny = List.of(2, 2, 6, 2);
        for (int image : new int[] {224, 384}) {
            variant(all, "tiny", image, 96, tiny, 32);
            variant(all, "small", image, 96, DEEP, 32);
            variant(all, "base", image, 128, DEEP, 32);
            variant(all, "large", image, 192, DEEP, 32);
            variant(all, "huge", image, 352, DEEP, image == 224 ? 44 : 32);
            variant(all, "giant", image, 512, List.of(2, 2, 42, 2), 32);
        }
        variant(all, "tiny-ns", 224, 96, tiny, 32);
        variant(all, "small-ns", 224, 96, DEEP, 32);
        variant(all, "small-ns", 256, 96, DEEP, 32);
        variant(all, "base-ns", 224, 128, DEEP, 32);
    }

    private static void variant(
            List<Preset> all,
            String size,
            int image,
            int width,
            List<Integer> depths,
            int headWidth) {
        Swin network =
                Swin.of(Swin.Version.V2_CR, width, depths, headWidth)
                        .with()
                        .window(Size2d.of(image / 32))
                        .normPeriod(width > 192 ? 6 : 0)
                        .stageNorm(size.endsWith("-ns"))
                        .build();
        add(all, "swinv2-cr-" + size + "-" + image, image, network, SWIN_V2 + "; as in timm");
    }

    private static void searched(List<Preset> all, String size, int window, int units) {
        Swin network = Swin.of(Swin.Version.V1, 96, List.of(2, 2, units, 2), 32);
        List<Integer> windows = List.of(window, window, 14, 7);
        add(all, "swin-s3-" + size + "-224", 224, network.withWindows(windows), SWIN_S3);
    }

    /** Heads are 32 wide. V2 was trained on larger images, with windows of 8. */
    private static void add(
            List<Preset> all, Swin.Version version, String size, int width, List<Integer> depths) {
        boolean first = version == Swin.Version.V1;
        int image = first ? 224 : 256;
        String name = (first ? "swin-" : "swinv2-") + size;
        Swin network = Swin.of(version, width, depths, 32).withWindow(Size2d.of(first ? 7 : 8));
        add(all, name, image, network, first ? SWIN : SWIN_V2);
    }

    private static void add(
            List<Preset> all, String name, int image, Swin network, String citation) {
        InputSpec input = new InputSpec.Image(List.of(3, image, image), MEAN, STD);
        all.add(new Preset(name, "swin", new ModelSpec(name, input, network), citation));
    }
}
