package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Bars;
import io.residuum.examples.cli.options.Output;
import io.residuum.inspect.InspectionListener;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/**
 * Prints the progress of an inspection: a bar with the time left on a terminal, else a line when an
 * analysis ends, and one every ten seconds before.
 */
final class InspectProgress implements InspectionListener, AutoCloseable {
    private static final double SECONDS_BETWEEN_LINES = 10;

    private final Output output;
    private final boolean bars;
    private String network = "";
    private String work = "";
    private long last;
    private long begun;
    private long printed;
    private @Nullable ProgressBar bar;

    InspectProgress(Output output) {
        this.output = output;
        this.bars = Bars.onTerminal();
    }

    /** Names the network of the analyses to come. */
    void begin(String name) {
        close();
        network = name + " ";
        work = "";
    }

    @Override
    public void progress(String next, long done, long total) {
        if (output.quiet()) {
            return;
        }
        long now = System.nanoTime();
        if (!next.equals(work) || done < last) {
            close();
            work = next;
            begun = now;
            printed = now;
        }
        last = done;
        if (bars) {
            if (bar == null) {
                bar = Bars.newBar(network + work, total).build();
            }
            bar.stepTo(done);
        } else if (done == total) {
            output.note("%s%s  %s", network, work, TrainingProgress.duration(seconds(begun, now)));
        } else if (seconds(printed, now) > SECONDS_BETWEEN_LINES) {
            printed = now;
            double left = seconds(begun, now) / done * (total - done);
            output.note(
                    "%s%s  %d of %d, %s left",
                    network, work, done, total, TrainingProgress.duration(left));
        }
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
