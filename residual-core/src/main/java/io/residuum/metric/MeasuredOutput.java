package io.residuum.metric;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An output that metrics measure. It counts predictions and keeps scores once for all metrics that
 * ask for them.
 */
public final class MeasuredOutput {
    private final OutputKind kind;
    private final Shape shape;
    private final List<String> names;
    private @Nullable ClassCounts counts;
    private @Nullable RankedScores scores;
    private boolean started;

    /**
     * Creates an output without samples.
     *
     * @param kind the meaning of its numbers
     * @param shape its shape {@code (N, ...)} in the first batch
     * @param names the names of its classes, labels or numbers; empty for their indices
     * @throws MetricException if the number of names is not that of classes, labels or numbers
     */
    public MeasuredOutput(OutputKind kind, Shape shape, List<String> names) {
        int columns = Columns.of(shape).count();
        if (!names.isEmpty() && names.size() != columns) {
            throw new MetricException(
                    "an output of %d %s needs a name for each, got %d names"
                            .formatted(columns, kind, names.size()));
        }
        this.kind = kind;
        this.shape = shape;
        this.names =
                names.isEmpty()
                        ? IntStream.range(0, columns).mapToObj(Integer::toString).toList()
                        : List.copyOf(names);
    }

    /** {@return the meaning of its numbers} */
    public OutputKind kind() {
        return kind;
    }

    /** {@return the shape {@code (N, ...)} in the first batch} */
    public Shape shape() {
        return shape;
    }

    /** {@return the names of its classes, labels or numbers} */
    public List<String> names() {
        return names;
    }

    /**
     * {@return the counts of predictions by class or label. Ask before the first batch}
     *
     * @throws MetricException if the output holds neither
     */
    public ClassCounts counts() {
        requireNoNumbers("counts");
        ClassCounts shared = counts;
        if (shared == null) {
            requireNoBatch("counts");
            shared = new ClassCounts(names.size());
            counts = shared;
        }
        return shared;
    }

    /**
     * {@return the scores of all samples by class or label, which take 4 bytes each. Ask before the
     * first batch}
     *
     * @throws MetricException if the output holds neither
     */
    public RankedScores scores() {
        requireNoNumbers("scores");
        RankedScores shared = scores;
        if (shared == null) {
            requireNoBatch("scores");
            shared = new RankedScores(names.size());
            scores = shared;
        }
        return shared;
    }

    private void requireNoNumbers(String what) {
        if (kind == OutputKind.NUMBERS) {
            throw new MetricException(
                    "%s need an output of classes, or of labels with a loss of binary logits, got %s: choose a metric of numbers, such as rmse"
                            .formatted(what, kind));
        }
    }

    /**
     * Requires numbers.
     *
     * @param metric the name of the metric, for the error
     * @throws MetricException if the output holds classes or labels
     */
    public void requireNumbers(String metric) {
        if (kind != OutputKind.NUMBERS) {
            throw new MetricException(
                    "%s needs an output of numbers, got %s: choose a metric of classes, such as accuracy"
                            .formatted(metric, kind));
        }
    }

    private void requireNoBatch(String what) {
        if (started) {
            throw new MetricException(
                    "%s must be asked for before the first batch, in MetricSpec.of"
                            .formatted(what));
        }
    }

    /** Adds the samples of a batch to the counts and scores that metrics asked for. */
    void add(MetricBatch batch) {
        started = true;
        if (counts != null) {
            counts.add(batch);
        }
        if (scores != null) {
            scores.add(batch);
        }
    }
}
