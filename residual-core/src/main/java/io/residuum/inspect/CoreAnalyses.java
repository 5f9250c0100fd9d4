package io.residuum.inspect;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the analyses of this module. */
public final class CoreAnalyses implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(Signal.class, UnitCosts.class, Surface.class);
    }
}
