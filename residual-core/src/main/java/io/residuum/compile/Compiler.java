package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.SideInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs a network as programs of its engine or of onnxruntime. One program serves any batch size
 * and, if network and engine allow it, any image size or sequence length. Otherwise there is one
 * program per shape. If compilation fails or the outputs differ, the reason is reported once and
 * the network runs operation by operation.
 *
 * <p>Several threads may run programs at once. {@link #invalidate} and {@link #close} wait for
 * them. After {@link #close} every other method throws an {@link IllegalStateException}.
 */
public final class Compiler implements AutoCloseable {
    private final UsageLock lock = new UsageLock("the compiler");
    private final CompileContext context;
    private final SideInputs sideInputs;
    private final NDManager manager;
    private final RuntimePrograms programs;
    private final PromptPrograms promptPrograms;
    private final DecodeRuntimes decodePrograms;
    private final AtomicInteger runs = new AtomicInteger();

    /**
     * Creates a compiler. Programs are compiled at their first use.
     *
     * @param context the network and the options
     * @param prompt computes a language model's first pass over sequences operation by operation:
     *     the output, then the arrays of the cache
     * @throws io.residuum.graph.trace.CaptureException if onnxruntime is asked for and missing
     */
    public Compiler(CompileContext context, Function<NDList, NDList> prompt) {
        this.context = context;
        this.sideInputs = context.network().sideInputs();
        this.manager = context.backend().newManager();
        this.programs = new RuntimePrograms(context, manager);
        this.promptPrograms = new PromptPrograms(context.forPrompts(prompt), manager);
        this.decodePrograms = new DecodeRuntimes(context.withFloatActivations(), manager);
    }

    /**
     * Compiles the program for such inputs, if there is none yet, and compares it with the network.
     * In training, call this before {@link #record} with no collector open. It leaves gradients of
     * zero.
     *
     * @param inputs the network's input, then side inputs by name
     */
    public void prepare(NDList inputs) {
        lock.use(() -> programs.program(named(inputs)));
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
        if (context.training() && !programs.isDecided(inputs)) {
            throw new IllegalStateException(
                    "a program for training must be prepared before it is recorded: call prepare"
                            + " with such inputs first");
        }
        Optional<CompiledProgram> compiled = waits() ? Optional.empty() : programs.program(inputs);
        return compiled.isPresent()
                ? compiled.get().record(inputs)
                : ForwardResult.of(fallback.apply(inputs));
    }

    private boolean waits() {
        int limit = context.uncompiledRuns();
        return runs.get() < limit && runs.getAndIncrement() < limit;
    }

    /**
     * Computes the first positions of sequences and fills the cache. Programs pay off for the third
     * prompt, so the first two run operation by operation.
     *
     * @param inputs the ids, {@code (N, T)}, then side inputs by name
     * @param cache an empty cache; the caller advances it
     * @param pass a forward pass over the inputs with the cache
     * @param fallback computes the same operation by operation
     * @return the output, at least for the last position; it belongs to the manager of the first
     *     input
     */
    public NDArray first(
            NDList inputs, ArrayCache cache, ForwardPass pass, Supplier<NDArray> fallback) {
        return lock.use(() -> promptPrograms.run(inputs, cache, pass, fallback));
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
        programs.clear();
        promptPrograms.clear();
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
