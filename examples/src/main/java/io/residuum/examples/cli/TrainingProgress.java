package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Bars;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.task.ScoreLine;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Score;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Prints the progress of training: a line per epoch, and a progress bar on a terminal. */
final class TrainingProgress implements ProgressListener, AutoCloseable {
    private static final String SAMPLE = "    | ";

    private final Output output;
    private final String unit;
    private final boolean bars;
    private int epochs;
    private int width;
    private @Nullable ProgressBar bar;

    /**
     * Creates a display.
     *
     * @param output receives the lines
     * @param unit the name of a sample in the plural: images, tokens, texts
     * @param bars true to draw progress bars, unless the output is quiet
     */
    TrainingProgress(Output output, String unit, boolean bars) {
        this.output = output;
        this.unit = unit;
        this.bars = bars && !output.quiet();
    }

    @Override
    public void note(String line) {
        output.warn(line);
    }

    @Override
    public void log(String line) {
        close();
        output.note("callback " + line);
    }

    @Override
    public void started(int epochsDone, int allEpochs, int stepsPerEpoch) {
        epochs = allEpochs;
        width = String.valueOf(allEpochs).length();
        if (epochsDone > 0) {
            output.note("resumed  after epoch " + epochsDone + " of " + allEpochs);
        }
    }

    @Override
    public void step(Progress progress) {
        if (!bars) {
            return;
        }
        if (bar == null) {
            bar = Bars.newBar(label(progress.epoch()), progress.steps()).hideEta().build();
        }
        bar.stepTo(progress.step());
        bar.setExtraMessage(
                String.format(
                        Locale.ROOT,
                        "loss %.3f%s %,.0f %s/s %s left",
                        progress.loss(),
                        Double.isNaN(progress.accuracy())
                                ? ""
                                : String.format(
                                        Locale.ROOT, " acc %.1f%%", 100 * progress.accuracy()),
                        progress.samplesPerSecond(),
                        unit,
                        duration(progress.secondsLeft())));
    }

    @Override
    public void evaluating(int epoch, long samples) {
        if (bar != null) {
            bar.setExtraMessage(String.format(Locale.ROOT, "evaluating %,d %s", samples, unit));
        }
    }

    @Override
    public void testing(long samples) {
        output.note("testing  %,d %s", samples, unit);
    }

    @Override
    public void epoch(Metrics.Epoch m, boolean best) {
        close();
        Score score = new Score(m.validationLoss(), m.validationAccuracy());
        boolean evaluated = score.loss() != null || score.accuracy() != null;
        boolean withoutAccuracy = evaluated && m.validationAccuracy() == null;
        Score train = new Score(m.trainLoss(), withoutAccuracy ? null : m.trainAccuracy());
        String validation =
                evaluated
                        ? "validation "
                                + ScoreLine.of(score, m.measures())
                                + (best ? " best" : "     ")
                        : "not evaluated";
        output.note(
                "%s  %s  |  %s  |  lr %.2g  %,.0f %s/s  %s",
                label(m.epoch()),
                ScoreLine.of(train, m.trainMeasures()),
                validation,
                m.learningRate(),
                m.samplesPerSecond(),
                unit,
                duration(m.seconds()));
    }

    @Override
    public void sample(int epoch, String text) {
        text.lines().forEach(line -> output.note(SAMPLE + line));
    }

    private String label(int epoch) {
        return String.format(Locale.ROOT, "epoch %" + width + "d/%d", epoch, epochs);
    }

    /** {@return seconds as {@code 1:02:03} or {@code 2:03}} */
    static String duration(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }

    /** Removes an unfinished bar from the screen. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
