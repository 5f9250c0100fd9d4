package io.residuum.metric;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the metrics of this library. */
public final class MetricRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                Accuracy.class,
                PrecisionRecall.class,
                RocAuc.class,
                AveragePrecision.class,
                MeanIou.class,
                Rmse.class,
                Mae.class,
                R2.class,
                Psnr.class,
                Ssim.class);
    }
}
