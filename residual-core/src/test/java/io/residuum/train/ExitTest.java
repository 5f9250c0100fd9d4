package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.residuum.compile.ForwardResult;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.testing.Programs;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A program without any handling of signals ends in good order while it trains. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ExitTest {
    @TempDir private Path temp;

    enum End {
        /** The process gets SIGTERM; 128 and the number of the signal. */
        SIGNAL(143),
        /** Another thread calls System.exit. */
        OTHER_THREAD(7),
        /** The thread that trains calls System.exit. */
        TRAINING_THREAD(7);

        private final int status;

        End(int status) {
            this.status = status;
        }
    }

    /** A plain program: end, folder. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            End end = End.valueOf(args[0]);
            Recipe recipe = Recipe.builder().epochs(100_000).batch(32).build();
            ProgressListener listener =
                    new ProgressListener() {
                        @Override
                        public void step(Progress progress) {
                            if (progress.epoch() == 1 && progress.step() == 3) {
                                if (end == End.TRAINING_THREAD) {
                                    System.exit(end.status);
                                }
                                System.out.println("training");
                                if (end == End.OTHER_THREAD) {
                                    new Thread(() -> System.exit(end.status)).start();
                                }
                                sleep();
                                System.out.println("step done");
                            }
                        }
                    };
            try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                    Network network = Network.create(Tiny.network().withClasses(8), backend, 1)) {
                Task task = new Stripes(200, 70);
                new Trainer(network, recipe, task, Path.of(args[1]), listener).start();
                task.evaluate(network, 1);
                System.out.println("returned");
            }
        }
    }

    /** A loop of one's own whose backward pass takes a second; the process ends meanwhile. */
    static final class BackwardProgram {
        private BackwardProgram() {}

        public static void main(String[] args) {
            GradientCollector slow =
                    new GradientCollector() {
                        @Override
                        public void backward(NDArray target) {
                            new Thread(() -> System.exit(End.OTHER_THREAD.status)).start();
                            sleep();
                            System.out.println("pass done");
                        }

                        @Override
                        public void zeroGradients() {}

                        @Override
                        public void close() {}
                    };
            try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                    NDManager manager = backend.newManager()) {
                NDArray loss = manager.create(1f);
                ForwardResult.of(loss).backward(slow, loss);
                System.out.println("returned");
            }
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisabledOnOs(OS.WINDOWS)
    void endsWithItsStatusAndWithoutACrash(End end) throws Exception {
        Path run = temp.resolve("run");
        Path out = temp.resolve("out.txt");
        Process process = start(Program.class, out, end.name(), run.toString());
        try {
            if (end == End.SIGNAL) {
                while (process.isAlive() && !Files.readString(out).contains("training")) {
                    Thread.sleep(20);
                }
                process.destroy();
            }
            int status = process.waitFor();
            assertEquals(end.status, status, Files.readString(out));
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(out);
        assertTrue(!printed.contains("returned") && !printed.contains("fatal error"), printed);
        assertEquals(end != End.TRAINING_THREAD, printed.contains("step done"), printed);
        try (var files = Files.list(temp)) {
            assertTrue(files.noneMatch(f -> f.getFileName().toString().startsWith("hs_err")));
        }
        assertTrue(new RunFolder(run).holdsRun());
    }

    @Test
    void aBackwardPassIsFinishedBeforeTheProcessEnds() throws Exception {
        Path out = temp.resolve("out.txt");
        Process process = start(BackwardProgram.class, out);
        try {
            assertEquals(End.OTHER_THREAD.status, process.waitFor(), Files.readString(out));
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(out);
        assertTrue(printed.contains("pass done") && !printed.contains("returned"), printed);
    }

    private Process start(Class<?> program, Path out, String... args) throws IOException {
        return Programs.on(absolute(System.getProperty("java.class.path")), program, args)
                .directory(temp.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
    }

    private static String absolute(String classPath) {
        return String.join(
                File.pathSeparator,
                Arrays.stream(classPath.split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .toList());
    }
}
