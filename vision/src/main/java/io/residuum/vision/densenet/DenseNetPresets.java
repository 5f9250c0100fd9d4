package io.residuum.vision.densenet;

import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.vision.image.StandardInputs;
import io.residuum.vision.resnet.Stem;
import java.util.ArrayList;
import java.util.List;

/** Provides the DenseNets of the literature as presets. */
public final class DenseNetPresets implements PresetProvider {
    private static final String DENSENET = "Huang et al. 2017, arXiv:1608.06993";
    private static final String TABLE_1 = DENSENET + ", Table 1";
    private static final String TABLE_2 = DENSENET + ", Table 2";

    private static final String DEEP =
            TABLE_1 + "; growth rate 48, stem of He et al. 2019, arXiv:1812.01187";

    private static final String BLUR = TABLE_1 + "; filters of Zhang 2019, arXiv:1904.11486";

    /** Later versions of the paper have a network of 264 layers in its place. */
    private static final String VERSION_3 = DENSENET + "v3, Table 1";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (int depth : new int[] {121, 161, 169, 201}) {
            String citation = depth == 161 ? VERSION_3 : TABLE_1;
            DenseNet net = DenseNet.imagenet(depth);
            all.add(preset("densenet" + depth, StandardInputs.IMAGENET, net, citation));
        }
        DenseNet deep =
                DenseNet.imagenet(161).with().units(List.of(6, 12, 64, 48)).stem(Stem.DEEP).build();
        all.add(preset("densenet264d", StandardInputs.IMAGENET, deep, DEEP));
        DenseNet blurred = DenseNet.imagenet(121).with().stem(Stem.DEEP).blur(true).build();
        all.add(preset("densenetblur121d", StandardInputs.IMAGENET, blurred, BLUR));
        addCifar(all, "densenet-40-12", DenseNet.cifar(40, 12));
        addCifar(all, "densenet-100-12", DenseNet.cifar(100, 12));
        addCifar(all, "densenet-100-24", DenseNet.cifar(100, 24));
        addCifar(all, "densenet-bc-100-12", DenseNet.cifarBottleneck(100, 12));
        addCifar(all, "densenet-bc-250-24", DenseNet.cifarBottleneck(250, 24));
        addCifar(all, "densenet-bc-190-40", DenseNet.cifarBottleneck(190, 40));
        return StandardInputs.published(all);
    }

    private static void addCifar(List<Preset> all, String name, DenseNet net) {
        all.add(preset(name, StandardInputs.CIFAR, net, TABLE_2));
    }

    private static Preset preset(String name, InputSpec input, DenseNet net, String citation) {
        return new Preset(name, "densenet", new ModelSpec(name, input, net), citation);
    }
}
