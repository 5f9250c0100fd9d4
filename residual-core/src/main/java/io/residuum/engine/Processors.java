package io.residuum.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts the processors that other processes leave to this one. */
final class Processors {
    private static final long SAMPLE_NANOS = 80_000_000;

    /** The columns of /proc/stat that count time without work: idle and iowait. */
    private static final int IDLE = 4;

    private static final int IOWAIT = 5;

    private Processors() {}

    /**
     * Returns the processors that the scheduler gives to this process, if it asks for all of them.
     * The result is below {@link Runtime#availableProcessors} only if others take more than half of
     * the machine, so a short task of another process does not change it. Measures for 80 ms if
     * more threads are ready to run than there are processors, else returns at once.
     */
    static int free() {
        int all = Runtime.getRuntime().availableProcessors();
        try {
            // Under a quota the load of the host says nothing about the share of this process.
            return limited() || readyThreads() <= all ? all : free(all, othersShare(all));
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return all;
        }
    }

    /** {@return the processors to use of all, if other processes take some of them} */
    static int free(int all, double others) {
        return others > all / 2.0 ? (int) Math.max(1, Math.round(all - others)) : all;
    }

    /**
     * Keeps all processors busy and returns the number of them that other processes use at the same
     * time.
     */
    private static double othersShare(int all) throws IOException {
        AtomicBoolean stop = new AtomicBoolean();
        Thread[] spinning = new Thread[all];
        for (int i = 0; i < all; i++) {
            spinning[i] =
                    new Thread(
                            () -> {
                                while (!stop.get()) {
                                    Thread.onSpinWait();
                                }
                            },
                            "processors-" + i);
            spinning[i].setDaemon(true);
            spinning[i].start();
        }
        try {
            long start = System.nanoTime();
            double idleBefore = idleSeconds();
            double ownBefore = ownSeconds();
            while (System.nanoTime() - start < SAMPLE_NANOS) {
                Thread.onSpinWait();
            }
            double seconds = (System.nanoTime() - start) * 1e-9;
            double own = ownSeconds() - ownBefore;
            return all - (own + idleSeconds() - idleBefore) / seconds;
        } finally {
            stop.set(true);
        }
    }

    private static double ownSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis()
                * 1e-3;
    }

    /** {@return the time that processors have been idle, which the kernel counts in 1/100 s} */
    private static double idleSeconds() throws IOException {
        String[] total = read("/proc/stat").lines().findFirst().orElse("").split("\\s+");
        return (Long.parseLong(total[IDLE]) + Long.parseLong(total[IOWAIT])) * 0.01;
    }

    /** {@return true if this process may not use all processors of the machine} */
    static boolean limited() {
        try {
            long online = read("/proc/stat").lines().filter(l -> l.matches("cpu\\d+ .*")).count();
            return Runtime.getRuntime().availableProcessors() < online;
        } catch (IOException e) {
            return false;
        }
    }

    /** {@return the threads of all processes that run or wait for a processor} */
    private static int readyThreads() throws IOException {
        // "0.20 0.18 0.12 3/80 11206": the fourth field is ready/all.
        String ready = read("/proc/loadavg").split("\\s+")[3];
        return Integer.parseInt(ready.substring(0, Math.max(0, ready.indexOf('/'))));
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file), StandardCharsets.US_ASCII);
    }
}
