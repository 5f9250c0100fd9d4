package io.residuum.examples.cli.options;

import io.residuum.vision.data.LeftOut;
import io.residuum.vision.data.LoadListener;

/** Prints what happens while images are opened: files left out, and the cost of checks. */
public final class LoadLines implements LoadListener {
    private static final long INTERVAL = 10_000_000_000L;
    private static final double NANOS = 1e9;

    private final Output output;
    private long start;
    private long last;

    public LoadLines(Output output) {
        this.output = output;
    }

    @Override
    public void leftOut(LeftOut files) {
        output.warn(files.toString());
    }

    @Override
    public void checked(int done, int total) {
        long now = System.nanoTime();
        if (done == 1) {
            start = now;
            last = now;
        }
        if (done == total) {
            output.note("checked  %,d pictures in %.1f s", total, (now - start) / NANOS);
        } else if (now - last >= INTERVAL) {
            last = now;
            output.note("checking %,d of %,d pictures", done, total);
        }
    }
}
