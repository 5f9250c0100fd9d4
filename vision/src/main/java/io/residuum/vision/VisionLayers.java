package io.residuum.vision;

import io.residuum.spec.LayerProvider;
import io.residuum.spec.LayerSpec;
import io.residuum.vision.resnet.ResNet;
import java.util.List;

/** The families of this module. */
public final class VisionLayers implements LayerProvider {
    @Override
    public List<Class<? extends LayerSpec>> layers() {
        return List.of(ResNet.class);
    }
}
