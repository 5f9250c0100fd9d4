package io.residuum.inspect.gradient;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the analyses of this package. */
public final class GradientAnalyses implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(Gradients.class, Shattering.class);
    }
}
