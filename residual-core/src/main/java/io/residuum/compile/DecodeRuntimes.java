package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.emit.RuntimeChoice;
import io.residuum.engine.Values;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes one more position of sequences on the runtimes that a network may use. If the faster one
 * is wanted, the first positions are computed by both in turn.
 */
final class DecodeRuntimes {
    /** The positions that each runtime computes while they are compared. */
    private static final int MEASURED = 6;

    private final CompileContext context;
    private final DecodePrograms engine;
    private final @Nullable DecodePrograms onnxRuntime;
    private final long[] nanos = {Long.MAX_VALUE, Long.MAX_VALUE};
    private int steps;
    private @Nullable RuntimeChoice faster;

    DecodeRuntimes(CompileContext context, NDManager manager) {
        this.context = context;
        this.engine = programs(context.forEngine(), manager);
        this.onnxRuntime = context.forOnnxRuntime().map(c -> programs(c, manager)).orElse(null);
    }

    private static DecodePrograms programs(CompileContext context, NDManager manager) {
        return new DecodePrograms(context, new ProgramFactory(context, manager));
    }

    /** Computes a step and appends its rows to the cache, as {@link Compiler#next}. */
    NDArray run(NDList inputs, ArrayCache cache, ForwardPass pass, Supplier<NDArray> fallback) {
        Supplier<NDArray> onEngine = () -> engine.run(inputs, cache, pass, fallback);
        if (onnxRuntime == null) {
            return onEngine.get();
        }
        Supplier<NDArray> onOnnxRuntime = () -> onnxRuntime.run(inputs, cache, pass, onEngine);
        RuntimeChoice wanted = context.options().runtime();
        if (wanted == RuntimeChoice.ONNXRUNTIME) {
            return onOnnxRuntime.get();
        }
        RuntimeChoice known = faster();
        if (known != null) {
            return known == RuntimeChoice.ENGINE ? onEngine.get() : onOnnxRuntime.get();
        }
        // Another thread would disturb the measurement.
        synchronized (this) {
            int turn = steps++ % 2;
            long start = System.nanoTime();
            NDArray output = turn == 0 ? onEngine.get() : onOnnxRuntime.get();
            Values.floats(output);
            // The first step of each compiles, and the minimum leaves it out.
            nanos[turn] = Math.min(nanos[turn], System.nanoTime() - start);
            if (steps == 2 * MEASURED) {
                choose();
            }
            return output;
        }
    }

    private synchronized @Nullable RuntimeChoice faster() {
        return faster;
    }

    private void choose() {
        boolean onnx = nanos[1] < nanos[0];
        RuntimeChoice choice = onnx ? RuntimeChoice.ONNXRUNTIME : RuntimeChoice.ENGINE;
        faster = choice;
        context.listener()
                .runtimeChosen(
                        choice,
                        String.format(
                                Locale.ROOT,
                                "%s for the next position: onnxruntime %.2f ms, engine %.2f ms",
                                choice,
                                nanos[1] / 1e6,
                                nanos[0] / 1e6));
    }

    void clear() {
        engine.clear();
        if (onnxRuntime != null) {
            onnxRuntime.clear();
        }
    }
}
