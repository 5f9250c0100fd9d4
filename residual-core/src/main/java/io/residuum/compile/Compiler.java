package io.residuum.compile;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.graph.Graph;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.SideInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs a network as programs of its engine. One program serves any batch size and, if network and
 * engine allow it, any image size or sequence length. Otherwise there is one program per shape. If
 * compilation fails or the outputs differ, the reason is reported once and the network runs
 * operation by operation.
 *
 * <p>Several threads may run programs at once. {@link #invalidate} and {@link #close} wait for
 * them. After {@link #close} every other method throws an {@link IllegalStateException}.
 */
public final class Compiler implements AutoCloseable {
    private final UsageLock lock = new UsageLock("the compiler");
    private final CompileContext context;
    private final SideInputs sideInputs;
    private final NDManager manager;
    private final ProgramFactory programs;
    private final DecodePrograms decodePrograms;
    private final ProgramCache<ProgramKey, CompiledProgram> fixedSizes;
    private final ProgramCache<List<Capture.Source>, DynamicProgram> anySize;

    /** The inputs with any batch size, and true for a batch of one if that makes a difference. */
    private record ProgramKey(List<Capture.Source> inputs, boolean single) {}

    /**
     * Creates a compiler. Programs are compiled at their first use.
     *
     * @param context the network and the options
     */
    public Compiler(CompileContext context) {
        this.context = context;
        this.sideInputs = context.network().sideInputs();
        this.manager = context.backend().newManager();
        this.programs = new ProgramFactory(context, manager);
        this.decodePrograms = new DecodePrograms(context, programs);
        this.fixedSizes = new ProgramCache<>(CompiledProgram::close, context.notes());
        // The fixed-size attempt that follows reports the reason.
        this.anySize = new ProgramCache<>(any -> any.compiled().close(), note -> {});
    }

    /**
     * Compiles the program for such inputs, if there is none yet, and compares it with the network.
     * In training, call this before {@link #record} with no collector open. It leaves gradients of
     * zero.
     *
     * @param inputs the network's input, then side inputs by name
     */
    public void prepare(NDList inputs) {
        lock.use(() -> program(named(inputs)));
    }

    /** Checks side inputs: a program reads by name, and would skip what no layer reads. */
    private NDList named(NDList inputs) {
        return sideInputs.require(inputs, context.type(), true);
    }

    /**
     * {@return the output of a network that has one; it belongs to the manager of the first input}
     *
     * @param inputs the network's input, then side inputs by name
     * @param fallback computes the output if the network is not compiled for such inputs
     */
    public NDArray run(NDList inputs, Function<NDList, NDArray> fallback) {
        return record(inputs, fallback).output();
    }

    /**
     * {@return all outputs, in order; they belong to the manager of the first input}
     *
     * @param inputs the network's input, then side inputs by name
     * @param fallback computes the outputs if the network is not compiled for such inputs
     */
    public NDList runAll(NDList inputs, Function<NDList, NDList> fallback) {
        return recordAll(inputs, fallback).outputs();
    }

    /**
     * Computes the output and records it for a backward pass, while a gradient collector is open.
     *
     * @param inputs the network's input, then side inputs by name
     * @param fallback computes the output if the network is not compiled for such inputs
     * @return the output, which belongs to the manager of the first input, with its backward pass
     * @throws IllegalStateException in training, if {@link #prepare} was not called
     */
    public ForwardResult record(NDList inputs, Function<NDList, NDArray> fallback) {
        return recordAll(inputs, given -> new NDList(fallback.apply(given)));
    }

    /**
     * Computes all outputs and records them, as {@link #record}.
     *
     * @param inputs the network's input, then side inputs by name
     * @param fallback computes the outputs if the network is not compiled for such inputs
     * @return the outputs with their backward pass
     * @throws IllegalStateException as {@link #record}
     */
    public ForwardResult recordAll(NDList inputs, Function<NDList, NDList> fallback) {
        return lock.use(() -> recordNow(named(inputs), fallback));
    }

    private ForwardResult recordNow(NDList inputs, Function<NDList, NDList> fallback) {
        if (context.training() && !fixedSizes.isDecided(key(inputs))) {
            throw new IllegalStateException(
                    "a program for training must be prepared before it is recorded: call prepare"
                            + " with such inputs first");
        }
        Optional<CompiledProgram> compiled = program(inputs);
        return compiled.isPresent()
                ? compiled.get().record(inputs)
                : ForwardResult.of(fallback.apply(inputs));
    }

    private Optional<CompiledProgram> program(NDList inputs) {
        ProgramKey key = key(inputs);
        Supplier<Optional<CompiledProgram>> fixedSize =
                () -> fixedSizes.get(key, () -> compile(key, inputs));
        return isFasterAtOneSize(key.inputs()) && fixedSizes.hasRoom(key)
                ? fixedSize.get()
                : anySize(key.inputs(), inputs).or(fixedSize);
    }

    private ProgramKey key(NDList inputs) {
        List<Capture.Source> signature = signature(inputs);
        return new ProgramKey(
                signature, isFasterAtOneSize(signature) && inputs.head().getShape().get(0) == 1);
    }

    private boolean isFasterAtOneSize(List<Capture.Source> signature) {
        return context.targets().isFasterAtOneSize(signature);
    }

    /**
     * Computes one more position of sequences and appends its rows to the cache.
     *
     * @param inputs the ids, {@code (N, 1)}, then side inputs by name
     * @param cache a cache of at least one position; the caller advances it
     * @param pass a forward pass over the inputs with the cache
     * @param fallback computes the same operation by operation
     * @return the output; it belongs to the manager of the first input
     */
    public NDArray next(
            NDList inputs, ArrayCache cache, ForwardPass pass, Supplier<NDArray> fallback) {
        return lock.use(() -> decodePrograms.run(inputs, cache, pass, fallback));
    }

    /** Returns the inputs by name, with any batch size. */
    static List<Capture.Source> signature(NDList inputs) {
        List<Capture.Source> signature = new ArrayList<>(inputs.size());
        for (NDArray input : inputs) {
            long[] dims = input.getShape().getShape().clone();
            dims[0] = -1;
            String name = signature.isEmpty() ? Capture.DATA : input.getName();
            signature.add(new Capture.Source(name, new Shape(dims), input.getDataType()));
        }
        return signature;
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
            Graph captured = Capture.of(context.network(), symbolic, false);
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
            Graph captured = Capture.of(context.network(), key.inputs(), context.training());
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

    /**
     * Closes all programs, which hold values computed from parameters. Call it after parameters
     * have changed. It waits for running programs. Programs are compiled again at their next use.
     *
     * @throws IllegalStateException if the compiler is closed
     */
    public void invalidate() {
        lock.change(this::closePrograms);
    }

    private void closePrograms() {
        fixedSizes.clear();
        anySize.clear();
        decodePrograms.clear();
    }

    /** Frees all programs after running ones have ended. A second call does nothing. */
    @Override
    public void close() {
        lock.close(
                () -> {
                    closePrograms();
                    manager.close();
                });
    }
}
