package io.residuum.residual.wiring;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the connections of this package. */
public final class WiringRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                Plain.class,
                HyperConnections.class,
                ManifoldHyperConnections.class,
                DenseFormer.class,
                ValueResidual.class,
                InputSkips.class,
                AttentionResiduals.class,
                Laurel.class,
                AltUp.class,
                UnetSkips.class,
                Reversible.class,
                Momentum.class);
    }
}
