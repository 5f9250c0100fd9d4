package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.graph.Graph;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import io.residuum.graph.trace.DecodeStep;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Programs that compute one more position of sequences. One program serves any batch size and any
 * cache, but each set of side inputs has its own. If the engine needs fixed sizes, each cache size
 * has its own, too.
 */
final class DecodePrograms {
    private final CompileContext context;
    private final ProgramFactory factory;
    private final ProgramCache<ProgramKey, DecodeProgram> programs;
    private final Map<ProgramKey, Boolean> servesAnySize = new ConcurrentHashMap<>();

    /**
     * The names of the side inputs, the type of the cache and the ranks of its arrays, or their
     * shapes for fixed sizes.
     */
    private record ProgramKey(List<String> sideInputs, DataType type, List<?> cache) {}

    DecodePrograms(CompileContext context, ProgramFactory factory) {
        this.context = context;
        this.factory = factory;
        this.programs = new ProgramCache<>(DecodeProgram::close, context.listener()::notCompiled);
    }

    /** Computes a step and appends its rows to the cache, as {@link Compiler#next}. */
    NDArray run(NDList inputs, ArrayCache cache, ForwardPass pass, Supplier<NDArray> fallback) {
        cache.makeRoom(1);
        List<String> sideInputs = inputs.subNDList(1).stream().map(NDArray::getName).toList();
        List<Shape> shapes = cache.shapes();
        DataType type = cache.type();
        ProgramKey any =
                new ProgramKey(sideInputs, type, shapes.stream().map(Shape::dimension).toList());
        boolean anyLength = servesAnySize.computeIfAbsent(any, w -> servesAnySize(inputs, cache));
        ProgramKey key = anyLength ? any : new ProgramKey(sideInputs, type, shapes);
        FirstStep first = new FirstStep(inputs, cache, pass, fallback);
        Optional<DecodeProgram> known = programs.get(key, () -> first.program(anyLength));
        if (first.output != null) {
            return first.output;
        }
        if (known.isEmpty()) {
            return fallback.get();
        }
        DecodeProgram.Result result = known.get().run(inputs, cache, pass);
        known.get().append(cache, pass, result.rows());
        return result.output();
    }

    void clear() {
        programs.clear();
        servesAnySize.clear();
    }

    /** The first step with a new program, which compiles it and compares it with the network. */
    private final class FirstStep {
        private final NDList inputs;
        private final ArrayCache cache;
        private final ForwardPass pass;
        private final Supplier<NDArray> fallback;
        private @Nullable NDArray output;

        FirstStep(NDList inputs, ArrayCache cache, ForwardPass pass, Supplier<NDArray> fallback) {
            this.inputs = inputs;
            this.cache = cache;
            this.pass = pass;
            this.fallback = fallback;
        }

        DecodeProgram program(boolean anyLength) {
            CompileOptions options = context.options();
            DecodeStep step = step(anyLength);
            DecodeProgram program = DecodePrograms.this.program(step, options.compute());
            try {
                Optional<String> wrong =
                        options.check()
                                ? ProgramCheck.inFloat32First(
                                        options.compute(),
                                        compute ->
                                                compute == options.compute()
                                                        ? difference(program, compute)
                                                        : difference(step, compute))
                                : Optional.empty();
                if (wrong.isPresent()) {
                    throw new NotCompiledException(wrong.get());
                }
                return program;
            } catch (RuntimeException e) {
                program.close();
                throw e;
            }
        }

        private DecodeStep step(boolean anyLength) {
            List<Capture.Source> signature = Compiler.signature(inputs);
            try {
                return anyLength
                        ? DecodeStep.of(context.network(), signature, cache)
                        : DecodeStep.ofShapes(context.network(), signature, cache);
            } catch (IllegalArgumentException e) {
                throw new NotCompiledException(String.valueOf(e.getMessage()));
            }
        }

        private Optional<String> difference(DecodeStep step, ComputeType compute) {
            DecodeProgram program = DecodePrograms.this.program(step, compute);
            try {
                return difference(program, compute);
            } finally {
                program.close();
            }
        }

        /** Describes how a program's results differ from the network's; empty if they agree. */
        private Optional<String> difference(DecodeProgram program, ComputeType compute) {
            DecodeProgram.Result found = program.run(inputs, cache, pass);
            if (output == null) {
                output = fallback.get();
            }
            Optional<String> wrong = difference(output, found.output(), compute);
            NDList rows = program.lastRows(cache, inputs.head().getManager());
            for (int i = 0; i < rows.size() && wrong.isEmpty(); i++) {
                wrong = difference(rows.get(i), found.rows().get(i), compute);
            }
            return wrong;
        }

        private Optional<String> difference(NDArray wanted, NDArray found, ComputeType compute) {
            return ProgramCheck.difference(
                    Values.floats(wanted),
                    Values.floats(found),
                    compute,
                    context.backend().device().isGpu());
        }
    }

    /** Returns true if one program serves every number of cached rows. */
    private boolean servesAnySize(NDList inputs, ArrayCache cache) {
        try {
            DecodeStep step = DecodeStep.of(context.network(), Compiler.signature(inputs), cache);
            Graph graph = context.rewritten(step.graph(), context.options().compute());
            return context.targets().target(true).servesAnySize(graph);
        } catch (CaptureException | IllegalArgumentException e) {
            // The fixed-size attempt that follows reports the reason.
            return false;
        }
    }

    private DecodeProgram program(DecodeStep step, ComputeType compute) {
        Graph graph = context.rewritten(step.graph(), compute);
        List<String> order = List.copyOf(graph.inputs().keySet());
        return new DecodeProgram(
                step, factory.wholeProgram(graph, true), order, new IdRanges(graph));
    }
}
