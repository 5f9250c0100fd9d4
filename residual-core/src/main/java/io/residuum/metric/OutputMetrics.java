package io.residuum.metric;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures one output by several metrics. */
public final class OutputMetrics {
    /** The number of classes from which a top-5 accuracy says something. */
    private static final int TOP = 5;

    private final MeasuredOutput output;
    private final List<Metric> metrics;

    private OutputMetrics(MeasuredOutput output, List<MetricSpec> specs) {
        this.output = output;
        this.metrics = specs.stream().map(spec -> spec.of(output)).toList();
    }

    /**
     * Starts to measure an output.
     *
     * @param specs the metrics; empty for those that suit the output
     * @param detailed true to measure classes by more than their accuracy, if {@code specs} is
     *     empty
     * @return the metrics, without samples
     * @throws MetricException if a metric cannot measure the output
     */
    public static OutputMetrics of(
            MeasuredOutput output, List<MetricSpec> specs, boolean detailed) {
        return new OutputMetrics(output, specs.isEmpty() ? suitable(output, detailed) : specs);
    }

    private static List<MetricSpec> suitable(MeasuredOutput output, boolean detailed) {
        if (output.kind() == OutputKind.NUMBERS) {
            return numbers(output.shape());
        }
        int rank = output.shape().dimension();
        if (rank > 2) {
            return rank == 3
                    ? List.of(new Accuracy(1))
                    : List.of(new Accuracy(1), new MeanIou(false));
        }
        boolean classes = output.kind() == OutputKind.CLASSES;
        List<MetricSpec> specs = new ArrayList<>(List.of(new Accuracy(1)));
        if (classes && !detailed) {
            return specs;
        }
        if (classes && output.names().size() > TOP) {
            specs.add(new Accuracy(TOP));
        }
        specs.add(new PrecisionRecall(false));
        if (!classes || output.names().size() == 2) {
            specs.addAll(List.of(new RocAuc(false), new AveragePrecision(false)));
        }
        return specs;
    }

    private static List<MetricSpec> numbers(Shape shape) {
        if (shape.dimension() != 4) {
            return List.of(new Rmse(), new Mae(), new R2());
        }
        List<MetricSpec> images = new ArrayList<>(List.of(new Rmse(), new Mae(), new Psnr(1)));
        if (Math.min(shape.get(2), shape.get(3)) >= Ssim.WINDOW) {
            images.add(new Ssim(1));
        }
        return images;
    }

    /**
     * Adds the samples of a batch.
     *
     * @param batch the output and its target
     */
    public void add(MetricBatch batch) {
        output.add(batch);
        metrics.forEach(metric -> metric.add(batch));
    }

    /** {@return the output that is measured} */
    public MeasuredOutput output() {
        return output;
    }

    /** {@return the values of all metrics by name, in order; NaN for what is undefined} */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        metrics.forEach(metric -> values.putAll(metric.values()));
        return values;
    }
}
