package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Program;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Layer;
import java.util.List;
import java.util.stream.IntStream;

/** Runs graphs of a network, with any nodes as outputs, to measure what they compute. */
public final class GraphRunner implements AutoCloseable {
    private final CompileContext context;
    private final NDManager manager;

    /**
     * Creates a runner.
     *
     * @param context the network
     */
    public GraphRunner(CompileContext context) {
        this.context = context.forEngine();
        this.manager = context.backend().newManager();
    }

    /**
     * {@return the network's graph for inference, for any batch size}
     *
     * @param inputs inputs of the network, whose other sizes the graph has
     * @throws io.residuum.graph.trace.CaptureException if the network cannot be captured
     */
    public Graph capture(NDList inputs) {
        return capture(context.network(), inputs);
    }

    /**
     * {@return the graph of another network with the same inputs}
     *
     * @param network the network, which needs no parameters
     * @param inputs as in {@link #capture(NDList)}
     */
    public Graph capture(Layer network, NDList inputs) {
        try (Ops.Pause pause = context.backend().ops().pauseRecording()) {
            return Capture.of(network, Compiler.signature(inputs), false);
        }
    }

    /**
     * Computes values that depend on weights alone.
     *
     * @param graph a graph of this network
     * @param nodes nodes of the graph, none of them a leaf
     * @return the values of each node in row-major order
     */
    public List<float[]> constants(Graph graph, List<Node> nodes) {
        List<String> names = IntStream.range(0, nodes.size()).mapToObj(i -> "x" + i).toList();
        try (Ops.Pause pause = context.backend().ops().pauseRecording();
                NDManager owned = manager.newSubManager()) {
            return new ProgramFactory(context, owned)
                            .constants(graph.withOutputs(nodes, names), context.targets().unfused())
                            .stream()
                            .map(Values::floats)
                            .toList();
        }
    }

    /**
     * Computes the outputs of a graph for several batches, with the network's current weights.
     *
     * @param graph a graph for inference of this network
     * @param batches the inputs of each pass: the network's input, then side inputs by name
     * @param sink receives the outputs of each pass, in the order of the graph
     */
    public void run(Graph graph, List<NDList> batches, Sink sink) {
        try (Ops.Pause pause = context.backend().ops().pauseRecording();
                NDManager owned = manager.newSubManager();
                // Fused operations do not compute the values of inner nodes.
                Program program =
                        new ProgramFactory(context, owned)
                                .wholeProgram(graph, context.targets().unfused())) {
            for (NDList batch : batches) {
                try (NDManager scratch = owned.newSubManager()) {
                    NDList outputs = program.run(inputs(graph, batch, scratch));
                    outputs.attach(scratch);
                    for (int i = 0; i < outputs.size(); i++) {
                        sink.accept(i, Values.floats(outputs.get(i)));
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
         * Receives one output of one pass.
         *
         * @param index the index of the output
         * @param values its values in row-major order
         */
        void accept(int index, float[] values);
    }

    @Override
    public void close() {
        manager.close();
    }
}
