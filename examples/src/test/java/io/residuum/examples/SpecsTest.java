package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import io.residuum.compile.CompileOptions;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.Capture.Source;
import io.residuum.model.Cost;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The specs of this module build, predict, train and export. */
class SpecsTest {
    private static final int BATCH = 2;

    @TempDir private Path folder;

    /** Very deep networks, which learn little in a few steps, are in folders of their own. */
    static Stream<String> every() throws IOException {
        return names(4);
    }

    static List<String> names() throws IOException {
        return names(1).toList();
    }

    private static Stream<String> names(int levels) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("specs"), levels)) {
            return files
                    .map(Path::toString)
                    .filter(name -> name.endsWith(".json") && !name.endsWith("-names.json"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** The specs of networks that train in a moment. */
    static List<String> small() throws IOException {
        return names().stream().filter(name -> parameters(name) < 2_000_000).toList();
    }

    static Stream<Arguments> onEachEngine() throws IOException {
        return Engines.with(small());
    }

    private static long parameters(String name) {
        return Cost.of(spec(name).newBlock()).parameters();
    }

    /** Silver et al. 2017, Methods, "Neural network architecture". */
    @Test
    void theTowerOfAlphaGoZeroHasItsSizes() {
        String name = Path.of("specs", "alphago-zero.json").toString();
        Layer block = spec(name).newBlock();
        assertEquals(List.of(new Shape(-1, 362), new Shape(-1, 1)), block.outputShapes());
        long trunk = 9L * 17 * 256 + 38L * 9 * 256 * 256 + 39 * 2 * 256;
        long policy = 2 * 256 + 2 * 2 + (2 * 361 + 1) * 362;
        long value = 256 + 2 + (361 + 1) * 256 + 256 + 1;
        assertEquals(trunk + policy + value, parameters(name));
    }

    private static ModelSpec spec(String name) {
        return ModelSource.of(name).spec();
    }

    /** Drawn values; a mask hides the last entity of each sample. */
    private static NDList inputs(NDManager manager, ModelSpec spec) {
        NDList inputs = new NDList();
        for (NamedInput input : spec.input().all()) {
            Shape shape = new Shape(BATCH).addAll(input.input().batchShape().slice(1));
            NDArray array =
                    input.input() instanceof InputSpec.Tokens tokens
                            ? ids(manager, shape, tokens.vocabulary())
                            : Tensors.random(manager, 3 + inputs.size(), shape.getShape());
            if (input.name().equals("present")) {
                array = manager.ones(shape);
                array.set(new NDIndex(":, -1:"), 0);
            }
            array.setName(inputs.isEmpty() ? Capture.DATA : input.name());
            inputs.add(array);
        }
        return inputs;
    }

    private static NDArray ids(NDManager manager, Shape shape, long vocabulary) {
        long[] ids = new SplittableRandom(3).longs(shape.size(), 0, vocabulary).toArray();
        return Values.create(manager, ids, shape);
    }

    private static Map<String, double[]> values(Map<String, NDArray> outputs) {
        Map<String, double[]> values = new LinkedHashMap<>();
        outputs.forEach((name, y) -> values.put(name, Tensors.values(y)));
        return values;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("every")
    void readsBackTheSame(String name) {
        ModelSpec spec = spec(name);
        SpecJson json = SpecJson.standard();
        assertEquals(spec, json.parse(json.write(spec), name, ModelSpec.class));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void aProgramAgrees(EngineChoice engine, String name) {
        try (Network network = Nets.shaken(spec(name), Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDList x = inputs(manager, network.spec());
            Map<String, double[]> expected = values(network.predictAll(x));
            assertEquals(List.copyOf(expected.keySet()), network.block().outputNames());
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            values(network.predictAll(x))
                    .forEach((out, y) -> Tensors.assertClose(expected.get(out), y, 1e-4, out));
        }
    }

    /** Several steps from the initial weights: layers that start at 0 wake after the first. */
    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void trains(EngineChoice engine, String name) {
        try (Network network = Network.create(spec(name), Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            NDList x = inputs(manager, network.spec());
            List<Double> losses = new ArrayList<>();
            for (int step = 0; step < 4; step++) {
                losses.add(step(network, x, 0.05));
            }
            assertTrue(losses.get(3) < losses.get(0), losses.toString());
        }
    }

    /** Moves all parameters by a distance against the gradient of a sum over all outputs. */
    private static double step(Network network, NDList x, double distance) {
        try (NDManager manager = network.backend().newManager();
                GradientCollector collector = network.backend().newGradientCollector()) {
            ParameterStore store = new ParameterStore(network.backend().manager(), false);
            NDArray loss = null;
            for (NDArray y :
                    network.block().forward(ForwardPass.of(store, x, true), new NDList(x.head()))) {
                NDArray part = y.sub(1).square().mean();
                loss = loss == null ? part : loss.add(part);
            }
            loss.attach(manager);
            collector.backward(loss);
            double value = loss.toFloatArray()[0];
            collector.close();
            Map<String, double[]> gradients = new LinkedHashMap<>();
            double squares = 0;
            for (Map.Entry<String, Parameter> p : network.parameters().entrySet()) {
                try (NDArray gradient = p.getValue().getArray().getGradient()) {
                    double[] slopes = Tensors.values(gradient);
                    squares += Arrays.stream(slopes).map(s -> s * s).sum();
                    gradients.put(p.getKey(), slopes);
                    gradient.muli(0);
                }
            }
            double rate = distance / Math.sqrt(squares);
            network.parameters()
                    .forEach(
                            (path, p) -> {
                                double[] values = Tensors.values(p.getArray());
                                double[] slopes = gradients.get(path);
                                for (int i = 0; i < values.length; i++) {
                                    values[i] -= rate * slopes[i];
                                }
                                Tensors.set(p.getArray(), values);
                            });
            return value;
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void noParameterIsDead(EngineChoice engine, String name) {
        try (Network network = Nets.shaken(spec(name), Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            Map<String, double[]> before = Nets.values(network.parameters());
            step(network, inputs(manager, network.spec()), 1);
            Nets.values(network.parameters())
                    .forEach(
                            (path, after) -> {
                                double[] old = before.get(path);
                                for (int i = 0; i < old.length; i++) {
                                    after[i] -= old[i];
                                }
                                assertTrue(Tensors.largest(after) > 0 || idle(path), path);
                            });
        }
    }

    /**
     * Some add the same to all scores of a query, which softmax cancels. The first unit of several
     * streams has equal ones: mixing them changes nothing, and the norm after reading them cancels
     * the scale.
     */
    private static boolean idle(String path) {
        return path.endsWith(".k.bias")
                || path.endsWith(".biasNorm.bias")
                || path.matches("stream\\.blocks\\.0\\.attention\\.(read|shortcut)\\..*");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("small")
    void onnxruntimeAgrees(String name) throws Exception {
        Path file = folder.resolve("model.onnx");
        try (Network network =
                        Nets.shaken(
                                spec(name),
                                Engines.backend(Engines.all().get(0)),
                                DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDList x = inputs(manager, network.spec());
            List<Source> sources =
                    x.stream()
                            .map(
                                    array ->
                                            new Source(
                                                    array.getName(),
                                                    new Shape(-1).addAll(array.getShape().slice(1)),
                                                    array.getDataType()))
                            .toList();
            OnnxWriter.write(
                    Capture.of(network.block(), sources, false),
                    path -> Values.floats(network.state().get(path).getArray()),
                    file,
                    OnnxWriter.Options.standard());
            Map<String, double[]> expected = values(network.predictAll(x));
            try (Model model = Model.newInstance("model", "OnnxRuntime");
                    NDManager theirs = NDManager.newBaseManager("OnnxRuntime")) {
                model.load(file);
                NDList same = new NDList();
                for (NDArray array : x) {
                    NDArray copy =
                            array.getDataType() == DataType.INT64
                                    ? theirs.create(array.toLongArray(), array.getShape())
                                    : theirs.create(array.toFloatArray(), array.getShape());
                    copy.setName(array.getName());
                    same.add(copy);
                }
                try (Predictor<NDList, NDList> runtime = model.newPredictor(new NoopTranslator())) {
                    NDList found = runtime.predict(same);
                    assertEquals(expected.size(), found.size());
                    for (NDArray y : found) {
                        Tensors.assertClose(
                                expected.get(y.getName()), Tensors.values(y), 1e-4, y.getName());
                    }
                }
            }
        }
    }
}
