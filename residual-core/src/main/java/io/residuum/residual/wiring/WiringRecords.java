package io.residuum.residual.wiring;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the layers of this package. */
public final class WiringRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(Wired.class);
    }
}
