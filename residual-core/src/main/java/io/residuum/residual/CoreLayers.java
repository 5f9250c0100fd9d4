package io.residuum.residual;

import io.residuum.spec.Activation;
import io.residuum.spec.AveragePool2d;
import io.residuum.spec.Conv2d;
import io.residuum.spec.Dropout;
import io.residuum.spec.Embedding;
import io.residuum.spec.Flatten;
import io.residuum.spec.GlobalAveragePool;
import io.residuum.spec.GlobalMaxPool;
import io.residuum.spec.Linear;
import io.residuum.spec.MaxPool2d;
import io.residuum.spec.Normalization;
import io.residuum.spec.Parallel;
import io.residuum.spec.RecordProvider;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.SqueezeExcitation;
import java.util.List;

/** The layers of this module. */
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
