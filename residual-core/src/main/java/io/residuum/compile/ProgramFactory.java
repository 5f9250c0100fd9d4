package io.residuum.compile;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.residuum.engine.Backend;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import io.residuum.graph.rewrite.ConstantFolding;
import io.residuum.graph.rewrite.WithoutDropout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Makes programs of a network's graphs, and compares them with the network. */
final class ProgramFactory {
    private static final int FEW_SAMPLES = 4;

    private final Map<String, Parameter> parameters;
    private final Backend backend;
    private final CompileOptions options;
    private final boolean training;
    private final Function<NDList, NDArray> undrawn;
    private final NDManager manager;

    /**
     * Programs of one network.
     *
     * @param parameters its parameters and buffers by path
     * @param backend where it runs
     * @param options how it is compiled
     * @param training whether programs compute as in training
     * @param undrawn computes the output operation by operation, but drops nothing
     * @param manager owns what programs keep
     */
    ProgramFactory(
            Map<String, Parameter> parameters,
            Backend backend,
            CompileOptions options,
            boolean training,
            Function<NDList, NDArray> undrawn,
            NDManager manager) {
        this.parameters = parameters;
        this.backend = backend;
        this.options = options;
        this.training = training;
        this.undrawn = undrawn;
        this.manager = manager;
    }

    /**
     * A program of a captured graph.
     *
     * @param graph the graph, rewritten
     * @param single whether the batch is one, where that makes a difference
     */
    CompiledProgram program(Graph graph, boolean single) {
        if (training && options.checkpoint()) {
            Target target = Targets.target(backend, true, single);
            CheckpointedProgram segments =
                    new CheckpointedProgram(graph, arrays(graph), target, manager, backend);
            return new CompiledProgram(
                    segments::record,
                    segments::close,
                    List.copyOf(graph.inputs().keySet()),
                    graph.draws());
        }
        Program whole = whole(graph, single);
        return new CompiledProgram(
                given -> ForwardResult.of(whole.run(given).head()),
                whole::close,
                List.copyOf(graph.inputs().keySet()),
                graph.draws());
    }

    /** For inference, what follows from weights alone is computed once. */
    Program whole(Graph graph, boolean single) {
        Target target = Targets.target(backend, training, single);
        if (training) {
            return target.program(graph, arrays(graph), List.of(), manager);
        }
        ConstantFolding staged = ConstantFolding.of(graph);
        Graph preparation = staged.preparation();
        List<NDArray> prepared = new ArrayList<>();
        if (!preparation.outputs().isEmpty()) {
            try (Program once =
                    target.program(preparation, arrays(preparation), List.of(), manager)) {
                NDList results = once.run(new NDList());
                results.attach(manager);
                prepared.addAll(results);
            }
        }
        Graph main = staged.main();
        return target.program(main, arrays(main), prepared, manager);
    }

    private Map<String, NDArray> arrays(Graph graph) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (String path : graph.weights()) {
            arrays.put(path, Objects.requireNonNull(parameters.get(path)).getArray());
        }
        return arrays;
    }

    /**
     * How what a program computes is not what the network does; empty if it is. Where something is
     * drawn, the same program with rates of zero is compared. In 16 bits the outputs of deep
     * networks are too far off to tell an error from rounding: what becomes of the graph otherwise
     * is then compared in float32 first.
     */
    Optional<String> difference(CompiledProgram compiled, Graph captured, NDList inputs) {
        boolean draws = WithoutDropout.draws(captured);
        if (draws && !training) {
            // A layer that draws in evaluation draws when the network computes it, too.
            return Optional.empty();
        }
        ComputeType compute = options.compute();
        Collection<Parameter> changed = training ? parameters.values() : List.of();
        ProgramCheck comparison = new ProgramCheck(backend, inputs, undrawn, changed);
        Optional<String> wrong = Optional.empty();
        if (compute != ComputeType.FLOAT32) {
            wrong = difference(comparison, captured, ComputeType.FLOAT32);
        }
        if (wrong.isEmpty()) {
            wrong =
                    draws
                            ? difference(comparison, captured, compute)
                            : comparison.difference(compiled, compute, samples());
        }
        return wrong;
    }

    private Optional<String> difference(
            ProgramCheck comparison, Graph captured, ComputeType compute) {
        CompileOptions compared = options.with(compute);
        Graph graph = Targets.rewritten(captured, backend, compared, training);
        CompiledProgram still = program(WithoutDropout.of(graph), false);
        try {
            return comparison.difference(still, compute, samples());
        } finally {
            still.close();
        }
    }

    /** Activations of a whole batch that are kept operation by operation might not fit. */
    private int samples() {
        return training ? FEW_SAMPLES : Integer.MAX_VALUE;
    }

    /** One line of what an engine says. */
    static String refusal(EngineException e) {
        String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return "the engine refuses the program: " + line;
    }
}
