package io.residuum.vision.fractalnet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.vision.image.StandardInputs;
import java.util.List;

/** Provides the FractalNet of the paper as a preset. */
public final class FractalNetPresets implements PresetProvider {
    private static final String CITATION =
            "Larsson et al. 2016, arXiv:1605.07648, Section 4: 3 columns, 5 blocks";

    @Override
    public List<Preset> presets() {
        ModelSpec spec = new ModelSpec("fractalnet20", StandardInputs.CIFAR, FractalNet.of(10));
        return List.of(new Preset("fractalnet20", "fractalnet", spec, CITATION));
    }
}
