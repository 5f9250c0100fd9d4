package io.residuum.examples.fuzz;

import com.sun.management.ThreadMXBean;
import io.residuum.ResiduumException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Runs seeded cases of several kinds and counts their outcomes. */
final class Fuzzer {
    private static final Duration MAX_CPU = Duration.ofSeconds(10);
    private static final long MAX_WALL_SECONDS = 120;

    /** Allocated in total, of which most is garbage soon. */
    private static final long MAX_BYTES = 1L << 30;

    private static final int MAX_MESSAGE = 2000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Path folder;
    private final long seed;
    private final long deadline;
    private final List<String> faults = new ArrayList<>();
    private final StringBuilder table = new StringBuilder();

    private record Result(Outcome outcome, String message) {}

    /**
     * Creates a fuzzer.
     *
     * @param folder receives the inputs of faults
     * @param seed the seed of all cases
     * @param limit the time after which no case is started
     */
    Fuzzer(Path folder, long seed, Duration limit) {
        this.folder = folder;
        this.seed = seed;
        this.deadline = System.nanoTime() + limit.toNanos();
        table.append(String.format("%-12s %8s", "kind", "cases"));
        for (Outcome outcome : Outcome.values()) {
            table.append(String.format(" %9s", outcome.name().toLowerCase(Locale.ROOT)));
        }
        table.append(String.format(" %10s%n", "slowest ms"));
    }

    /** Runs the cases of a kind on several threads, until the time is over. */
    void run(Kind kind, int cases, int threads) {
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        long[] slowest = new long[1];
        // Daemons, so that a hanging case does not keep the process.
        ExecutorService pool =
                Executors.newFixedThreadPool(
                        threads,
                        task -> {
                            Thread thread = new Thread(task, "fuzz");
                            thread.setDaemon(true);
                            return thread;
                        });
        List<Future<Result>> running = new ArrayList<>();
        for (int i = 0; i < cases; i++) {
            int number = i;
            running.add(pool.submit(() -> run(kind, number, slowest)));
        }
        int done = 0;
        for (int i = 0; i < cases && System.nanoTime() < deadline; i++) {
            Result result = wait(running.get(i));
            counts.merge(result.outcome, 1, Integer::sum);
            done++;
            if (result.outcome.isFault()) {
                faults.add(
                        kind.name()
                                + " "
                                + result.outcome
                                + " "
                                + inputs(kind, i)
                                + ": "
                                + result.message);
            }
        }
        pool.shutdownNow();
        table.append(String.format("%-12s %,8d", kind.name(), done));
        for (Outcome outcome : Outcome.values()) {
            table.append(String.format(" %,9d", counts.getOrDefault(outcome, 0)));
        }
        table.append(String.format(" %,10d%n", slowest[0]));
    }

    private Path inputs(Kind kind, int number) {
        return folder.resolve(kind.name()).resolve(Integer.toString(number));
    }

    private static Result wait(Future<Result> running) {
        try {
            return running.get(MAX_WALL_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            running.cancel(true);
            return new Result(Outcome.HANGING, "no end after " + MAX_WALL_SECONDS + " s");
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private Result run(Kind kind, int number, long[] slowest) {
        // Neighbouring seeds of Random begin with nearly equal numbers.
        long mixed = new SplittableRandom(seed ^ (long) kind.name().hashCode() << 32).nextLong();
        Random random = new Random(new SplittableRandom(mixed + number).nextLong());
        Kind.Seed valid = kind.seeds().get(random.nextInt(kind.seeds().size()));
        Path inputs = inputs(kind, number);
        try {
            Path file = valid.write(inputs, valid.mutation().mutate(valid.bytes(), random));
            Result result = read(kind, file, slowest);
            if (!result.outcome.isFault()) {
                delete(inputs);
            }
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Result read(Kind kind, Path file, long[] slowest) {
        long thread = Thread.currentThread().getId();
        long bytes = THREADS.getThreadAllocatedBytes(thread);
        long nanos = THREADS.getThreadCpuTime(thread);
        long start = System.nanoTime();
        Result result;
        try {
            kind.reader().read(file);
            result = new Result(Outcome.ACCEPTED, "");
        } catch (ResiduumException e) {
            String message = String.valueOf(e.getMessage());
            result = new Result(isClear(message) ? Outcome.REFUSED : Outcome.UNCLEAR, message);
        } catch (Throwable e) {
            result = new Result(Outcome.RAW, e + " " + List.of(e.getStackTrace()));
        }
        synchronized (slowest) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            slowest[0] = Math.max(slowest[0], millis);
        }
        bytes = THREADS.getThreadAllocatedBytes(thread) - bytes;
        nanos = THREADS.getThreadCpuTime(thread) - nanos;
        boolean costly = nanos > MAX_CPU.toNanos() || bytes > MAX_BYTES;
        return costly && !result.outcome.isFault()
                ? new Result(Outcome.COSTLY, nanos / 1_000_000 + " ms, " + bytes + " bytes")
                : result;
    }

    private static boolean isClear(String message) {
        return !message.isBlank()
                && message.length() <= MAX_MESSAGE
                && message.chars().noneMatch(Character::isISOControl);
    }

    /** Returns a line for each fault, with the place of its input. */
    List<String> faults() {
        return faults;
    }

    /** Returns the counts by kind and outcome. */
    @Override
    public String toString() {
        return table.toString();
    }
}
