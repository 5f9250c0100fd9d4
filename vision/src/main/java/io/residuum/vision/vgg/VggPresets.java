package io.residuum.vision.vgg;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;

/** Provides VGG networks, AlexNet and SqueezeNets as presets. */
public final class VggPresets implements PresetProvider {
    private static final String VGG = "Simonyan and Zisserman 2015, arXiv:1409.1556, Table 1";
    private static final String ALEXNET = "Krizhevsky 2014, arXiv:1404.5997, Section 5";
    private static final String SQUEEZENET = "Iandola et al. 2016, arXiv:1602.07360, Table 1";
    private static final String NORMED =
            VGG + "; batch norm after each convolution, as in torchvision";

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        for (int depth : Vgg.depths()) {
            all.add(preset("vgg" + depth, "vgg", Vgg.of(depth), VGG));
            all.add(
                    preset(
                            "vgg" + depth + "-bn",
                            "vgg",
                            Vgg.of(depth).withNorm(NormSpec.BATCH),
                            NORMED));
        }
        AlexNet alexNet = Defaults.fill(AlexNetBuilder.builder()).classes(1000).build();
        all.add(preset("alexnet", "alexnet", alexNet, ALEXNET));
        squeezeNet(all, "squeezenet1-0", 96, 7, 3, 7);
        squeezeNet(all, "squeezenet1-1", 64, 3, 2, 4);
        return StandardInputs.published(all);
    }

    /** Adds a network whose second and third stage begin with the given modules. */
    private static void squeezeNet(
            List<Preset> all, String name, int stem, int kernel, int second, int third) {
        List<Integer> modules = List.of(128, 128, 256, 256, 384, 384, 512, 512);
        SqueezeNet net =
                Defaults.fill(SqueezeNetBuilder.builder())
                        .stem(stem)
                        .stemKernel(kernel)
                        .stages(
                                List.of(
                                        modules.subList(0, second),
                                        modules.subList(second, third),
                                        modules.subList(third, modules.size())))
                        .classes(1000)
                        .build();
        all.add(preset(name, "squeezenet", net, SQUEEZENET));
    }

    private static Preset preset(String name, String family, LayerSpec net, String citation) {
        return new Preset(
                name, family, new ModelSpec(name, StandardInputs.IMAGENET, net), citation);
    }
}
