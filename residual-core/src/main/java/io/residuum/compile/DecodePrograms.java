package io.residuum.compile;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import io.residuum.graph.trace.DecodeStep;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Programs that compute one further position of sequences: one for any batch and any past, another
 * where other riders come along, and for each size of the past where the engine needs that.
 */
final class DecodePrograms {
    /** As of other programs. */
    private static final int MOST = 16;

    private final Layer network;
    private final Backend backend;
    private final CompileOptions options;
    private final Function<Graph, Program> programs;
    private final Consumer<String> notes;
    private final Map<Wanted, Optional<DecodeProgram>> made = new ConcurrentHashMap<>();
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final Map<Wanted, Boolean> anySize = new ConcurrentHashMap<>();

    /**
     * What a program is for.
     *
     * @param riders what comes along
     * @param past the ranks of the arrays of the past, or their shapes
     */
    private record Wanted(List<String> riders, List<?> past) {}

    /**
     * No programs yet.
     *
     * @param network a complete network
     * @param backend where it runs
     * @param options how it is compiled
     * @param programs makes a graph for inference executable
     * @param notes is told in one line why a step is not compiled
     */
    DecodePrograms(
            Layer network,
            Backend backend,
            CompileOptions options,
            Function<Graph, Program> programs,
            Consumer<String> notes) {
        this.network = network;
        this.backend = backend;
        this.options = options;
        this.programs = programs;
        this.notes = notes;
    }

    /**
     * Computes a step and appends to the past what it has computed; does not advance it.
     *
     * @param inputs the ids, {@code (N, 1)}, and riders by name
     * @param past of one position at least
     * @param pass a pass over the inputs behind the past
     * @param itself computes the same operation by operation
     * @return the output
     */
    NDArray run(NDList inputs, ArrayCache past, ForwardPass pass, Supplier<NDArray> itself) {
        past.makeRoom(1);
        List<String> riders = inputs.subNDList(1).stream().map(NDArray::getName).toList();
        List<Shape> shapes = past.shapes();
        Wanted any = new Wanted(riders, shapes.stream().map(Shape::dimension).toList());
        boolean free = anySize.computeIfAbsent(any, w -> servesAnySize(inputs, past));
        Wanted wanted = free ? any : new Wanted(riders, shapes);
        Optional<DecodeProgram> known = made.get(wanted);
        if (known == null && made.size() < MOST) {
            First first = new First(inputs, past, pass, itself);
            known = made.computeIfAbsent(wanted, w -> first.program(free));
            if (first.output != null) {
                return first.output;
            }
        }
        if (known == null || known.isEmpty()) {
            return itself.get();
        }
        DecodeProgram.Result result = known.get().run(inputs, past, pass);
        known.get().append(past, pass, result.rows());
        return result.output();
    }

    void forget() {
        made.values().forEach(p -> p.ifPresent(DecodeProgram::close));
        made.clear();
        anySize.clear();
    }

    /** The first step of a kind, at which a program is made and compared with the network. */
    private final class First {
        private final NDList inputs;
        private final ArrayCache past;
        private final ForwardPass pass;
        private final Supplier<NDArray> itself;
        private @Nullable NDArray output;

        First(NDList inputs, ArrayCache past, ForwardPass pass, Supplier<NDArray> itself) {
            this.inputs = inputs;
            this.past = past;
            this.pass = pass;
            this.itself = itself;
        }

        Optional<DecodeProgram> program(boolean free) {
            String why;
            try {
                List<Capture.Source> signature = Compiler.signature(inputs);
                DecodeStep step =
                        free
                                ? DecodeStep.of(network, signature, past)
                                : DecodeStep.ofShapes(network, signature, past);
                boolean twice = options.check() && options.compute() != ComputeType.FLOAT32;
                Optional<String> wrong = Optional.empty();
                if (twice) {
                    // Rounding to 16 bits would hide what is wrong otherwise.
                    DecodeProgram full = DecodePrograms.this.program(step, ComputeType.FLOAT32);
                    wrong = difference(full, ComputeType.FLOAT32);
                    full.close();
                }
                if (wrong.isEmpty()) {
                    DecodeProgram program = DecodePrograms.this.program(step, options.compute());
                    wrong = difference(program, options.compute());
                    if (wrong.isEmpty()) {
                        return Optional.of(program);
                    }
                    program.close();
                }
                why = wrong.get();
            } catch (CaptureException | IllegalArgumentException e) {
                why = String.valueOf(e.getMessage());
            } catch (EngineException e) {
                why = ProgramFactory.refusal(e);
            }
            if (told.add(why)) {
                notes.accept("not compiled: " + why);
            }
            return Optional.empty();
        }

        /** How a program's step is not the network's; empty if it is, or if nobody asks. */
        private Optional<String> difference(DecodeProgram program, ComputeType compute) {
            if (!options.check()) {
                return Optional.empty();
            }
            DecodeProgram.Result found = program.run(inputs, past, pass);
            if (output == null) {
                output = itself.get();
            }
            Optional<String> wrong = difference(output, found.output(), compute);
            NDList rows = program.lastRows(past, inputs.head().getManager());
            for (int i = 0; i < rows.size() && wrong.isEmpty(); i++) {
                wrong = difference(rows.get(i), found.rows().get(i), compute);
            }
            return wrong;
        }

        private Optional<String> difference(NDArray wanted, NDArray found, ComputeType compute) {
            return ProgramCheck.difference(Values.floats(wanted), Values.floats(found), compute);
        }
    }

    /** Whether there is no need for a program for each number of rows that a past has room for. */
    private boolean servesAnySize(NDList inputs, ArrayCache past) {
        try {
            DecodeStep step = DecodeStep.of(network, Compiler.signature(inputs), past);
            Graph graph = Targets.rewritten(step.graph(), backend, options, false);
            return Targets.target(backend, false, true).servesAnySize(graph);
        } catch (CaptureException | IllegalArgumentException e) {
            // The attempt at one size says what is wrong.
            return false;
        }
    }

    private DecodeProgram program(DecodeStep step, ComputeType compute) {
        Graph graph = Targets.rewritten(step.graph(), backend, options.with(compute), false);
        Program program = programs.apply(graph);
        return new DecodeProgram(step, program, List.copyOf(graph.inputs().keySet()));
    }
}
