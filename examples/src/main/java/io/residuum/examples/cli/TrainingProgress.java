package io.residuum.examples.cli;

import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import java.io.Console;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how training goes: a line an epoch, and on a terminal a bar meanwhile. */
final class TrainingProgress implements ProgressListener, AutoCloseable {
    private static final int REFRESH_MILLIS = 250;

    private final Output output;
    private final boolean bars;
    private int epochs;
    private int width;
    private @Nullable ProgressBar bar;

    /**
     * Begins.
     *
     * @param output where the lines go
     * @param bars whether to draw bars as well
     */
    TrainingProgress(Output output, boolean bars) {
        this.output = output;
        this.bars = bars && !output.quiet();
    }

    /** Whether someone is looking. */
    static boolean onTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there is a console in any case, which says whether it is a terminal.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
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
            bar = newBar(progress);
        }
        bar.stepTo(progress.step());
        bar.setExtraMessage(
                String.format(
                        Locale.ROOT,
                        "loss %.3f acc %.1f%% %.0f img/s %s left",
                        progress.loss(),
                        100 * progress.accuracy(),
                        progress.samplesPerSecond(),
                        duration(progress.secondsLeft())));
    }

    private ProgressBar newBar(Progress progress) {
        return new ProgressBarBuilder()
                .setTaskName(label(progress.epoch()))
                .setInitialMax(progress.steps())
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .hideEta()
                .clearDisplayOnFinish()
                .build();
    }

    @Override
    public void evaluating(int epoch, int samples) {
        if (bar != null) {
            bar.setExtraMessage(String.format(Locale.ROOT, "evaluating %,d images", samples));
        }
    }

    @Override
    public void epoch(Metrics.Epoch m, boolean best) {
        close();
        Double loss = m.validationLoss();
        output.note(
                String.format(
                        Locale.ROOT,
                        "%s  loss %.4f  acc %6.2f%%  |  test loss %.4f  acc %6.2f%%%s  |  rate %.2g"
                                + "  %.0f images/s  %s",
                        label(m.epoch()),
                        m.trainLoss(),
                        100 * m.trainAccuracy(),
                        loss == null ? Double.NaN : loss,
                        100 * m.validationAccuracy(),
                        best ? " best" : "     ",
                        m.learningRate(),
                        m.samplesPerSecond(),
                        duration(m.seconds())));
    }

    private String label(int epoch) {
        return String.format(Locale.ROOT, "epoch %" + width + "d/%d", epoch, epochs);
    }

    /** Seconds as {@code 1:02:03} or {@code 2:03}. */
    static String duration(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }

    /** Takes an unfinished bar off the screen. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
