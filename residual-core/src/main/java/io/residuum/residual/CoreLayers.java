package io.residuum.residual;

import io.residuum.spec.Parallel;
import io.residuum.spec.RecordProvider;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Embedding;
import io.residuum.spec.layers.Flatten;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.GlobalMaxPool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.SqueezeExcitation;
import java.util.List;

/** Registers the layers of this module. */
public final class CoreLayers implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
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
