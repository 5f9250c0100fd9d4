package io.residuum.train.callback;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the callbacks of this module. */
public final class CoreCallbacks implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(EarlyStopping.class, ReduceOnPlateau.class, TensorBoard.class);
    }
}
