package io.residuum.spec;

import java.util.List;

/** The layers of this module. */
public final class CoreLayers implements LayerProvider {
    @Override
    public List<Class<? extends LayerSpec>> layers() {
        return List.of(
                Sequential.class,
                Repeat.class,
                Residual.class,
                Parallel.class,
                Conv2d.class,
                Linear.class,
                Normalization.class,
                Activation.class,
                MaxPool2d.class,
                AveragePool2d.class,
                GlobalAveragePool.class,
                GlobalMaxPool.class,
                Dropout.class,
                Flatten.class,
                SqueezeExcitation.class,
                Embedding.class);
    }
}
