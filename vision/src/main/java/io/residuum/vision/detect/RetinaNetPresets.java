package io.residuum.vision.detect;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.features.Backbone;
import io.residuum.vision.features.Fpn;
import io.residuum.vision.image.StandardInputs;
import io.residuum.vision.resnet.ResNet;
import java.util.List;

/** Provides the RetinaNets of torchvision as presets, for the 91 ids of COCO's categories. */
public final class RetinaNetPresets implements PresetProvider {
    private static final int CLASSES = 91;
    private static final int SIZE = 800;
    private static final String PAPER = "Lin et al. 2017, arXiv:1708.02002, as in torchvision";

    @Override
    public List<Preset> presets() {
        Fpn fpn = Defaults.of(Fpn.class);
        RetinaHead head = Defaults.fill(RetinaHeadBuilder.builder()).classes(CLASSES).build();
        return List.of(
                preset("retinanet-resnet50-fpn", fpn, head),
                preset(
                        "retinanet-resnet50-fpn-v2",
                        fpn.withExtra(Fpn.Extra.P6P7_OF_C5),
                        head.withNorm(new NormSpec.Group(32, 1e-5, 1))));
    }

    private static Preset preset(String name, Fpn fpn, RetinaHead head) {
        Backbone backbone =
                new Backbone(
                        "", ResNet.imagenet(50), List.of("stage2", "stage3", "stage4"), 0, false);
        ModelSpec spec =
                new ModelSpec(
                        name,
                        StandardInputs.imagenet(SIZE),
                        new RetinaNet("", backbone, fpn, head));
        return new Preset(name, "retinanet", spec, PAPER);
    }
}
