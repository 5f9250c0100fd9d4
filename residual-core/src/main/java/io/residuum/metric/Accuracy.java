package io.residuum.metric;

import io.residuum.loss.Target;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.Map;

/**
 * The share of labels that are among the highest outputs. For labels that are 0 or 1, the share of
 * labels that are predicted correctly.
 *
 * @param top the number of highest outputs, positive; 1 for labels that are 0 or 1. Default: 1
 */
@TypeName("accuracy")
public record Accuracy(@Default("1") int top) implements MetricSpec {
    public Accuracy {
        Check.positive("top", top);
    }

    @Override
    public Metric of(MeasuredOutput output) {
        if (top == 1) {
            ClassCounts counts = output.counts();
            return () -> Map.of("accuracy", counts.accuracy());
        }
        if (output.kind() != OutputKind.CLASSES) {
            throw new MetricException(
                    "accuracy with top %d needs an output of classes, got %s: set top to 1"
                            .formatted(top, output.kind()));
        }
        return new TopAccuracy(top);
    }

    private static final class TopAccuracy implements Metric {
        private final int top;
        private long correct;
        private long total;

        TopAccuracy(int top) {
            this.top = top;
        }

        @Override
        public void add(MetricBatch batch) {
            int[] labels = batch.labels();
            for (int p = 0; p < labels.length; p++) {
                if (labels[p] != Target.IGNORED) {
                    total++;
                    correct += batch.rank(p, labels[p]) < top ? 1 : 0;
                }
            }
        }

        @Override
        public Map<String, Double> values() {
            return Map.of("top-%d accuracy".formatted(top), (double) correct / total);
        }
    }
}
