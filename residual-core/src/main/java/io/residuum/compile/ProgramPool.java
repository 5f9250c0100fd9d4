package io.residuum.compile;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.graph.Graph;
import io.residuum.graph.trace.Capture;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The programs of a network on one runtime. One program serves any batch size and, if network and
 * runtime allow it, any image size or sequence length. Otherwise there is one program per shape.
 */
final class ProgramPool {
    private final CompileContext context;
    private final ProgramFactory programs;
    private final ProgramCache<ProgramKey, CompiledProgram> fixedSizes;
    private final ProgramCache<List<Capture.Source>, DynamicProgram> anySize;

    /** The inputs with any batch size, and true for a batch of one if that makes a difference. */
    private record ProgramKey(List<Capture.Source> inputs, boolean single) {}

    ProgramPool(CompileContext context, NDManager manager) {
        this.context = context;
        this.programs = new ProgramFactory(context, manager);
        this.fixedSizes =
                new ProgramCache<>(CompiledProgram::close, context.listener()::notCompiled);
        // The fixed-size attempt that follows reports the reason.
        this.anySize = new ProgramCache<>(any -> any.compiled().close(), note -> {});
    }

    /** Returns true if {@link #program} would not compile a program for a fixed size. */
    boolean isDecided(NDList inputs) {
        return fixedSizes.isDecided(key(inputs));
    }

    /** Returns the program for such inputs, compiling it if necessary; empty if there is none. */
    Optional<CompiledProgram> program(NDList inputs) {
        ProgramKey key = key(inputs);
        Supplier<Optional<CompiledProgram>> fixedSize =
                () -> fixedSizes.get(key, () -> compile(key, inputs));
        return isFasterAtOneSize(key.inputs()) && fixedSizes.hasRoom(key)
                ? fixedSize.get()
                : anySize(key.inputs(), inputs).or(fixedSize);
    }

    /**
     * Returns a program that also serves inputs of other sizes, or one that there is already; empty
     * without reporting why if there is none.
     */
    Optional<CompiledProgram> programOfAnySize(NDList inputs) {
        ProgramKey key = key(inputs);
        return fixedSizes.isDecided(key) && fixedSizes.hasRoom(key)
                ? program(inputs)
                : anySize(key.inputs(), inputs);
    }

    /** Returns true if there is a program for the sizes of such inputs, or room for one. */
    boolean hasRoom(NDList inputs) {
        return fixedSizes.hasRoom(key(inputs));
    }

    private ProgramKey key(NDList inputs) {
        List<Capture.Source> signature = Compiler.signature(inputs);
        return new ProgramKey(
                signature, isFasterAtOneSize(signature) && inputs.head().getShape().get(0) == 1);
    }

    private boolean isFasterAtOneSize(List<Capture.Source> signature) {
        return context.targets().isFasterAtOneSize(signature);
    }

    /** Returns a program that also serves inputs of other sizes, if there can be one. */
    private Optional<CompiledProgram> anySize(List<Capture.Source> signature, NDList inputs) {
        return context.training()
                ? Optional.empty()
                : DynamicProgram.withSymbolicSizes(signature, context.network().inputShape())
                        .flatMap(symbolic -> anySize.get(symbolic, () -> compileAnySize(symbolic)))
                        .filter(
                                any ->
                                        !context.options().check()
                                                || any.serves(
                                                        signature, () -> difference(any, inputs)))
                        .map(DynamicProgram::compiled);
    }

    private DynamicProgram compileAnySize(List<Capture.Source> symbolic) {
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            Graph captured = context.captured(symbolic);
            Graph graph = context.rewritten(captured, context.options().compute());
            if (!context.targets().target(false).servesAnySize(graph)) {
                throw new NotCompiledException("the engine needs fixed sizes");
            }
            return new DynamicProgram(programs.program(graph, false), captured);
        } catch (IllegalArgumentException e) {
            throw new NotCompiledException(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> difference(DynamicProgram any, NDList inputs) {
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            return programs.difference(any.compiled(), any.captured(), inputs);
        } catch (EngineException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private CompiledProgram compile(ProgramKey key, NDList inputs) {
        CompileOptions options = context.options();
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            Graph captured = context.captured(key.inputs());
            Graph graph = context.rewritten(captured, options.compute());
            CompiledProgram compiled = programs.program(graph, key.single());
            try {
                Optional<String> wrong =
                        options.check()
                                ? programs.difference(compiled, captured, inputs)
                                : Optional.empty();
                if (wrong.isPresent()) {
                    throw new NotCompiledException(wrong.get());
                }
                return compiled;
            } catch (RuntimeException e) {
                compiled.close();
                throw e;
            }
        } catch (IllegalArgumentException e) {
            // Capturing uses another batch size. The network names the sizes that it finds.
            context.withoutDropout().apply(inputs).close();
            throw e;
        }
    }

    void clear() {
        fixedSizes.clear();
        anySize.clear();
    }
}
