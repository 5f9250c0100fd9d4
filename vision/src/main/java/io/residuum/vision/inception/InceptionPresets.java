package io.residuum.vision.inception;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.vision.image.StandardInputs;
import java.util.List;

/** Provides Inception-v4 and Inception-ResNet-v2 as presets. */
public final class InceptionPresets implements PresetProvider {
    private static final String SZEGEDY = "Szegedy et al. 2017, arXiv:1602.07261, Section 3";

    @Override
    public List<Preset> presets() {
        return StandardInputs.published(
                List.of(
                        preset("inception-v4", InceptionV4.published()),
                        preset("inception-resnet-v2", InceptionResNetV2.published())));
    }

    private static Preset preset(String name, LayerSpec net) {
        return new Preset(
                name, "inception", new ModelSpec(name, StandardInputs.INCEPTION, net), SZEGEDY);
    }
}
