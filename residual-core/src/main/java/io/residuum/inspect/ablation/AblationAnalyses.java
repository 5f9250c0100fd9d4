package io.residuum.inspect.ablation;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the analyses of this package. */
public final class AblationAnalyses implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(Lesion.class, Paths.class, Rank.class);
    }
}
