package io.residuum.vision.resnet;

import io.residuum.residual.wiring.Reversible;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides the ResNets of the literature as presets. */
public final class ResNetPresets implements PresetProvider {

    private static final String RESNET = "He et al. 2015, arXiv:1512.03385";
    private static final String TABLE_1 = RESNET + ", Table 1";
    private static final String V1_5 =
            TABLE_1 + "; stride on the 3x3 as in Goyal et al. 2017, arXiv:1706.02677";
    private static final String CIFAR = RESNET + ", Section 4.2";
    private static final String AKAMASTER =
            CIFAR + "; normalized as the weights of akamaster/pytorch_resnet_cifar10";
    private static final String V2 = "He et al. 2016, arXiv:1603.05027";
    private static final String RESNET_D = "He et al. 2019, arXiv:1812.01187, Section 4.2";
    private static final String RESNEXT = "Xie et al. 2017, arXiv:1611.05431, Table 1";
    private static final String SENET = "Hu et al. 2018, arXiv:1709.01507, Table 1";
    private static final String REVNET =
            "Gomez et al. 2017, arXiv:1707.04585, Section 5; shortcuts of option A between stages";
    private static final String WIDE = "Zagoruyko and Komodakis 2016, arXiv:1605.07146";

    private static final InputSpec AKAMASTER_INPUT =
            new InputSpec.Image(
                    List.of(3, 32, 32), List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

    private static final ResNetUnit PRE_ACTIVATION =
            ResNetUnit.ORIGINAL.withOrder(ActivationOrder.PRE_ACTIVATION);

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (int depth : new int[] {18, 34, 50, 101, 152}) {
            add(all, "resnet" + depth, ResNet.imagenet(depth), depth < 50 ? TABLE_1 : V1_5);
        }
        for (int depth : new int[] {50, 101, 152}) {
            ResNetUnit published = ResNetUnit.ORIGINAL.withStrideOn(ResNetUnit.StrideOn.FIRST);
            add(all, "resnet" + depth + "-v1", ResNet.imagenet(depth).withUnit(published), TABLE_1);
        }
        for (int depth : new int[] {18, 34, 50, 101, 152}) {
            ResNet d = ResNet.imagenet(depth).withStem(Stem.DEEP).withShortcut(ShortcutPolicy.D);
            add(all, "resnet" + depth + "d", d, RESNET_D);
        }
        for (int depth : new int[] {50, 101, 152}) {
            // timm's weights, the only ones, read values from -1 to 1.
            ResNet second = ResNet.imagenet(depth).withUnit(PRE_ACTIVATION);
            add(all, "resnetv2-" + depth, StandardInputs.symmetric(224), second, V2);
        }
        addGrouped(all, "resnext50-32x4d", 50, 32, 4, RESNEXT);
        addGrouped(all, "resnext101-32x8d", 101, 32, 8, RESNEXT);
        ResNetUnit squeezed = ResNetUnit.ORIGINAL.withSqueezeExcitation(16);
        add(all, "seresnet50", ResNet.imagenet(50).withUnit(squeezed), SENET);
        addGrouped(all, "wide-resnet50-2", 50, 1, 128, WIDE);
        addGrouped(all, "wide-resnet101-2", 101, 1, 128, WIDE);
        for (int depth : new int[] {18, 34, 50, 101, 152}) {
            ResNet plain = ResNet.imagenet(depth).withShortcut(ShortcutPolicy.NONE);
            add(all, "plain" + depth, plain, RESNET + ", Figure 3");
        }
        for (int depth : new int[] {20, 32, 44, 56, 110, 1202}) {
            ResNet cifar = ResNet.cifar(depth);
            add(all, "resnet" + depth, cifar, CIFAR);
            add(all, "resnet" + depth + "-b", cifar.withShortcut(ShortcutPolicy.B), CIFAR);
            add(all, "plain" + depth, cifar.withShortcut(ShortcutPolicy.NONE), CIFAR);
            add(all, "cifar-resnet" + depth, AKAMASTER_INPUT, cifar, AKAMASTER);
        }
        ResNetUnit bottleneck = PRE_ACTIVATION.withKind(ResNetUnit.Kind.BOTTLENECK);
        for (int depth : new int[] {164, 1001}) {
            ResNet net = ResNet.cifar(depth, bottleneck, ShortcutPolicy.B);
            add(all, "preact-resnet" + depth, net, V2 + ", Table 4");
        }
        // The paper calls this depth 28 = 6n + 4, because it counts the widening projections as
        // layers.
        ResNet wide = ResNet.cifar(26, PRE_ACTIVATION, ShortcutPolicy.B).withWiden(10);
        add(all, "wrn-28-10", wide, WIDE + ", Table 5");
        // Two units are one of the paper's blocks, which couples the halves of the channels.
        ResNet reversible =
                ResNet.cifar(110, PRE_ACTIVATION, ShortcutPolicy.A).with().stream(
                                new Reversible(true))
                        .build();
        add(all, "revnet110", reversible, REVNET);
        all.addAll(ResNetRelatives.presets());
        return StandardInputs.published(all);
    }

    private static void addGrouped(
            List<Preset> all, String name, int depth, int groups, int width, String citation) {
        ResNetUnit unit = ResNetUnit.ORIGINAL.withGroups(groups).withGroupWidth(width);
        add(all, name, ResNet.imagenet(depth).withUnit(unit), citation);
    }

    private static void add(List<Preset> all, String name, ResNet net, String citation) {
        add(
                all,
                name,
                net.stem() == Stem.CIFAR ? StandardInputs.CIFAR : StandardInputs.IMAGENET,
                net,
                citation);
    }

    private static void add(
            List<Preset> all, String name, InputSpec input, ResNet net, String citation) {
        all.add(new Preset(name, "resnet", new ModelSpec(name, input, net), citation));
    }
}
