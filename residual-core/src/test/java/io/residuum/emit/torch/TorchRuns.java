package io.residuum.emit.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Ops;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.rewrite.ConstantFolding;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Network;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;

/** A network and its graph under PyTorch, side by side. */
public final class TorchRuns implements AutoCloseable {
    private final Network network;
    private final NDManager manager;
    private final Graph graph;
    private final Program program;

    private TorchRuns(Network network, NDManager manager, Graph graph, Program program) {
        this.network = network;
        this.manager = manager;
        this.graph = graph;
        this.program = program;
    }

    /**
     * Captures and compiles.
     *
     * @param network on PyTorch; stays the caller's
     * @param sources its inputs
     * @param training whether it trains
     * @param passes what rewrites the graph
     * @return the graph, not taken apart
     */
    public static TorchRuns of(
            Network network,
            List<Capture.Source> sources,
            boolean training,
            UnaryOperator<Graph> passes) {
        NDManager manager = network.backend().newManager();
        Graph graph = passes.apply(Capture.of(network.block(), sources, training));
        Program program = new TorchTarget().program(graph, weights(network), List.of(), manager);
        return new TorchRuns(network, manager, graph, program);
    }

    /**
     * Captures and compiles for inference, with what the weights decide computed ahead, and fused.
     *
     * @param network on PyTorch; stays the caller's
     * @param sources its inputs
     * @param passes what rewrites the graph
     * @return the main graph
     */
    public static TorchRuns staged(
            Network network, List<Capture.Source> sources, UnaryOperator<Graph> passes) {
        NDManager manager = network.backend().newManager();
        Graph graph = passes.apply(Capture.of(network.block(), sources, false));
        ConstantFolding staged = ConstantFolding.of(graph);
        TorchTarget target = TorchTarget.fused(1);
        Map<String, NDArray> weights = weights(network);
        NDList prepared = new NDList();
        if (!staged.preparation().outputs().isEmpty()) {
            try (Program preparation =
                            target.program(staged.preparation(), weights, List.of(), manager);
                    Ops.Pause pause = network.backend().ops().pauseRecording()) {
                prepared = preparation.run(new NDList());
            }
        }
        Program program = target.program(staged.main(), weights, prepared, manager);
        return new TorchRuns(network, manager, staged.main(), program);
    }

    /**
     * The arrays of a network's parameters and buffers.
     *
     * @param network the network
     * @return by path
     */
    public static Map<String, NDArray> weights(Network network) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        network.state().forEach((path, p) -> weights.put(path, p.getArray()));
        return weights;
    }

    /**
     * The first input of a network.
     *
     * @param shape with batch
     * @param type its type
     * @return a source with a free batch
     */
    public static Capture.Source data(Shape shape, DataType type) {
        long[] dims = shape.getShape().clone();
        dims[0] = -1;
        return new Capture.Source(Capture.DATA, new Shape(dims), type);
    }

    /**
     * What was compiled.
     *
     * @return the graph
     */
    public Graph graph() {
        return graph;
    }

    /**
     * Runs the graph, drawing as the network would.
     *
     * @param inputs the network's input, then side inputs by their names
     * @return its output
     */
    public NDArray run(NDList inputs) {
        NDList all = new NDList();
        for (String name : graph.inputs().keySet()) {
            all.add(name.equals(Capture.DATA) ? inputs.head() : sideInput(inputs, name));
        }
        long batch = inputs.head().getShape().get(0);
        for (LongFunction<float[]> draw : graph.draws()) {
            all.add(inputs.head().getManager().create(draw.apply(batch)));
        }
        return program.run(all).head();
    }

    private static NDArray sideInput(NDList inputs, String name) {
        return inputs.stream().filter(a -> name.equals(a.getName())).findFirst().orElseThrow();
    }

    /**
     * What a network is captured from.
     *
     * @param inputs its input and side inputs
     * @return their names, types and shapes, with a free batch
     */
    public static List<Capture.Source> sources(NDList inputs) {
        List<Capture.Source> sources = new ArrayList<>();
        for (NDArray input : inputs) {
            long[] dims = input.getShape().getShape().clone();
            dims[0] = -1;
            String name = sources.isEmpty() ? Capture.DATA : input.getName();
            sources.add(new Capture.Source(name, new Shape(dims), input.getDataType()));
        }
        return sources;
    }

    /**
     * One training pass, by the graph or by the network.
     *
     * @param inputs the inputs
     * @param compiled which
     * @return the output under {@code output}, gradients of {@code sum(output * random)} and
     *     buffers by path
     */
    public Map<String, double[]> trained(NDList inputs, boolean compiled) {
        network.reseed(Seeds.SEED);
        network.backend().seed(Seeds.SEED);
        Map<String, double[]> found = new LinkedHashMap<>();
        network.parameters().values().forEach(p -> clear(p.getArray()));
        NDArray x = inputs.head();
        boolean differentiable = x.getDataType().isFloating();
        if (differentiable) {
            x.setRequiresGradient(true);
            clear(x);
        }
        try (NDManager pass = network.backend().newManager();
                GradientCollector collector = network.backend().newGradientCollector()) {
            NDArray y = compiled ? run(inputs) : network.forward(inputs, true);
            y.attach(pass);
            NDArray random = Tensors.random(pass, Seeds.SEED + 1, y.getShape().getShape());
            NDArray loss = y.mul(random).sum();
            collector.backward(loss);
            found.put("output", Tensors.values(y));
        }
        if (differentiable) {
            found.put("gradient of the input", gradient(x));
            x.setRequiresGradient(false);
        }
        network.parameters()
                .forEach((path, p) -> found.put("gradient of " + path, gradient(p.getArray())));
        found.putAll(Nets.values(network.buffers()));
        return found;
    }

    private static void clear(NDArray array) {
        try (NDArray gradient = array.getGradient()) {
            gradient.muli(0);
        }
    }

    private static double[] gradient(NDArray array) {
        try (NDArray gradient = array.getGradient()) {
            return Tensors.values(gradient);
        }
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
