package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.emit.RuntimeChoice;
import io.residuum.engine.Values;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes one more position of sequences on the runtimes that a network may use. If the faster one
 * is wanted, both compute the first positions, one after the other.
 */
final class DecodeRuntimes {
    /** The positions that each runtime computes while they are compared. */
    private static final int MEASURED = 6;

    private final CompileContext context;
    private final DecodePrograms engine;
    private final @Nullable DecodePrograms onnxRuntime;
    private final long[] nanos = {Long.MAX_VALUE, Long.MAX_VALUE};
    private int steps;
    private volatile @Nullable RuntimeChoice faster;

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
        RuntimeChoice runtime = context.options().runtime();
        if (runtime == RuntimeChoice.AUTO) {
            runtime = faster;
        }
        if (runtime == null) {
            // Another thread would disturb the measurement.
            synchronized (this) {
                runtime = faster;
                if (runtime == null) {
                    return measured(inputs, cache, pass, onEngine);
                }
            }
        }
        return runtime == RuntimeChoice.ENGINE
                ? onEngine.get()
                : onnxRuntime.run(inputs, cache, pass, onEngine);
    }

    private NDArray measured(
            NDList inputs, ArrayCache cache, ForwardPass pass, Supplier<NDArray> onEngine) {
        DecodePrograms onnx = Objects.requireNonNull(onnxRuntime);
        int turn = steps++ % 2;
        boolean[] fellBack = {false};
        Supplier<NDArray> fallback =
                () -> {
                    fellBack[0] = true;
                    return onEngine.get();
                };
        long start = System.nanoTime();
        NDArray output = turn == 0 ? onEngine.get() : onnx.run(inputs, cache, pass, fallback);
        Values.floats(output);
        // The first step on onnxruntime computes both, to compare them.
        if (!fellBack[0]) {
            // The first step on the engine compiles, and the minimum leaves it out.
            nanos[turn] = Math.min(nanos[turn], System.nanoTime() - start);
        }
        if (steps == 2 * MEASURED) {
            choose(onnx);
        }
        return output;
    }

    private void choose(DecodePrograms onnx) {
        boolean isOnnx = nanos[1] < nanos[0];
        RuntimeChoice choice = isOnnx ? RuntimeChoice.ONNXRUNTIME : RuntimeChoice.ENGINE;
        faster = choice;
        (isOnnx ? engine : onnx).clear();
        if (nanos[1] == Long.MAX_VALUE) {
            return; // onnxruntime has no program, and the listener knows why
        }
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
