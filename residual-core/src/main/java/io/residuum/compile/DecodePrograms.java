package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
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
 * Programs that compute one further position of sequences: one for any batch and any past, another
 * where other riders come along, and for each size of the past where the engine needs that.
 */
final class DecodePrograms {
    private final CompileContext context;
    private final ProgramFactory programs;
    private final ProgramCache<Wanted, DecodeProgram> made;
    private final Map<Wanted, Boolean> anySize = new ConcurrentHashMap<>();

    /**
     * The key of a program.
     *
     * @param riders what comes along
     * @param past the ranks of the arrays of the past, or their shapes
     */
    private record Wanted(List<String> riders, List<?> past) {}

    /**
     * No programs yet.
     *
     * @param context the network
     * @param programs makes graphs executable
     */
    DecodePrograms(CompileContext context, ProgramFactory programs) {
        this.context = context;
        this.programs = programs;
        this.made = new ProgramCache<>(DecodeProgram::close, context.notes());
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
        First first = new First(inputs, past, pass, itself);
        Optional<DecodeProgram> known = made.get(wanted, () -> first.program(free));
        if (first.output != null) {
            return first.output;
        }
        if (known.isEmpty()) {
            return itself.get();
        }
        DecodeProgram.Result result = known.get().run(inputs, past, pass);
        known.get().append(past, pass, result.rows());
        return result.output();
    }

    void clear() {
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

        DecodeProgram program(boolean free) {
            CompileOptions options = context.options();
            List<Capture.Source> signature = Compiler.signature(inputs);
            try {
                DecodeStep step =
                        free
                                ? DecodeStep.of(context.network(), signature, past)
                                : DecodeStep.ofShapes(context.network(), signature, past);
                DecodeProgram program = DecodePrograms.this.program(step, options.compute());
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
                    program.close();
                    throw new NotCompiledException(wrong.get());
                }
                return program;
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

        /** Says how a program's step is not the network's; empty if it is. */
        private Optional<String> difference(DecodeProgram program, ComputeType compute) {
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

    /** Returns true if there is no need for a program for each number of rows in the past. */
    private boolean servesAnySize(NDList inputs, ArrayCache past) {
        try {
            DecodeStep step = DecodeStep.of(context.network(), Compiler.signature(inputs), past);
            Graph graph = context.rewritten(step.graph(), context.options().compute());
            return context.targets().target(true).servesAnySize(graph);
        } catch (CaptureException | IllegalArgumentException e) {
            // The attempt at one size says what is wrong.
            return false;
        }
    }

    private DecodeProgram program(DecodeStep step, ComputeType compute) {
        Graph graph = context.rewritten(step.graph(), compute);
        List<String> order = List.copyOf(graph.inputs().keySet());
        return new DecodeProgram(step, programs.whole(graph, true), order);
    }
}
