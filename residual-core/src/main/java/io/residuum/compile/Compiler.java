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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs a network as programs of its engine. One serves any batch, and where network and engine
 * allow it images of any size and sequences of any length; else there is one for each shape. What
 * cannot be compiled, or computes something else than the network, is said once, and the network
 * computes it operation by operation as ever. May be used from several threads.
 */
public final class Compiler implements AutoCloseable {
    private final CompileContext context;
    private final NDManager manager;
    private final ProgramFactory programs;
    private final DecodePrograms steps;
    private final ProgramCache<Wanted, CompiledProgram> exact;
    private final ProgramCache<List<Capture.Source>, DynamicProgram> anySize;

    /**
     * The key of a program.
     *
     * @param inputs the inputs, their batch free
     * @param single whether the batch is one, where that makes a difference
     */
    private record Wanted(List<Capture.Source> inputs, boolean single) {}

    /**
     * Creates a compiler; programs are made when they are first asked for.
     *
     * @param context the network, and how it is compiled
     */
    public Compiler(CompileContext context) {
        this.context = context;
        this.manager = context.backend().newManager();
        this.programs = new ProgramFactory(context, manager);
        this.steps = new DecodePrograms(context, programs);
        this.exact = new ProgramCache<>(CompiledProgram::close, context.notes());
        // The attempt at a certain size, which follows, says what is wrong.
        this.anySize = new ProgramCache<>(any -> any.compiled().close(), note -> {});
    }

    /**
     * Makes the program for such inputs, if there is none yet, and compares it with the network. In
     * training this is to be called before {@link #record}, with no collector open, and leaves
     * gradients of zero.
     *
     * @param inputs the network's input, then its riders by name
     */
    public void prepare(NDList inputs) {
        program(inputs);
    }

    /**
     * Computes the output.
     *
     * @param inputs the network's input, then its riders by name
     * @param itself computes the output where the network is not compiled for such inputs
     * @return the output; it belongs to the manager of the first input
     */
    public NDArray run(NDList inputs, Function<NDList, NDArray> itself) {
        return record(inputs, itself).output();
    }

    /**
     * Computes the output so that gradients can be taken, below an open gradient collector.
     *
     * @param inputs the network's input, then its riders by name
     * @param itself computes the output where the network is not compiled for such inputs
     * @return the output, which belongs to the manager of the first input, and its gradients
     * @throws IllegalStateException if programs train, and {@link #prepare} was not called
     */
    public ForwardResult record(NDList inputs, Function<NDList, NDArray> itself) {
        if (context.training() && !exact.isDecided(wanted(inputs))) {
            throw new IllegalStateException(
                    "a program that trains must be prepared before it is recorded: call prepare"
                            + " with such inputs first");
        }
        Optional<CompiledProgram> compiled = program(inputs);
        return compiled.isPresent()
                ? compiled.get().record(inputs)
                : ForwardResult.of(itself.apply(inputs));
    }

    private Optional<CompiledProgram> program(NDList inputs) {
        Wanted wanted = wanted(inputs);
        Supplier<Optional<CompiledProgram>> sized =
                () -> exact.get(wanted, () -> compile(wanted, inputs));
        return isSized(wanted.inputs()) && exact.hasRoom(wanted)
                ? sized.get()
                : anySize(wanted.inputs(), inputs).or(sized);
    }

    private Wanted wanted(NDList inputs) {
        List<Capture.Source> signature = signature(inputs);
        return new Wanted(signature, isSized(signature) && inputs.head().getShape().get(0) == 1);
    }

    private boolean isSized(List<Capture.Source> signature) {
        return context.targets().isFasterAtOneSize(signature);
    }

    /**
     * Computes one further position of sequences, and appends to their past what it has computed.
     *
     * @param inputs the ids, {@code (N, 1)}, and riders by name
     * @param past of one position at least; it is not advanced
     * @param pass a pass over the inputs behind the past
     * @param itself computes the same operation by operation
     * @return the output; it belongs to the manager of the first input
     */
    public NDArray next(
            NDList inputs, ArrayCache past, ForwardPass pass, Supplier<NDArray> itself) {
        return steps.run(inputs, past, pass, itself);
    }

    /** The inputs by name, their batch free. */
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

    /** A program that serves inputs of other sizes as well, if there can be one. */
    private Optional<CompiledProgram> anySize(List<Capture.Source> signature, NDList inputs) {
        return context.training()
                ? Optional.empty()
                : DynamicProgram.freed(signature, context.network().inputShape())
                        .flatMap(freed -> anySize.get(freed, () -> compileAnySize(freed)))
                        .filter(
                                any ->
                                        !context.options().check()
                                                || any.serves(
                                                        signature, () -> difference(any, inputs)))
                        .map(DynamicProgram::compiled);
    }

    private DynamicProgram compileAnySize(List<Capture.Source> freed) {
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            Graph captured = Capture.of(context.network(), freed, false);
            Graph graph = context.rewritten(captured, context.options().compute());
            if (!context.targets().target(false).servesAnySize(graph)) {
                throw new NotCompiledException("the engine needs certain sizes");
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

    private CompiledProgram compile(Wanted wanted, NDList inputs) {
        CompileOptions options = context.options();
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            Graph captured = Capture.of(context.network(), wanted.inputs(), context.training());
            Graph graph = context.rewritten(captured, options.compute());
            CompiledProgram compiled = programs.program(graph, wanted.single());
            Optional<String> wrong =
                    options.check()
                            ? programs.difference(compiled, captured, inputs)
                            : Optional.empty();
            if (wrong.isPresent()) {
                compiled.close();
                throw new NotCompiledException(wrong.get());
            }
            return compiled;
        }
    }

    /**
     * Closes all programs, which hold values that follow from parameters: call it after parameters
     * have changed. Programs are made again when they are next asked for.
     */
    public void forget() {
        exact.clear();
        anySize.clear();
        steps.clear();
    }

    @Override
    public void close() {
        forget();
        manager.close();
    }
}
