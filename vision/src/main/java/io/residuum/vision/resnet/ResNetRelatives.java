package io.residuum.vision.resnet;

import io.residuum.nn.Init.Fan;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.EfficientChannelAttention;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.vision.image.StandardInputs;
import io.residuum.vision.resnet.PathAttention.SplitAttention.Pool;
import io.residuum.vision.resnet.ResNetUnit.Antialias;
import io.residuum.vision.resnet.ResNetUnit.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Lists the ResNets of timm beyond the literature's tables, under timm's names with dashes. */
final class ResNetRelatives {
    private static final String TRICKS = "He et al. 2019, arXiv:1812.01187, Section 4.2";
    private static final String RESNET = "He et al. 2015, arXiv:1512.03385; sizes of timm";
    private static final String STEM_T = TRICKS + "; stem of timm's ResNet-T";
    private static final String RESNEXT = "Xie et al. 2017, arXiv:1611.05431";
    private static final String SENET = "Hu et al. 2018, arXiv:1709.01507";
    private static final String ECANET = "Wang et al. 2020, arXiv:1910.03151";
    private static final String BLUR = "Zhang 2019, arXiv:1904.11486";
    private static final String RS = "Bello et al. 2021, arXiv:2103.07579, Table 8";
    private static final String RES2NET = "Gao et al. 2019, arXiv:1904.01169";
    private static final String SKNET = "Li et al. 2019, arXiv:1903.06586";
    private static final String RESNEST = "Zhang et al. 2020, arXiv:2004.08955";
    private static final String GROUP_NORM = "Wu and He 2018, arXiv:1803.08494";
    private static final String V2 = "He et al. 2016, arXiv:1603.05027";
    private static final String BIT = "Kolesnikov et al. 2020, arXiv:1912.11370, Section 3.1";

    private static final List<Integer> U14 = List.of(1, 1, 1, 1);
    private static final List<Integer> U26 = List.of(2, 2, 2, 2);
    private static final List<Integer> U50 = List.of(3, 4, 6, 3);
    private static final List<Integer> U101 = List.of(3, 4, 23, 3);
    private static final List<Integer> U152 = List.of(3, 8, 36, 3);
    private static final List<Integer> U200 = List.of(3, 24, 36, 3);
    private static final List<Integer> U269 = List.of(3, 30, 48, 8);

    private static final ResNetUnit BASIC = ResNetUnit.ORIGINAL.withKind(Kind.BASIC);
    private static final ResNetUnit BOTTLENECK = ResNetUnit.ORIGINAL.withKind(Kind.BOTTLENECK);
    private static final ResNetUnit SE = BOTTLENECK.withSqueezeExcitation(16);
    private static final ResNetUnit ECA = eca(BOTTLENECK);
    private static final ResNetUnit PRE = pre(BOTTLENECK);
    private static final NormSpec GROUPS = Defaults.of(NormSpec.Group.class);

    /** The stem and the shortcuts, by timm's letter. */
    private enum Variant {
        /** The stem of the paper. */
        PLAIN(Stem.IMAGENET, 0, ShortcutPolicy.B),
        /** A deep stem. */
        C(Stem.DEEP, 0, ShortcutPolicy.B),
        /** A deep stem, and pooling before projections. */
        D(Stem.DEEP, 0, ShortcutPolicy.D),
        /** As D, with a stem of twice the width. */
        E(Stem.DEEP, 128, ShortcutPolicy.D),
        /** A deep stem of twice the width. */
        S(Stem.DEEP, 128, ShortcutPolicy.B),
        /** A tiered stem, and pooling before projections. */
        T(Stem.TIERED, 0, ShortcutPolicy.D),
        /** The stem of the paper, and pooling before projections. */
        LIGHT(Stem.IMAGENET, 0, ShortcutPolicy.D);

        private final Stem stem;
        private final int stemWidth;
        private final ShortcutPolicy shortcut;

        Variant(Stem stem, int stemWidth, ShortcutPolicy shortcut) {
            this.stem = stem;
            this.stemWidth = stemWidth;
            this.shortcut = shortcut;
        }
    }

    private final List<Preset> all = new ArrayList<>();

    private ResNetRelatives() {}

    static List<Preset> presets() {
        ResNetRelatives made = new ResNetRelatives();
        made.sizes();
        made.grouped();
        made.attentive();
        made.legacy();
        made.antialiased();
        made.rescaled();
        made.scaled();
        made.selective();
        made.split();
        made.preActivated();
        return made.all;
    }

    private void sizes() {
        UnaryOperator<ResNet> mixed =
                net ->
                        net.with()
                                .widths(List.of(32, 48, 48, 96))
                                .kinds(List.of(Kind.BASIC, Kind.BASIC, Kind.BOTTLENECK, Kind.BASIC))
                                .build();
        String small = RESNET + "; small, for tests of timm";
        add("test-resnet", U14, Variant.D, ResNetUnit.ORIGINAL, small, mixed);
        add("resnet10t", U14, Variant.T, BASIC, STEM_T);
        add("resnet14t", U14, Variant.T, BOTTLENECK, STEM_T);
        add("resnet26", U26, Variant.PLAIN, BOTTLENECK, RESNET);
        add("resnet26t", U26, Variant.T, BOTTLENECK, STEM_T);
        add("resnet26d", U26, Variant.D, BOTTLENECK, TRICKS);
        add("resnet50t", U50, Variant.T, BOTTLENECK, STEM_T);
        add("resnet50c", U50, Variant.C, BOTTLENECK, TRICKS);
        add("resnet101c", U101, Variant.C, BOTTLENECK, TRICKS);
        add("resnet152c", U152, Variant.C, BOTTLENECK, TRICKS);
        add("resnet50s", U50, Variant.S, BOTTLENECK, TRICKS);
        add("resnet101s", U101, Variant.S, BOTTLENECK, TRICKS);
        add("resnet152s", U152, Variant.S, BOTTLENECK, TRICKS);
        add("resnet200", U200, Variant.PLAIN, BOTTLENECK, RESNET);
        add("resnet200d", U200, Variant.D, BOTTLENECK, TRICKS);
        add("resnet50-gn", U50, Variant.PLAIN, BOTTLENECK.withNorm(GROUPS), GROUP_NORM);
    }

    private void grouped() {
        add("resnext50d-32x4d", U50, Variant.D, groups(BOTTLENECK, 32, 4), RESNEXT);
        add("resnext101-32x4d", U101, Variant.PLAIN, groups(BOTTLENECK, 32, 4), RESNEXT);
        add("resnext101-32x16d", U101, Variant.PLAIN, groups(BOTTLENECK, 32, 16), RESNEXT);
        add("resnext101-32x32d", U101, Variant.PLAIN, groups(BOTTLENECK, 32, 32), RESNEXT);
        add("resnext101-32x48d", U101, Variant.PLAIN, groups(BOTTLENECK, 32, 48), RESNEXT);
        add("resnext101-64x4d", U101, Variant.PLAIN, groups(BOTTLENECK, 64, 4), RESNEXT);
    }

    private void attentive() {
        add("ecaresnet26t", U26, Variant.T, ECA, ECANET);
        add("ecaresnet50d", U50, Variant.D, ECA, ECANET);
        add("ecaresnet50t", U50, Variant.T, ECA, ECANET);
        add("ecaresnetlight", List.of(1, 1, 11, 3), Variant.LIGHT, ECA, ECANET);
        add("ecaresnet101d", U101, Variant.D, ECA, ECANET);
        add("ecaresnet200d", U200, Variant.D, ECA, ECANET);
        add("ecaresnet269d", U269, Variant.D, ECA, ECANET);
        add("ecaresnext26t-32x4d", U26, Variant.T, groups(ECA, 32, 4), ECANET);
        add("ecaresnext50t-32x4d", U26, Variant.T, groups(ECA, 32, 4), ECANET);
        add("seresnet18", U26, Variant.PLAIN, BASIC.withSqueezeExcitation(16), SENET);
        add("seresnet34", U50, Variant.PLAIN, BASIC.withSqueezeExcitation(16), SENET);
        add("seresnet50t", U50, Variant.T, SE, SENET);
        add("seresnet101", U101, Variant.PLAIN, SE, SENET);
        add("seresnet152", U152, Variant.PLAIN, SE, SENET);
        add("seresnet152d", U152, Variant.D, SE, SENET);
        add("seresnet200d", U200, Variant.D, SE, SENET);
        add("seresnet269d", U269, Variant.D, SE, SENET);
        add("seresnext26d-32x4d", U26, Variant.D, groups(SE, 32, 4), SENET);
        add("seresnext26t-32x4d", U26, Variant.T, groups(SE, 32, 4), SENET);
        add("seresnext50-32x4d", U50, Variant.PLAIN, groups(SE, 32, 4), SENET);
        add("seresnext101-32x4d", U101, Variant.PLAIN, groups(SE, 32, 4), SENET);
        add("seresnext101-32x8d", U101, Variant.PLAIN, groups(SE, 32, 8), SENET);
        add("seresnext101d-32x8d", U101, Variant.D, groups(SE, 32, 8), SENET);
        add("seresnext101-64x4d", U101, Variant.PLAIN, groups(SE, 64, 4), SENET);
        ResNetUnit senet = groups(SE, 64, 4).withReduceFirst(2).withProjectionKernel(3);
        add("senet154", U152, Variant.S, senet, SENET + ", Section 6.1");
    }

    /** Adds the networks of the paper's authors, converted from Caffe. */
    private void legacy() {
        ResNetUnit caffe = SE.withStrideOn(ResNetUnit.StrideOn.FIRST);
        // These have an activation before squeeze-excitation too.
        LayerSpec activated =
                new Sequential(
                        "activated",
                        new Activation("activation", ActivationSpec.RELU),
                        new SqueezeExcitation("se", 16, false, new InitSpec.HeNormal(Fan.IN), 1));
        ResNetUnit basic = BASIC.withAttention(activated);
        legacy("seresnet18", U26, Variant.PLAIN, basic);
        legacy("seresnet34", U50, Variant.PLAIN, basic);
        legacy("seresnet50", U50, Variant.PLAIN, caffe);
        legacy("seresnet101", U101, Variant.PLAIN, caffe);
        legacy("seresnet152", U152, Variant.PLAIN, caffe);
        legacy("seresnext26-32x4d", U26, Variant.PLAIN, groups(SE, 32, 4));
        legacy("seresnext50-32x4d", U50, Variant.PLAIN, groups(SE, 32, 4));
        legacy("seresnext101-32x4d", U101, Variant.PLAIN, groups(SE, 32, 4));
        ResNetUnit senet = groups(SE, 64, 4).withReduceFirst(2).withProjectionKernel(3);
        legacy("senet154", U152, Variant.S, senet);
    }

    private void legacy(String name, List<Integer> units, Variant variant, ResNetUnit unit) {
        UnaryOperator<ResNet> change = net -> net.withStemPool(Stem.Pool.CEIL_MAX);
        add("legacy-" + name, units, variant, unit, SENET, change);
    }

    private void antialiased() {
        ResNetUnit blur = BOTTLENECK.withAntialias(Antialias.BLUR);
        add("resnetblur18", U26, Variant.PLAIN, BASIC.withAntialias(Antialias.BLUR), BLUR);
        add("resnetblur50", U50, Variant.PLAIN, blur, BLUR);
        add("resnetblur50d", U50, Variant.D, blur, BLUR);
        add("resnetblur101d", U101, Variant.D, blur, BLUR);
        ResNetUnit mean = BOTTLENECK.withAntialias(Antialias.AVERAGE);
        ResNetUnit squeezed = SE.withAntialias(Antialias.AVERAGE);
        add("resnetaa34d", U50, Variant.D, BASIC.withAntialias(Antialias.AVERAGE), BLUR);
        add("resnetaa50", U50, Variant.PLAIN, mean, BLUR);
        add("resnetaa50d", U50, Variant.D, mean, BLUR);
        add("resnetaa101d", U101, Variant.D, mean, BLUR);
        add("seresnetaa50d", U50, Variant.D, squeezed, BLUR);
        add("seresnextaa101d-32x8d", U101, Variant.D, groups(squeezed, 32, 8), BLUR);
        List<Integer> u201 = List.of(3, 24, 36, 4);
        add("seresnextaa201d-32x8d", u201, Variant.E, groups(squeezed, 32, 8), BLUR);
    }

    private void rescaled() {
        rescaled("resnetrs50", U50);
        rescaled("resnetrs101", U101);
        rescaled("resnetrs152", U152);
        rescaled("resnetrs200", U200);
        rescaled("resnetrs270", List.of(4, 29, 53, 4));
        rescaled("resnetrs350", List.of(4, 36, 72, 4));
        rescaled("resnetrs420", List.of(4, 44, 87, 4));
    }

    private void rescaled(String name, List<Integer> units) {
        ResNetUnit unit = BOTTLENECK.withSqueezeExcitation(4);
        add(name, units, Variant.D, unit, RS, net -> net.withStemPool(Stem.Pool.CONVOLUTION));
    }

    private void scaled() {
        add("res2net50-26w-4s", U50, Variant.PLAIN, scales(4, 26), RES2NET);
        add("res2net101-26w-4s", U101, Variant.PLAIN, scales(4, 26), RES2NET);
        add("res2net50-26w-6s", U50, Variant.PLAIN, scales(6, 26), RES2NET);
        add("res2net50-26w-8s", U50, Variant.PLAIN, scales(8, 26), RES2NET);
        add("res2net50-48w-2s", U50, Variant.PLAIN, scales(2, 48), RES2NET);
        add("res2net50-14w-8s", U50, Variant.PLAIN, scales(8, 14), RES2NET);
        add("res2next50", U50, Variant.PLAIN, scales(4, 4).withGroups(8), RES2NET);
        add("res2net50d", U50, Variant.D, scales(4, 26), RES2NET);
        add("res2net101d", U101, Variant.D, scales(4, 26), RES2NET);
    }

    private void selective() {
        PathAttention usual = new PathAttention.SelectiveKernel(16, 8, true);
        ResNetUnit basic = BASIC.withPaths(new PathAttention.SelectiveKernel(8, 16, true));
        ResNetUnit whole = BOTTLENECK.withPaths(new PathAttention.SelectiveKernel(16, 32, false));
        add("skresnet18", U26, Variant.PLAIN, basic, SKNET);
        add("skresnet34", U50, Variant.PLAIN, basic, SKNET);
        add("skresnet50", U50, Variant.PLAIN, BOTTLENECK.withPaths(usual), SKNET);
        add("skresnet50d", U50, Variant.D, BOTTLENECK.withPaths(usual), SKNET);
        add("skresnext50-32x4d", U50, Variant.PLAIN, groups(whole, 32, 4), SKNET);
    }

    private void split() {
        ResNetUnit unit = splits(2, Pool.AFTER);
        add("resnest14d", U14, Variant.D, unit, RESNEST);
        add("resnest26d", U26, Variant.D, unit, RESNEST);
        add("resnest50d", U50, Variant.D, unit, RESNEST);
        add("resnest101e", U101, Variant.E, unit, RESNEST);
        add("resnest200e", U200, Variant.E, unit, RESNEST);
        add("resnest269e", U269, Variant.E, unit, RESNEST);
        add("resnest50d-4s2x40d", U50, Variant.D, groups(splits(4, Pool.BEFORE), 2, 40), RESNEST);
        add("resnest50d-1s4x24d", U50, Variant.D, groups(splits(1, Pool.BEFORE), 4, 24), RESNEST);
    }

    private static ResNetUnit splits(int radix, Pool pool) {
        return BOTTLENECK.withPaths(new PathAttention.SplitAttention(radix, pool));
    }

    private void preActivated() {
        add("resnetv2-18", U26, Variant.PLAIN, pre(BASIC), V2);
        add("resnetv2-18d", U26, Variant.D, pre(BASIC), V2);
        add("resnetv2-34", U50, Variant.PLAIN, pre(BASIC), V2);
        add("resnetv2-34d", U50, Variant.D, pre(BASIC), V2);
        add("resnetv2-50d", U50, Variant.D, PRE, V2);
        add("resnetv2-50t", U50, Variant.T, PRE, V2);
        add("resnetv2-101d", U101, Variant.D, PRE, V2);
        add("resnetv2-152d", U152, Variant.D, PRE, V2);
        add("resnetv2-50d-gn", U50, Variant.D, PRE.withNorm(GROUPS), V2);
        transfer("resnetv2-50x1-bit", U50, 1);
        transfer("resnetv2-50x3-bit", U50, 3);
        transfer("resnetv2-101x1-bit", U101, 1);
        transfer("resnetv2-101x3-bit", U101, 3);
        transfer("resnetv2-152x2-bit", U152, 2);
        transfer("resnetv2-152x4-bit", U152, 4);
    }

    private void transfer(String name, List<Integer> units, int widths) {
        ResNetUnit unit = PRE.withNorm(GROUPS).withStandardizeWeights(true);
        UnaryOperator<ResNet> change =
                net -> net.withWidth(64 * widths).withStemPool(Stem.Pool.ZERO_PADDED_MAX);
        add(name, units, Variant.PLAIN, unit, BIT, change);
    }

    private static ResNetUnit groups(ResNetUnit unit, int groups, int width) {
        return unit.withGroups(groups).withGroupWidth(width);
    }

    private static ResNetUnit scales(int scales, int width) {
        return BOTTLENECK.withScales(scales).withGroupWidth(width);
    }

    private static ResNetUnit eca(ResNetUnit unit) {
        return unit.withAttention(new EfficientChannelAttention("eca", 0));
    }

    private static ResNetUnit pre(ResNetUnit unit) {
        return unit.withOrder(ActivationOrder.PRE_ACTIVATION);
    }

    private void add(
            String name, List<Integer> units, Variant variant, ResNetUnit unit, String citation) {
        add(name, units, variant, unit, citation, UnaryOperator.identity());
    }

    private void add(
            String name,
            List<Integer> units,
            Variant variant,
            ResNetUnit unit,
            String citation,
            UnaryOperator<ResNet> change) {
        ResNet net =
                Defaults.fill(ResNetBuilder.builder())
                        .stem(variant.stem)
                        .stemWidth(variant.stemWidth)
                        .units(units)
                        .unit(unit)
                        .shortcut(variant.shortcut)
                        .classes(1000)
                        .build();
        // The weights of the second version read values from -1 to 1.
        boolean second = name.startsWith("resnetv2");
        InputSpec input = second ? StandardInputs.symmetric(224) : StandardInputs.IMAGENET;
        ModelSpec spec = new ModelSpec(name, input, change.apply(net));
        all.add(new Preset(name, "resnet", spec, citation));
    }
}
