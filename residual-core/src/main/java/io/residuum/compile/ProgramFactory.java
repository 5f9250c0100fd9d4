package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import io.residuum.graph.rewrite.ConstantFolding;
import io.residuum.graph.rewrite.WithoutDropout;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Compiles a network's graphs and compares the programs with the network. */
record ProgramFactory(CompileContext context, NDManager manager) {
    private static final int FEW_SAMPLES = 4;

    /** The tolerance of 8-bit activations, at which a network is useless but not wrong. */
    private static final double ROUNDING = 0.5;

    /**
     * Compiles a captured graph.
     *
     * @param graph the graph, rewritten
     * @param single true for a batch of one, if that makes a difference
     */
    CompiledProgram program(Graph graph, boolean single) {
        if (context.training() && context.options().recomputeActivations()) {
            CheckpointedProgram segments =
                    new CheckpointedProgram(
                            graph,
                            arrays(graph),
                            context.targets().target(single),
                            manager,
                            context.backend());
            return new CompiledProgram(
                    segments::record,
                    segments::close,
                    List.copyOf(graph.inputs().keySet()),
                    graph.draws(),
                    new IdRanges(graph));
        }
        Program program = wholeProgram(graph, single);
        return new CompiledProgram(
                inputs -> ForwardResult.of(program.run(inputs)),
                program::close,
                List.copyOf(graph.inputs().keySet()),
                graph.draws(),
                new IdRanges(graph));
    }

    /**
     * Compiles a graph as one program. For inference, values that depend only on weights are
     * computed once.
     */
    Program wholeProgram(Graph graph, boolean single) {
        return wholeProgram(graph, context.targets().target(single));
    }

    Program wholeProgram(Graph graph, Target target) {
        if (context.training() || target.foldsConstants()) {
            return target.program(graph, arrays(graph), List.of(), manager);
        }
        ConstantFolding folded = ConstantFolding.of(graph);
        Graph preparation = folded.preparation();
        List<NDArray> prepared =
                preparation.outputs().isEmpty() ? List.of() : constants(preparation, target);
        Graph main = folded.main();
        return target.program(main, arrays(main), prepared, manager);
    }

    /** Computes a graph without inputs. The arrays belong to the factory's manager. */
    List<NDArray> constants(Graph graph, Target target) {
        try (Program once = target.program(graph, arrays(graph), List.of(), manager)) {
            NDList results = once.run(new NDList());
            results.attach(manager);
            return results;
        }
    }

    private Map<String, NDArray> arrays(Graph graph) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (String path : graph.weights()) {
            arrays.put(path, Objects.requireNonNull(context.parameters().get(path)).getArray());
        }
        return arrays;
    }

    /**
     * Compares a program with the network. If it draws random numbers, the same program without
     * dropout is compared.
     *
     * @return the largest difference, as text; empty if they agree
     */
    Optional<String> difference(CompiledProgram compiled, Graph captured, NDList inputs) {
        boolean draws = WithoutDropout.draws(captured);
        if (draws && !context.training()) {
            // A layer that draws in evaluation also draws in the network, so there is nothing to
            // compare.
            return Optional.empty();
        }
        Collection<Parameter> changed =
                context.training() ? context.parameters().values() : List.of();
        ProgramCheck check =
                new ProgramCheck(
                        context.backend(),
                        inputs,
                        context.withoutDropout(),
                        captured.outputNames(),
                        changed);
        if (context.quantization().quantizesActivations()) {
            // Rounding hides errors, so the program with float activations is compared first.
            Optional<String> wrong =
                    new ProgramFactory(context.withFloatActivations(), manager)
                            .difference(check, captured, ComputeType.FLOAT32);
            if (wrong.isPresent()) {
                return wrong;
            }
            Function<CompiledProgram, Optional<String>> rounded =
                    program -> check.difference(program, ROUNDING, "8 bits", samples());
            return draws
                    ? withoutDropout(captured, ComputeType.FLOAT32, rounded)
                    : rounded.apply(compiled);
        }
        ComputeType wanted = context.options().compute();
        Optional<String> found =
                ProgramCheck.inFloat32First(
                        wanted,
                        compute ->
                                draws || compute != wanted
                                        ? difference(check, captured, compute)
                                        : check.difference(compiled, compute, samples()));
        // The uncompiled network takes far more memory than the program.
        context.backend().ops().freeCachedMemory();
        return found;
    }

    private Optional<String> difference(ProgramCheck check, Graph captured, ComputeType compute) {
        return withoutDropout(
                captured, compute, program -> check.difference(program, compute, samples()));
    }

    private Optional<String> withoutDropout(
            Graph captured,
            ComputeType compute,
            Function<CompiledProgram, Optional<String>> difference) {
        Graph graph = context.rewritten(captured, compute);
        CompiledProgram withoutDropout = program(new WithoutDropout().apply(graph), false);
        try {
            return difference.apply(withoutDropout);
        } finally {
            withoutDropout.close();
        }
    }

    /**
     * Limits the batch in training, since all activations of the uncompiled network might not fit.
     */
    private int samples() {
        return context.training() ? FEW_SAMPLES : Integer.MAX_VALUE;
    }
}
