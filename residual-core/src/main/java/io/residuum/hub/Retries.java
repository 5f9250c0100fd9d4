package io.residuum.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/** Repeats what fails because of the network or a busy server. */
record Retries(HubSettings settings, TransferListener listener) {
    private static final int ATTEMPTS = 5;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    /** The progress after which an interruption does not count as a failed attempt. */
    private static final long WORTHWHILE = 1 << 20;

    /** One attempt at a transfer. */
    interface Attempt<T> {
        T run() throws IOException;

        /** {@return the number of bytes that are here} */
        default long present() {
            return 0;
        }
    }

    /**
     * {@return the result of the first attempt that succeeds}
     *
     * @param what names the remote file in messages
     * @throws HubException if all fail
     */
    <T> T run(String what, Attempt<T> attempt) {
        Duration pause = settings.pause();
        int failures = 0;
        while (true) {
            long before = attempt.present();
            try {
                return attempt.run();
            } catch (IOException e) {
                failures = attempt.present() - before >= WORTHWHILE ? 1 : failures + 1;
                String reason = reason(e);
                if (failures >= ATTEMPTS) {
                    throw new HubException(
                            "%s: cannot be downloaded after %d attempts: %s; try again later, what has arrived is kept"
                                    .formatted(what, failures, reason),
                            e);
                }
                Duration wait = wait(what, e, pause);
                listener.note("%s: %s; trying again in %s".formatted(what, reason, seconds(wait)));
                sleep(what, wait);
                pause = pause.multipliedBy(2);
            }
        }
    }

    private static Duration wait(String what, IOException failure, Duration pause) {
        Duration wait =
                failure instanceof TemporaryFailure temporary
                        ? temporary.delay().orElse(pause)
                        : pause;
        if (wait.compareTo(LONGEST_WAIT) > 0) {
            throw new HubException(
                    "%s: %s and asks to wait %s; try again then"
                            .formatted(what, failure.getMessage(), seconds(wait)),
                    failure);
        }
        return wait;
    }

    private static String seconds(Duration wait) {
        return wait.toMillis() < 1000 ? wait.toMillis() + " ms" : wait.toSeconds() + " s";
    }

    static String reason(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    }

    private static void sleep(String what, Duration wait) {
        try {
            Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(what + ": the download was interrupted", e);
        }
    }
}
