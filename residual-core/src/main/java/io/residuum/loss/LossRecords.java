package io.residuum.loss;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the losses of this library. */
public final class LossRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                CrossEntropyLoss.class,
                BinaryCrossEntropyLoss.class,
                MeanSquaredError.class,
                MeanAbsoluteError.class,
                HuberLoss.class,
                KlDivergenceLoss.class,
                CosineLoss.class,
                TripletLoss.class,
                InfoNceLoss.class,
                CosineSimilarityLoss.class,
                GroupedLoss.class,
                DiceLoss.class,
                LayerLoss.class,
                JavaLoss.class);
    }
}
