package io.residuum.examples.cli.task;

import io.residuum.train.Measure;
import io.residuum.train.Score;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats a score and its measures as one line. */
public final class ScoreLine {
    private ScoreLine() {}

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
