package io.residuum.testing;

import static io.residuum.testing.Tensors.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.residuum.engine.Values;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Network;
import io.residuum.nn.ForwardPass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** Networks run as graphs, held to the same networks run layer by layer. */
public final class Graphs {
    /** The tolerance of outputs, relative to the largest. */
    private static final double OUTPUTS = 1e-5;

    /** The tolerance of gradients, relative to the largest. */
    private static final double GRADIENTS = 1e-4;

    private Graphs() {}

    /**
     * Captures a network.
     *
     * @param network the network
     * @param inputs example inputs, of which those after the first have names
     * @param training as in {@link Capture}
     * @return its graph, with a free batch
     */
    public static Graph capture(Network network, NDList inputs, boolean training) {
        List<Capture.Source> sources = new ArrayList<>();
        for (NDArray input : inputs) {
            Shape sample = new Shape(-1).addAll(input.getShape().slice(1));
            String name = sources.isEmpty() ? Capture.DATA : input.getName();
            sources.add(new Capture.Source(name, sample, input.getDataType()));
        }
        return Capture.of(network.block(), sources, training);
    }

    /**
     * Makes a program that shares a network's arrays.
     *
     * @param target of the network's engine
     * @param graph of the network
     * @param network the network
     * @return a program, to be closed by the caller
     */
    public static Program program(Target target, Graph graph, Network network) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        network.state().forEach((path, p) -> weights.put(path, p.getArray()));
        return target.program(graph, weights, List.of(), network.backend().manager());
    }

    /**
     * Runs a program as the network is run.
     *
     * @param program the program
     * @param graph its graph
     * @param inputs those of the network
     * @return its outputs
     */
    public static NDList run(Program program, Graph graph, NDList inputs) {
        NDManager manager = inputs.head().getManager();
        NDList all = new NDList();
        for (String name : graph.inputs().keySet()) {
            all.add(name.equals(Capture.DATA) ? inputs.head() : inputs.get(name));
        }
        long batch = inputs.head().getShape().get(0);
        for (LongFunction<float[]> draw : graph.draws()) {
            all.add(Values.create(manager, draw.apply(batch), new Shape(batch), DataType.FLOAT32));
        }
        return program.run(all);
    }

    /**
     * Requires that one program gives a network's outputs for every batch.
     *
     * @param target runs the graph
     * @param network the network
     * @param batches inputs of other batch sizes
     */
    public static void assertSameOutputs(Target target, Network network, List<NDList> batches) {
        Graph graph = capture(network, batches.get(0), false);
        try (Program program = program(target, graph, network)) {
            for (int round = 0; round < 2; round++) {
                for (NDList inputs : batches) {
                    double[] expected = Tensors.values(network.predict(inputs));
                    double[] actual =
                            Tensors.values(run(program, graph, inputs).singletonOrThrow());
                    assertClose(expected, actual, OUTPUTS, "output for " + inputs);
                }
            }
        }
    }

    /**
     * Requires that training steps compute a network's outputs, gradients and running statistics.
     *
     * @param target runs the graph
     * @param network the network, which is trained on each batch twice
     * @param batches inputs of other batch sizes
     */
    public static void assertSameTraining(Target target, Network network, List<NDList> batches) {
        Graph graph = capture(network, batches.get(0), true);
        Map<String, double[]> before = Nets.values(network.buffers());
        try (Program program = program(target, graph, network)) {
            for (NDList inputs : batches) {
                network.reseed(Seeds.SEED);
                Map<String, double[]> expected =
                        gradients(network, inputs, () -> training(network, inputs));
                restore(network, before);
                network.reseed(Seeds.SEED);
                Map<String, double[]> actual =
                        gradients(network, inputs, () -> run(program, graph, inputs));
                restore(network, before);
                expected.forEach((what, v) -> assertClose(v, actual.get(what), GRADIENTS, what));
            }
        }
    }

    /** The outputs of a network in training, of which it may have several. */
    private static NDList training(Network network, NDList inputs) {
        ParameterStore store = new ParameterStore(network.backend().manager(), false);
        ForwardPass pass = ForwardPass.of(store, inputs, true);
        return network.block().forward(pass, new NDList(inputs.head()));
    }

    private static void restore(Network network, Map<String, double[]> values) {
        network.buffers().forEach((path, p) -> Tensors.set(p.getArray(), values.get(path)));
    }

    private static Map<String, double[]> gradients(
            Network network, NDList inputs, Supplier<NDList> forward) {
        NDArray x = inputs.head();
        boolean differentiable = x.getDataType().isFloating();
        if (differentiable) {
            x.setRequiresGradient(true);
        }
        Map<String, double[]> found = new LinkedHashMap<>();
        try (NDManager manager = network.backend().newManager();
                GradientCollector collector = network.backend().newGradientCollector()) {
            network.parameters().values().forEach(p -> Nets.zeroGradient(p.getArray()));
            NDList outputs = forward.get();
            outputs.attach(manager);
            NDArray loss = null;
            for (NDArray y : outputs) {
                long seed = Seeds.SEED + 1 + found.size();
                NDArray weights = Tensors.random(manager, seed, y.getShape().getShape());
                NDArray part = y.mul(weights).sum();
                loss = loss == null ? part : loss.add(part);
                found.put("output " + found.size(), Tensors.values(y));
            }
            collector.backward(loss);
        }
        if (differentiable) {
            found.put("gradient of the input", Nets.gradient(x));
            x.setRequiresGradient(false);
        }
        network.parameters()
                .forEach(
                        (path, p) -> found.put("gradient of " + path, Nets.gradient(p.getArray())));
        Nets.values(network.buffers()).forEach((path, v) -> found.put("buffer " + path, v));
        return found;
    }
}
