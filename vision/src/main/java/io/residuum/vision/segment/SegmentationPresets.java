package io.residuum.vision.segment;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.efficientnet.EfficientNetPresets;
import io.residuum.vision.features.Backbone;
import io.residuum.vision.image.StandardInputs;
import io.residuum.vision.resnet.ResNet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Provides the segmentation networks of torchvision as presets, for the classes of PASCAL VOC. */
public final class SegmentationPresets implements PresetProvider {
    private static final int CLASSES = 21;
    private static final int SIZE = 520;
    private static final String DEEPLAB = "Chen et al. 2017, arXiv:1706.05587, as in torchvision";
    private static final String FCN = "Long et al. 2015, arXiv:1411.4038, as in torchvision";
    private static final String LITE =
            "Howard et al. 2019, arXiv:1905.02244, Section 6.4, as in torchvision";

    @Override
    public List<Preset> presets() {
        SegmentationHead deeplab = Defaults.of(SegmentationHead.DeepLabV3.class);
        SegmentationHead fcn = Defaults.of(SegmentationHead.Fcn.class);
        List<Preset> all = new ArrayList<>();
        for (int depth : new int[] {50, 101}) {
            Backbone backbone =
                    new Backbone("", ResNet.imagenet(depth), List.of("stage3", "stage4"), 8, false);
            Segmentation.Auxiliary auxiliary = auxiliary("stage3", 256);
            String name = "-resnet" + depth;
            all.add(preset("deeplabv3" + name, backbone, deeplab, auxiliary, DEEPLAB));
            all.add(preset("fcn" + name, backbone, fcn, auxiliary, FCN));
        }
        Backbone mobile = mobileNet();
        String name = "-mobilenet-v3-large";
        Segmentation.Auxiliary auxiliary = auxiliary("stage3.0", 10);
        all.add(preset("deeplabv3" + name, mobile, deeplab, auxiliary, DEEPLAB));
        SegmentationHead lite = Defaults.of(SegmentationHead.LrAspp.class);
        all.add(preset("lraspp" + name, mobile, lite, null, LITE));
        return all;
    }

    private static Backbone mobileNet() {
        return new EfficientNetPresets()
                .presets().stream()
                        .filter(preset -> preset.name().equals("mobilenet-v3-large"))
                        .map(preset -> preset.spec().network())
                        .map(net -> new Backbone("", net, List.of("stage3.0", "stage7"), 16, true))
                        .findFirst()
                        .orElseThrow();
    }

    private static Segmentation.Auxiliary auxiliary(String part, int channels) {
        return new Segmentation.Auxiliary(part, new SegmentationHead.Fcn(channels, 0.1));
    }

    private static Preset preset(
            String name,
            Backbone backbone,
            SegmentationHead head,
            Segmentation.@Nullable Auxiliary auxiliary,
            String citation) {
        Segmentation network = new Segmentation("", backbone, head, auxiliary, CLASSES);
        return new Preset(
                name,
                "segmentation",
                new ModelSpec(name, StandardInputs.imagenet(SIZE), network),
                citation);
    }
}
