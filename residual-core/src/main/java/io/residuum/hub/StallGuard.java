package io.residuum.hub;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A stream that ends if hardly any data arrives. The timeout of a request covers its headers only,
 * and a blocked read has none.
 */
final class StallGuard extends InputStream {
    /** The least number of bytes in a time-out, so that single bytes do not count as progress. */
    private static final long LEAST = 1024;

    private static final ScheduledExecutorService TIMER =
            Executors.newSingleThreadScheduledExecutor(
                    new ThreadFactoryBuilder()
                            .setDaemon(true)
                            .setNameFormat("residuum-download-timer")
                            .build());

    private final InputStream in;
    private final Duration timeout;
    private final ScheduledFuture<?> check;
    private volatile long arrived;
    private volatile long seen;
    private volatile boolean stalled;

    StallGuard(InputStream in, Duration timeout) {
        this.in = in;
        this.timeout = timeout;
        long millis = timeout.toMillis();
        this.check =
                TIMER.scheduleWithFixedDelay(this::check, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void check() {
        if (arrived - seen < LEAST) {
            stalled = true;
            try {
                // Ends a blocked read.
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        seen = arrived;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count;
        try {
            count = in.read(bytes, offset, length);
        } catch (IOException e) {
            throw stalled ? failure() : e;
        }
        if (count > 0) {
            arrived += count;
        } else if (stalled) {
            throw failure();
        }
        return count;
    }

    private TemporaryFailure failure() {
        return new TemporaryFailure(
                "fewer than %d bytes arrived in %d ms".formatted(LEAST, timeout.toMillis()));
    }

    @Override
    public void close() throws IOException {
        check.cancel(false);
        in.close();
    }
}
