package io.residuum.vision.vgg;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides the VGG networks of the literature as presets. */
public final class VggPresets implements PresetProvider {
    private static final String VGG = "Simonyan and Zisserman 2015, arXiv:1409.1556, Table 1";
    private static final String NORMED =
            VGG + "; batch norm after each convolution, as in torchvision";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (int depth : Vgg.depths()) {
            all.add(preset("vgg" + depth, Vgg.of(depth), VGG));
            all.add(preset("vgg" + depth + "-bn", Vgg.of(depth).withNorm(NormSpec.BATCH), NORMED));
        }
        return StandardInputs.published(all);
    }

    private static Preset preset(String name, Vgg net, String citation) {
        return new Preset(name, "vgg", new ModelSpec(name, StandardInputs.IMAGENET, net), citation);
    }
}
