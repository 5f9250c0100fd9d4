package io.residuum.examples.cli.options;

import io.residuum.hub.Hub;
import io.residuum.hub.TransferListener;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Prints the progress of downloads: a bar with the time left on a terminal, else a line a file. */
public final class Downloads implements TransferListener {
    private static final long MEGA = 1_000_000;

    private final Output output;
    private @Nullable ProgressBar bar;

    private Downloads(Output output) {
        this.output = output;
    }

    /** {@return an access to remote files that prints what it downloads} */
    public static Hub hub(Output output) {
        return Hub.standard(new Downloads(output));
    }

    @Override
    public void started(String file, long present, long size) {
        ended();
        String length =
                size < 0 ? "" : String.format(Locale.ROOT, " (%.1f MB)", size / (double) MEGA);
        String kept =
                present == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %.1f MB are here", present / (double) MEGA);
        output.note("download %s%s%s".formatted(file, length, kept));
        if (Bars.onTerminal() && !output.quiet()) {
            bar =
                    Bars.newBar(file.substring(file.lastIndexOf('/') + 1), Math.max(size, 0))
                            .setUnit(" MB", MEGA)
                            .showSpeed()
                            .build();
            bar.stepTo(present);
        }
    }

    @Override
    public void progressed(long present) {
        if (bar != null) {
            bar.stepTo(present);
        }
    }

    @Override
    public void ended() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    @Override
    public void note(String line) {
        output.warn(line);
    }
}
