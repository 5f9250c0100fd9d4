package io.residuum.vision.segment;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.features.Backbone;
import io.residuum.vision.image.StandardInputs;
import io.residuum.vision.resnet.ResNet;
import java.util.ArrayList;
import java.util.List;

/** Provides the segmentation networks of torchvision as presets, for the classes of PASCAL VOC. */
public final class SegmentationPresets implements PresetProvider {
    private static final int CLASSES = 21;
    private static final int SIZE = 520;
    private static final String DEEPLAB = "Chen et al. 2017, arXiv:1706.05587, as in torchvision";
    private static final String FCN = "Long et al. 2015, arXiv:1411.4038, as in torchvision";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (int depth : new int[] {50, 101}) {
            SegmentationHead deeplab = Defaults.of(SegmentationHead.DeepLabV3.class);
            all.add(preset("deeplabv3-resnet" + depth, depth, deeplab, DEEPLAB));
            SegmentationHead fcn = Defaults.of(SegmentationHead.Fcn.class);
            all.add(preset("fcn-resnet" + depth, depth, fcn, FCN));
        }
        return all;
    }

    private static Preset preset(String name, int depth, SegmentationHead head, String citation) {
        Backbone backbone =
                new Backbone("", ResNet.imagenet(depth), List.of("stage3", "stage4"), 8);
        Segmentation.Auxiliary auxiliary =
                new Segmentation.Auxiliary("stage3", new SegmentationHead.Fcn(256, 0.1));
        Segmentation network = new Segmentation("", backbone, head, auxiliary, CLASSES);
        return new Preset(
                name,
                "segmentation",
                new ModelSpec(name, StandardInputs.imagenet(SIZE), network),
                citation);
    }
}
