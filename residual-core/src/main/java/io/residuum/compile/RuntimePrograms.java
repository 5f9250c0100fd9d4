package io.residuum.compile;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.emit.RuntimeChoice;
import io.residuum.emit.onnx.runtime.OnnxRuntimeTarget;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.files.UserCache;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The programs of a network on the runtimes that it may use. Chooses the faster one if asked. */
final class RuntimePrograms {
    /** The time for comparing two runtimes. Each runs at least once. */
    private static final long MEASURING_NANOS = 1_000_000_000L;

    private static final int MOST_RUNS = 10;

    private final CompileContext context;
    private final ProgramPool engine;
    private final @Nullable ProgramPool onnxRuntime;
    private final RuntimeMemory memory = new RuntimeMemory(UserCache.folder().resolve("runtimes"));
    private final Map<Kind, RuntimeChoice> faster = new ConcurrentHashMap<>();

    /** The inputs with any batch size, and true for a batch of one. */
    private record Kind(List<Capture.Source> inputs, boolean single) {}

    RuntimePrograms(CompileContext context, NDManager manager) {
        this.context = context;
        this.engine = new ProgramPool(context.forEngine(), manager);
        this.onnxRuntime =
                context.forOnnxRuntime().map(c -> new ProgramPool(c, manager)).orElse(null);
    }

    boolean isDecided(NDList inputs) {
        return engine.isDecided(inputs);
    }

    /** Returns the program for such inputs; empty if the network runs operation by operation. */
    Optional<CompiledProgram> program(NDList inputs) {
        if (onnxRuntime == null) {
            return engine.program(inputs);
        }
        RuntimeChoice runtime = context.options().runtime();
        // No engine computes dynamic quantization, so there is nothing to measure.
        if (runtime != RuntimeChoice.AUTO || context.quantization().dynamic()) {
            return onnxRuntime.program(inputs).or(() -> engine.program(inputs));
        }
        Kind kind = new Kind(Compiler.signature(inputs), inputs.head().getShape().get(0) == 1);
        if (faster(kind, inputs) == RuntimeChoice.ONNXRUNTIME) {
            Optional<CompiledProgram> program = onnxRuntime.program(inputs);
            if (program.isPresent()) {
                return program;
            }
            // So that nothing closes the engine's programs while this kind runs.
            faster.replace(kind, RuntimeChoice.ENGINE);
        }
        return engine.program(inputs);
    }

    private RuntimeChoice faster(Kind kind, NDList inputs) {
        RuntimeChoice known = faster.get(kind);
        if (known != null) {
            return known;
        }
        if (faster.size() >= ProgramCache.MAX_PROGRAMS) {
            return usual(kind.single());
        }
        // Another thread would disturb the measurement.
        synchronized (this) {
            known = faster.get(kind);
            if (known == null) {
                known = remembered(kind, inputs);
                faster.put(kind, known);
                closeUnused();
            }
            return known;
        }
    }

    /**
     * Returns the runtime that was faster for most of the measured kinds of one sample, or of
     * several.
     */
    private RuntimeChoice usual(boolean single) {
        int onnx = 0;
        for (Map.Entry<Kind, RuntimeChoice> measured : faster.entrySet()) {
            if (measured.getKey().single() == single) {
                onnx += measured.getValue() == RuntimeChoice.ONNXRUNTIME ? 1 : -1;
            }
        }
        return onnx > 0 ? RuntimeChoice.ONNXRUNTIME : RuntimeChoice.ENGINE;
    }

    private ProgramPool pool(RuntimeChoice runtime) {
        return runtime == RuntimeChoice.ENGINE ? engine : Objects.requireNonNull(onnxRuntime);
    }

    /** Returns the runtime that was faster in an earlier process, or measures both. */
    private RuntimeChoice remembered(Kind kind, NDList inputs) {
        String key = key(kind);
        RuntimeChoice earlier = memory.known(key).orElse(null);
        if (earlier == null || pool(earlier).program(inputs).isEmpty()) {
            return measured(key, inputs);
        }
        context.listener()
                .runtimeChosen(
                        earlier,
                        "%s for inputs %s, as measured before"
                                .formatted(earlier, inputs.head().getShape()));
        return earlier;
    }

    /** Returns everything on which the times depend, except the machine. */
    private String key(Kind kind) {
        Backend backend = context.backend();
        String graph;
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            graph = Capture.of(context.network(), kind.inputs(), false).toString();
        } catch (CaptureException | IllegalArgumentException e) {
            // Neither runtime will compile it.
            graph = "";
        }
        return String.join(
                "\n",
                graph,
                context.options().toString(),
                context.quantization().toJson(),
                kind.single() ? "one" : "several",
                backend.toString(),
                OnnxRuntimeTarget.version());
    }

    /**
     * Returns the faster one and stores the choice. Returns the other if only that has a program.
     */
    private RuntimeChoice measured(String key, NDList inputs) {
        Optional<CompiledProgram> own = engine.program(inputs);
        Optional<CompiledProgram> onnx = pool(RuntimeChoice.ONNXRUNTIME).program(inputs);
        if (own.isEmpty() || onnx.isEmpty()) {
            return onnx.isEmpty() ? RuntimeChoice.ENGINE : RuntimeChoice.ONNXRUNTIME;
        }
        long ownNanos = Long.MAX_VALUE;
        long onnxNanos = Long.MAX_VALUE;
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            nanos(own.get(), inputs);
            nanos(onnx.get(), inputs);
            long end = System.nanoTime() + MEASURING_NANOS;
            for (int i = 0; i < MOST_RUNS && (i == 0 || System.nanoTime() < end); i++) {
                ownNanos = Math.min(ownNanos, nanos(own.get(), inputs));
                onnxNanos = Math.min(onnxNanos, nanos(onnx.get(), inputs));
            }
        }
        RuntimeChoice choice =
                onnxNanos < ownNanos ? RuntimeChoice.ONNXRUNTIME : RuntimeChoice.ENGINE;
        memory.remember(key, choice);
        context.listener()
                .runtimeChosen(
                        choice,
                        String.format(
                                Locale.ROOT,
                                "%s for inputs %s: onnxruntime %.2f ms, engine %.2f ms",
                                choice,
                                inputs.head().getShape(),
                                onnxNanos / 1e6,
                                ownNanos / 1e6));
        return choice;
    }

    /** Runs a program until its first output has arrived in Java, as callers wait for it. */
    private static long nanos(CompiledProgram program, NDList inputs) {
        long start = System.nanoTime();
        NDList outputs = program.record(inputs).outputs();
        Values.floats(outputs.head());
        long nanos = System.nanoTime() - start;
        outputs.close();
        return nanos;
    }

    /** Closes the programs of a runtime that no kind of inputs uses. */
    private void closeUnused() {
        if (!faster.containsValue(RuntimeChoice.ENGINE)) {
            engine.clear();
        }
        if (onnxRuntime != null && !faster.containsValue(RuntimeChoice.ONNXRUNTIME)) {
            onnxRuntime.clear();
        }
    }

    void clear() {
        faster.clear();
        engine.clear();
        if (onnxRuntime != null) {
            onnxRuntime.clear();
        }
    }
}
