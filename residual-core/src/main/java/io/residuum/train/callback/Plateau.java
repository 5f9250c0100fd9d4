package io.residuum.train.callback;

import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Counts the epochs since a measure last improved. */
final class Plateau {
    private final String owner;
    private final String monitor;
    private final boolean maximizes;
    private final double minimumChange;
    private double best = Double.NaN;
    private int bestEpoch;
    private int waited;

    Plateau(String owner, String monitor, Goal goal, double minimumChange) {
        this.owner = owner;
        this.monitor = monitor;
        this.maximizes = goal.maximizes(monitor);
        this.minimumChange = minimumChange;
    }

    static void check(String monitor, int patience, double minimumChange) {
        Check.that(!monitor.isBlank(), "monitor must name a measure, got \"%s\"", monitor);
        Check.positive("patience", patience);
        Check.notNegative("minimumChange", minimumChange);
    }

    /**
     * Reads the measure of an epoch. A value that is not a number is no improvement.
     *
     * @return the epochs since the last improvement, 0 if this one improves
     */
    int read(EpochEnd epoch) {
        Double value = epoch.measures().get(monitor);
        if (value == null) {
            throw new SpecException(
                    "monitor of %s must be one of the measures of an epoch, %s, got \"%s\"; without validation data, use %s"
                            .formatted(
                                    owner,
                                    epoch.measures().keySet(),
                                    monitor,
                                    EpochEnd.TRAIN_LOSS));
        }
        double gain = maximizes ? value - best : best - value;
        if (gain > minimumChange || (Double.isNaN(best) && !value.isNaN())) {
            best = value;
            bestEpoch = epoch.epoch();
            waited = 0;
        } else {
            waited++;
        }
        return waited;
    }

    /** Sets the count to 0. */
    void restart() {
        waited = 0;
    }

    /** {@return {@code validationLoss 0.52 of epoch 3}} */
    String best() {
        return "%s %.4g of epoch %d".formatted(monitor, best, bestEpoch);
    }

    /**
     * Creates a callback that keeps this state over epochs and in checkpoints.
     *
     * @param epochEnds acts at the end of an epoch
     */
    Callback callback(BiConsumer<TrainingControl, EpochEnd> epochEnds) {
        return new Callback() {
            @Override
            public void epochEnds(TrainingControl training, EpochEnd epoch) {
                epochEnds.accept(training, epoch);
            }

            @Override
            public Map<String, Double> state() {
                Map<String, Double> state = new LinkedHashMap<>();
                state.put("waited", (double) waited);
                if (!Double.isNaN(best)) {
                    state.put("best", best);
                    state.put("bestEpoch", (double) bestEpoch);
                }
                return state;
            }

            @Override
            public void restore(Map<String, Double> state) {
                waited = state.getOrDefault("waited", 0.0).intValue();
                best = state.getOrDefault("best", Double.NaN);
                bestEpoch = state.getOrDefault("bestEpoch", 0.0).intValue();
            }
        };
    }
}
