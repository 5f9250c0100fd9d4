package io.residuum.inspect.representation;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the analyses of this package. */
public final class RepresentationAnalyses implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(Similarity.class, Lens.class, Jacobian.class);
    }
}
