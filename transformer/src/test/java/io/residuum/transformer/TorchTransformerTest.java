package io.residuum.transformer;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.torch.TorchRuns;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.rewrite.RecognizeActivations;
import io.residuum.graph.rewrite.RecognizeAttention;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.branch.Attention;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transformers compiled by PyTorch compute what they compute uncompiled. */
@ExtendWith(Seeds.class)
class TorchTransformerTest {
    private final Backend backend = Engines.backend(EngineChoice.PYTORCH);

    static Set<String> names() {
        return Cases.ALL.keySet();
    }

    private Network network(String name) {
        return Nets.shaken(Cases.ALL.get(name), backend, DataType.FLOAT32);
    }

    private static Graph recognized(Graph graph) {
        return new RecognizeActivations().apply(new RecognizeAttention().apply(graph));
    }

    /** Other ids in each sample; masks that hide the end of every second. */
    private static NDList inputs(NDManager manager, String name, int batch) {
        long length = Cases.ALL.get(name).input().batchShape().get(1);
        return inputs(manager, name, batch, length);
    }

    private static NDList inputs(NDManager manager, String name, int batch, long length) {
        ModelSpec spec = Cases.ALL.get(name);
        long[] dims = spec.input().batchShape().getShape().clone();
        dims[0] = batch;
        dims[1] = length;
        Shape shape = new Shape(dims);
        if (!(spec.input() instanceof InputSpec.Tokens tokens)) {
            return Cases.inputs(manager, spec, DataType.FLOAT32, batch);
        }
        long[] ids = new long[(int) shape.size()];
        float[] open = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (7L * i + 3) % tokens.vocabulary();
            open[i] = i % (2 * dims[1]) < 2 * dims[1] - 2 ? 1 : 0;
        }
        NDList inputs = new NDList(manager.create(ids, shape));
        if (name.startsWith("encoderDecoder")) {
            NDArray source = manager.create(ids, shape).flip(1);
            source.setName(EncoderDecoder.SOURCE);
            inputs.add(source);
            NDArray mask = manager.create(open, shape);
            mask.setName(EncoderDecoder.SOURCE_MASK);
            inputs.add(mask);
        } else if (name.startsWith("bert")) {
            NDArray mask = manager.create(open, shape);
            mask.setName(Attention.MASK);
            inputs.add(mask);
        }
        return inputs;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void evaluatesAnyBatchByOneProgram(String name) {
        try (Network network = network(name);
                NDManager manager = backend.newManager();
                TorchRuns runs =
                        TorchRuns.staged(
                                network,
                                TorchRuns.sources(inputs(manager, name, 1)),
                                TorchTransformerTest::recognized)) {
            for (int batch : new int[] {1, 3}) {
                NDList x = inputs(manager, name, batch);
                NDArray expected = network.predict(x);
                NDArray actual = runs.run(x);
                assertEquals(expected.getShape(), actual.getShape());
                assertClose(
                        Tensors.values(expected), Tensors.values(actual), 1e-5, "batch " + batch);
            }
        }
    }

    static List<String> ofSequences() {
        return names().stream()
                .filter(n -> Cases.ALL.get(n).input() instanceof InputSpec.Tokens)
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ofSequences")
    void evaluatesAnyLengthByOneProgram(String name) {
        try (Network network = network(name);
                NDManager manager = backend.newManager();
                TorchRuns runs =
                        TorchRuns.staged(
                                network,
                                freed(inputs(manager, name, 1)),
                                TorchTransformerTest::recognized)) {
            for (long length : new long[] {3, 5, 1}) {
                NDList x = inputs(manager, name, 2, length);
                NDArray expected = network.predict(x);
                NDArray actual = runs.run(x);
                assertEquals(expected.getShape(), actual.getShape());
                assertClose(
                        Tensors.values(expected), Tensors.values(actual), 1e-5, "length " + length);
            }
        }
    }

    private static List<Capture.Source> freed(NDList inputs) {
        return TorchRuns.sources(inputs).stream()
                .map(s -> new Capture.Source(s.name(), new Shape(-1, -1), s.type()))
                .toList();
    }

    @Test
    void causalAttentionOfAnyLengthNeedsNoMask() {
        String name =
                ofSequences().stream().filter(n -> n.startsWith("gpt")).findFirst().orElseThrow();
        try (Network network = network(name);
                NDManager manager = backend.newManager()) {
            List<Capture.Source> free = freed(inputs(manager, name, 1));
            Graph graph = recognized(Capture.of(network.block(), free, false));
            List<Operation> operations = graph.nodes().stream().map(Node::operation).toList();
            assertTrue(
                    operations.stream()
                            .anyMatch(o -> o instanceof Operation.Attention a && a.causal()));
            assertTrue(operations.stream().noneMatch(o -> o instanceof Leaf.Constant));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void trainsAsTheNetworkDoes(String name) {
        try (Network network = network(name);
                Network copy = network(name);
                NDManager manager = backend.newManager();
                TorchRuns plain = runs(network, manager, name);
                TorchRuns compiled = runs(copy, manager, name)) {
            NDList x = inputs(manager, name, 3);
            Map<String, double[]> expected = plain.trained(x, false);
            Map<String, double[]> actual = compiled.trained(x, true);
            assertEquals(expected.keySet(), actual.keySet());
            expected.forEach((what, v) -> assertClose(v, actual.get(what), 1e-4, what));
        }
    }

    private static TorchRuns runs(Network network, NDManager manager, String name) {
        return TorchRuns.of(
                network,
                TorchRuns.sources(inputs(manager, name, 1)),
                true,
                TorchTransformerTest::recognized);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"BFLOAT16", "FLOAT16"})
    void lowPrecisionComesClose(DataType type) {
        List<String> families =
                names().stream()
                        .filter(n -> n.matches("(gpt|llama|bert|vit|encoderDecoder) .*"))
                        .toList();
        assertTrue(families.size() > 10, families.toString());
        for (String name : families) {
            try (Network network = network(name);
                    NDManager manager = backend.newManager();
                    TorchRuns runs =
                            TorchRuns.staged(
                                    network,
                                    TorchRuns.sources(inputs(manager, name, 1)),
                                    graph -> new MixedPrecision(type).apply(recognized(graph)))) {
                NDList x = inputs(manager, name, 3);
                double[] expected = Tensors.values(network.predict(x));
                assertClose(expected, Tensors.values(runs.run(x)), 3e-2, name);
            }
        }
    }
}
