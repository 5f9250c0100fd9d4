package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.UsageLock;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.residual.Residual;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.Size2d;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Predictions in 16 threads while the network changes. Without the lock the process crashes. {@code
 * -Dresiduum.stress.seconds=60} runs longer.
 */
class ConcurrencyTest {
    private static final int THREADS = 16;
    private static final String BIAS = "head.bias";

    private static final ModelSpec SPEC =
            Nets.spec(
                    new Sequential(
                            "",
                            Conv2d.of(4, 3).withPadding(Size2d.of(1)).withName("stem"),
                            Residual.of("unit", Conv2d.of(4, 3).withPadding(Size2d.of(1))),
                            new GlobalAveragePool("pool"),
                            new Linear("head", 3)),
                    3,
                    8,
                    8);

    /** A prediction in a thread, until it throws what a closed object throws. */
    private static Future<?> repeat(
            ExecutorService threads, AtomicBoolean closed, Runnable prediction) {
        return threads.submit(
                () -> {
                    while (true) {
                        try {
                            prediction.run();
                        } catch (IllegalStateException e) {
                            assertTrue(closed.get(), () -> "not closed yet: " + e);
                            assertTrue(e.getMessage().contains("is closed"), e.getMessage());
                            return;
                        }
                    }
                });
    }

    private static long deadline() {
        long millis = 1000 * Long.getLong("residuum.stress.seconds", 0) + 700;
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static void finish(ExecutorService threads, List<Future<?>> all) throws Exception {
        for (Future<?> each : all) {
            each.get(2, TimeUnit.MINUTES);
        }
        threads.shutdown();
    }

    @EachEngine
    void aNetworkChangesAndClosesWhileThreadsPredict(EngineChoice engine) throws Exception {
        Backend backend = Engines.backend(engine);
        Network network = Nets.shaken(SPEC, backend, DataType.FLOAT32);
        double[] first = predict(network);
        AtomicBoolean closed = new AtomicBoolean();
        AtomicLong predictions = new AtomicLong();
        CountDownLatch started = new CountDownLatch(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(
                    repeat(
                            threads,
                            closed,
                            () -> {
                                double[] y = predict(network);
                                // Changes shift all outputs by one number, which is whole.
                                double shift = y[0] - first[0];
                                assertEquals(Math.rint(shift), shift, 1e-3);
                                for (int k = 1; k < y.length; k++) {
                                    assertEquals(shift, y[k] - first[k], 1e-3);
                                }
                                predictions.incrementAndGet();
                                started.countDown();
                            }));
        }
        float[] bias = network.state().get(BIAS).getArray().toFloatArray();
        assertTrue(started.await(1, TimeUnit.MINUTES));
        long end = deadline();
        for (int round = 1; System.nanoTime() < end; round++) {
            network.compile(CompileOptions.DEFAULT, note -> {});
            float[] shifted = bias.clone();
            for (int k = 0; k < shifted.length; k++) {
                shifted[k] += round % 5;
            }
            network.loadValues(Map.of(BIAS, () -> shifted));
            network.parametersChanged();
            network.freeze("stem.*");
            network.unfreeze("stem.*");
        }
        closed.set(true);
        network.close();
        network.close();
        finish(threads, all);
        assertTrue(predictions.get() >= THREADS);
        assertThrows(IllegalStateException.class, () -> predict(network));
    }

    private static double[] predict(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            return Tensors.values(
                    network.predict(new NDList(Tensors.random(manager, 1, 2, 3, 8, 8))));
        }
    }

    @EachEngine
    void aCompilerForgetsAndClosesWhileThreadsRun(EngineChoice engine) throws Exception {
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(SPEC, backend, 1)) {
            double[] expected = predict(network);
            Compiler compiler = network.compiler(CompileOptions.DEFAULT, false, note -> {});
            AtomicBoolean closed = new AtomicBoolean();
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(
                        repeat(
                                threads,
                                closed,
                                () ->
                                        Tensors.assertClose(
                                                expected, run(network, compiler), 1e-4, "run")));
            }
            for (long end = deadline(); System.nanoTime() < end; ) {
                compiler.invalidate();
            }
            closed.set(true);
            compiler.close();
            finish(threads, all);
        }
    }

    private static double[] run(Network network, Compiler compiler) {
        try (NDManager manager = network.backend().newManager()) {
            NDList inputs = new NDList(Tensors.random(manager, 1, 2, 3, 8, 8));
            return Tensors.values(compiler.run(inputs, network::predict));
        }
    }

    @Test
    void aChangeInsideAUseIsRefusedInsteadOfWaitingForItself() {
        UsageLock lock = new UsageLock("the network");
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                lock.use(
                                        () -> {
                                            lock.change(() -> {});
                                            return "";
                                        }));
        assertTrue(e.getMessage().contains("while this thread uses it"), e.getMessage());
        lock.change(() -> assertEquals("used", lock.use(() -> "used")));
    }
}
