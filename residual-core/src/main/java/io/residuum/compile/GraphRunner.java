package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.trace.Capture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Runs graphs of a network with any outputs and other weights, to measure what they compute. */
public final class GraphRunner implements AutoCloseable {
    private final CompileContext context;
    private final NDManager manager;

    /**
     * Creates a runner.
     *
     * @param context the network and its weights
     */
    public GraphRunner(CompileContext context) {
        this.context = context.forEngine();
        this.manager = context.backend().newManager();
    }

    /**
     * {@return the network's graph for inference with folded batch norms, for any batch size}
     *
     * @param inputs inputs of the network, whose other sizes the graph has
     * @throws io.residuum.graph.trace.CaptureException if the network cannot be captured
     */
    public Graph capture(NDList inputs) {
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            return new FoldBatchNorm()
                    .apply(Capture.of(context.network(), Compiler.signature(inputs), false));
        }
    }

    /**
     * Computes the outputs of a graph for several batches.
     *
     * @param graph a graph for inference of this network
     * @param batches the inputs of each pass: the network's input, then side inputs by name
     * @param replaced other values of some weights, by path
     * @param sink receives the outputs of each pass, in the order of the graph
     */
    public void run(Graph graph, List<NDList> batches, Map<String, float[]> replaced, Sink sink) {
        try (Ops.Pause pause = context.backend().ops().pauseRecording();
                NDManager owned = manager.newSubManager()) {
            Map<String, NDArray> others = new LinkedHashMap<>();
            replaced.forEach(
                    (path, values) -> {
                        NDArray now =
                                Objects.requireNonNull(context.parameters().get(path)).getArray();
                        others.put(
                                path,
                                Values.create(owned, values, now.getShape(), now.getDataType()));
                    });
            ProgramFactory factory = new ProgramFactory(context, owned);
            try (Program program =
                    factory.wholeProgram(graph, context.targets().unfused(), others)) {
                for (NDList batch : batches) {
                    try (NDManager scratch = owned.newSubManager()) {
                        NDList outputs = program.run(inputs(graph, batch, scratch));
                        outputs.attach(scratch);
                        List<float[]> values = new ArrayList<>();
                        outputs.forEach(output -> values.add(Values.floats(output)));
                        sink.accept(values);
                    }
                }
            }
        }
    }

    private static NDList inputs(Graph graph, NDList batch, NDManager scratch) {
        NDList given = new NDList();
        for (String name : graph.inputs().keySet()) {
            NDArray array = name.equals(Capture.DATA) ? batch.head() : batch.get(name);
            NDArray copy = array.duplicate();
            copy.attach(scratch);
            given.add(copy);
        }
        return given;
    }

    /** Receives outputs. */
    public interface Sink {
        /**
         * Receives the outputs of one pass.
         *
         * @param outputs the values of each output in row-major order
         */
        void accept(List<float[]> outputs);
    }

    @Override
    public void close() {
        manager.close();
    }
}
