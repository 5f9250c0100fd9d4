package io.residuum.compile;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.graph.Graph;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs a network as programs of its engine. One serves any batch, and where network and engine
 * allow it images of any size and sequences of any length; else there is one for each shape. What
 * cannot be compiled, or computes something else than the network, is said once, and the network
 * computes it operation by operation as ever. May be used from several threads.
 */
public final class Compiler implements AutoCloseable {
    /** Programs are kept; a network that meets more shapes is not worth compiling for each. */
    private static final int MOST_SHAPES = 16;

    private final Layer network;
    private final Backend backend;
    private final CompileOptions options;
    private final boolean training;
    private final Consumer<String> notes;
    private final NDManager manager;
    private final ProgramFactory programs;
    private final DecodePrograms steps;
    private final AtomicBoolean full = new AtomicBoolean();
    private final Map<Wanted, Optional<CompiledProgram>> made = new ConcurrentHashMap<>();
    private final Map<List<Capture.Source>, Optional<DynamicProgram>> free =
            new ConcurrentHashMap<>();

    /**
     * What a program is for.
     *
     * @param inputs the inputs, their batch free
     * @param single whether the batch is one, where that makes a difference
     */
    private record Wanted(List<Capture.Source> inputs, boolean single) {}

    /**
     * Creates a compiler; programs are made when they are first asked for.
     *
     * @param network a complete network
     * @param parameters its parameters and buffers by path, initialized on the backend
     * @param backend where it runs
     * @param options how it is compiled
     * @param training whether programs compute as in training, recorded for gradients
     * @param undrawn computes the output operation by operation, as in training or not, but drops
     *     nothing: what programs are compared with
     * @param notes is told in one line why something is not compiled
     */
    public Compiler(
            Layer network,
            Map<String, Parameter> parameters,
            Backend backend,
            CompileOptions options,
            boolean training,
            Function<NDList, NDArray> undrawn,
            Consumer<String> notes) {
        this.network = network;
        this.backend = backend;
        this.options = options;
        this.training = training;
        this.notes = notes;
        this.manager = backend.newManager();
        this.programs =
                new ProgramFactory(parameters, backend, options, training, undrawn, manager);
        this.steps =
                new DecodePrograms(network, backend, options, g -> programs.whole(g, true), notes);
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
        if (training && !made.containsKey(wanted(inputs))) {
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
        Supplier<Optional<CompiledProgram>> exact =
                () -> made.computeIfAbsent(wanted, w -> compile(w, inputs));
        boolean room = made.size() < MOST_SHAPES || made.containsKey(wanted);
        return room && isSized(wanted.inputs())
                ? exact.get()
                : anySize(wanted.inputs(), inputs).or(exact);
    }

    private Wanted wanted(NDList inputs) {
        List<Capture.Source> signature = signature(inputs);
        return new Wanted(signature, isSized(signature) && inputs.head().getShape().get(0) == 1);
    }

    private boolean isSized(List<Capture.Source> signature) {
        return !training && Targets.isFasterAtOneSize(backend, signature);
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
        return training
                ? Optional.empty()
                : DynamicProgram.freed(signature, network.inputShape())
                        .flatMap(freed -> free.computeIfAbsent(freed, this::compileAnySize))
                        .filter(
                                any ->
                                        !options.check()
                                                || any.serves(
                                                        signature, () -> difference(any, inputs)))
                        .map(DynamicProgram::compiled);
    }

    /** What says why there is none is the attempt at a certain size. */
    private Optional<DynamicProgram> compileAnySize(List<Capture.Source> freed) {
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            Graph captured = Capture.of(network, freed, false);
            Graph graph = Targets.rewritten(captured, backend, options, false);
            return Targets.target(backend, false, false).servesAnySize(graph)
                    ? Optional.of(new DynamicProgram(programs.program(graph, false), captured))
                    : Optional.empty();
        } catch (CaptureException | EngineException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<String> difference(DynamicProgram any, NDList inputs) {
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            return programs.difference(any.compiled(), any.captured(), inputs);
        } catch (EngineException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<CompiledProgram> compile(Wanted wanted, NDList inputs) {
        if (made.size() >= MOST_SHAPES) {
            if (full.getAndSet(true)) {
                return Optional.empty();
            }
            notes.accept(
                    "not compiled: inputs of more than "
                            + MOST_SHAPES
                            + " shapes; pad them to a few lengths, or compile nothing");
            return Optional.empty();
        }
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            Graph captured = Capture.of(network, wanted.inputs(), training);
            Graph graph = Targets.rewritten(captured, backend, options, training);
            CompiledProgram compiled = programs.program(graph, wanted.single());
            Optional<String> wrong =
                    options.check()
                            ? programs.difference(compiled, captured, inputs)
                            : Optional.empty();
            if (wrong.isPresent()) {
                compiled.close();
                notes.accept("not compiled: " + wrong.get());
                return Optional.empty();
            }
            return Optional.of(compiled);
        } catch (CaptureException e) {
            notes.accept("not compiled: " + e.getMessage());
            return Optional.empty();
        } catch (EngineException e) {
            notes.accept("not compiled: " + ProgramFactory.refusal(e));
            return Optional.empty();
        }
    }

    /**
     * Forgets all programs, as what they have prepared is of parameters that have changed since.
     * They are made anew when they are next asked for.
     */
    public void forget() {
        made.values().forEach(c -> c.ifPresent(CompiledProgram::close));
        made.clear();
        free.values().forEach(a -> a.ifPresent(any -> any.compiled().close()));
        free.clear();
        steps.forget();
    }

    @Override
    public void close() {
        forget();
        manager.close();
    }
}
