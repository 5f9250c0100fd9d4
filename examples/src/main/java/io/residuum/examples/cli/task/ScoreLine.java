package io.residuum.examples.cli.task;

import io.residuum.train.Measure;
import io.residuum.train.Score;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats a score and its measures as one line. */
public final class ScoreLine {
    private ScoreLine() {}

    /** {@return the result of an evaluation at the end of training, to follow its data's name} */
    public static String sentence(Score score, List<Measure> measures, long samples) {
        Double loss = score.loss();
        Double accuracy = score.accuracy();
        return accuracy == null
                ? of(score, measures)
                : String.format(
                        Locale.ROOT,
                        "accuracy %.2f%% (%,d wrong of %,d), loss %.4f",
                        100 * accuracy,
                        Math.round((1 - accuracy) * samples),
                        samples,
                        loss == null ? Double.NaN : loss);
    }

    public static String of(Score score, List<Measure> measures) {
        Double loss = score.loss();
        Double accuracy = score.accuracy();
        String all =
                accuracy == null ? "" : String.format(Locale.ROOT, "  acc %6.2f%%", 100 * accuracy);
        return String.format(Locale.ROOT, "loss %.4f", loss == null ? Double.NaN : loss)
                + all
                + measures.stream()
                        .map(m -> String.format(Locale.ROOT, ", %s %.4g", m.name(), m.value()))
                        .collect(Collectors.joining());
    }
}
