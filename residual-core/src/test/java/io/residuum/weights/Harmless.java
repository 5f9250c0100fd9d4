package io.residuum.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Holds that a broken or hostile file reads fine or is refused in one line, and costs little. */
final class Harmless {
    // Maps, formatters and messages; far below what a believed lie would ask for.
    private static final long CONSTANT = 4 << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Harmless() {}

    /** Opens a file of any format and reads all of it; returns why it was refused, if it was. */
    static Optional<String> read(Path path, String what) throws IOException {
        return read(path, what, CONSTANT, Harmless::readAll);
    }

    /** Does the same with a file that may use up its budget. */
    static Optional<String> readWithinBudget(Path path, String what) throws IOException {
        return read(path, what, MemoryBudget.CONSTANT + CONSTANT, Harmless::readAll);
    }

    static Optional<String> read(Path path, String what, Consumer<Path> reader) throws IOException {
        return read(path, what, CONSTANT, reader);
    }

    private static Optional<String> read(
            Path path, String what, long constant, Consumer<Path> reader) throws IOException {
        Optional<String> refused = Optional.empty();
        long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        try {
            reader.accept(path);
        } catch (WeightsException e) {
            refused = Optional.of(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            fail(what, e);
        }
        long cost = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
        assertTrue(cost < Files.size(path) + constant, what + " cost " + cost);
        refused.ifPresent(
                message -> {
                    String file = String.valueOf(path.getFileName());
                    assertTrue(message.contains(file), what + ": " + message);
                    assertFalse(message.matches("(?s).*[\\n\\r].*"), what + ": " + message);
                    assertTrue(message.length() < 1000, what + ": " + message);
                });
        return refused;
    }

    private static void readAll(Path path) {
        try (StateDict file = StateDict.open(path)) {
            for (String name : file.names()) {
                readValues(file, name);
            }
        }
    }

    static void readValues(StateDict file, String name) {
        if (file.info(name).type().kind() != TensorType.Kind.OPAQUE) {
            assertEquals(file.info(name).elements(), file.floats(name).length);
        }
    }
}
