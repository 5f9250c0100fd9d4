package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.residuum.compile.CompileOptions;
import io.residuum.emit.RuntimeChoice;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.Capture.Source;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares onnxruntime on exported files with the network. */
class OnnxRuntimeTest {
    private static final int LENGTH = 6;
    private static final InputSpec IMAGE =
            new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of());
    private static final InputSpec TOKENS = new InputSpec.Tokens(LENGTH, 11);

    @TempDir private Path folder;

    static List<Arguments> networks() {
        return List.of(
                arguments("resnet", IMAGE, "{'stem': 'cifar', 'depth': 20, 'classes': 10}", ""),
                arguments(
                        "resnet",
                        IMAGE,
                        "{'units': [1, 1, 1, 1], 'width': 8, 'classes': 5, 'unit':"
                                + " {'kind': 'bottleneck', 'squeezeExcitation': 4, 'groups': 2}}",
                        ""),
                arguments(
                        "resnet",
                        IMAGE,
                        "{'units': [1, 1, 1, 1], 'width': 8, 'classes': 5, 'shortcut': 'A', 'unit':"
                                + " {'kind': 'basic', 'order': 'pre-activation', 'activation':"
                                + " 'gelu', 'norm': {'type': 'group', 'groups': 4}}}",
                        ""),
                arguments(
                        "graph",
                        IMAGE,
                        "{'outputs': ['policy', 'value', 'early'], 'layers': ["
                                + "{'type': 'conv2d', 'name': 'early', 'filters': 4, 'kernel': 3,"
                                + " 'stride': 2, 'padding': 1},"
                                + "{'type': 'split', 'parts': [1, 3], 'to': ['gate', 'rest']},"
                                + "{'type': 'conv2d', 'name': 'up', 'from': 'gate', 'filters': 3,"
                                + " 'kernel': 1},"
                                + "{'type': 'multiply', 'name': 'gated', 'from': ['up', 'rest']},"
                                + "{'type': 'concat', 'name': 'all', 'from': ['gated', 'early']},"
                                + "{'type': 'globalAveragePool', 'name': 'pooled'},"
                                + "{'type': 'linear', 'name': 'policy', 'units': 5},"
                                + "{'type': 'use', 'name': 'value', 'layer': 'policy',"
                                + " 'from': 'pooled'}]}",
                        ""),
                arguments(
                        "graph",
                        TOKENS,
                        "{'outputs': ['a', 'b'], 'layers': ["
                                + "{'type': 'embedding', 'name': 'words', 'vocabulary': 11,"
                                + " 'width': 8},"
                                + "{'type': 'linear', 'name': 'a', 'units': 8, 'from': 'words'},"
                                + "{'type': 'linear', 'name': 'b', 'units': 8, 'from': 'words'},"
                                + "{'type': 'repeat', 'name': 'blocks', 'times': 2, 'from': ['a',"
                                + " 'b'], 'to': ['a', 'b'], 'layer': {'type': 'graph', 'inputs':"
                                + " ['a', 'b'], 'outputs': ['a', 'b'], 'layers': ["
                                + cross("a", "b")
                                + ", "
                                + cross("b", "a")
                                + "]}}]}",
                        ""),
                arguments(
                        "vit",
                        IMAGE,
                        "{'patch': 8, 'width': 16, 'depth': 2, 'heads': 2, 'classes': 5}",
                        ""),
                arguments("gpt", TOKENS, sizes("'width': 16, 'depth': 2, 'heads': 2"), ""),
                arguments(
                        "gpt",
                        TOKENS,
                        sizes(
                                "'width': 8, 'depth': 2, 'heads': 2, 'stream': {'type':"
                                        + " 'manifoldHyperConnections', 'streams': 2,"
                                        + " 'iterations': 3}"),
                        ""),
                arguments(
                        "gpt",
                        TOKENS,
                        sizes(
                                "'width': 8, 'depth': 2, 'heads': 2, 'stream':"
                                        + " 'attentionResiduals'"),
                        ""),
                arguments(
                        "resnet",
                        IMAGE,
                        "{'stem': 'cifar', 'units': [2, 2], 'width': 4, 'classes': 5, 'stream':"
                                + " {'type': 'manifoldHyperConnections', 'streams': 2,"
                                + " 'iterations': 3}}",
                        ""),
                arguments(
                        "resnet",
                        IMAGE,
                        "{'stem': 'cifar', 'units': [2, 2], 'width': 4, 'classes': 5, 'stream':"
                                + " 'denseFormer'}",
                        ""),
                arguments("bert", TOKENS, sizes("'width': 16, 'depth': 2, 'heads': 2"), "mask"),
                arguments(
                        "bert",
                        TOKENS,
                        sizes(
                                "'width': 16, 'depth': 2, 'heads': 2, 'head': {'type': 'classes',"
                                        + " 'count': 3, 'pool': 'mean'}"),
                        "mask,segments"),
                arguments(
                        "llama",
                        TOKENS,
                        sizes("'width': 16, 'depth': 2, 'heads': 4, 'kvHeads': 2, 'mlpWidth': 24"),
                        ""),
                arguments(
                        "llama",
                        TOKENS,
                        sizes(
                                "'width': 16, 'depth': 2, 'heads': 4, 'mlpWidth': 24, 'head':"
                                        + " {'type': 'classes', 'count': 3}"),
                        "mask"),
                arguments(
                        "encoderDecoder",
                        TOKENS,
                        sizes("'width': 16, 'depth': 2, 'heads': 2, 'mlpWidth': 24"),
                        "source"),
                arguments(
                        "encoderDecoder",
                        TOKENS,
                        sizes("'width': 16, 'depth': 2, 'heads': 2, 'mlpWidth': 24"),
                        "source,sourceMask"));
    }

    /** A residual unit that updates one stream by attention to another. */
    private static String cross(String stream, String read) {
        return ("{'type': 'residual', 'name': '%s from %s', 'from': '%s', 'with': {'memory': '%s'},"
                        + " 'to': '%s', 'before': {'norm': 'layer'},"
                        + " 'branch': {'type': 'attention', 'heads': 2, 'memory': 8}}")
                .formatted(stream, read, stream, read, stream);
    }

    private static String sizes(String others) {
        return "{'vocabulary': 11, " + others + "}";
    }

    @ParameterizedTest(name = "{0} {2} {3}")
    @MethodSource("networks")
    void computesTheSame(String type, InputSpec input, String settings, String sideInputs)
            throws Exception {
        ModelSpec spec = spec(type, input, settings);
        List<Source> sources = sources(spec.input().batchShape(), sideInputs);
        compare(spec, sources, List.of(sources));
    }

    static List<Arguments> networksOfAnySize() {
        return networks().stream().filter(n -> !n.get()[0].equals("vit")).toList();
    }

    @ParameterizedTest(name = "{0} {2} {3}")
    @MethodSource("networksOfAnySize")
    void computesTheSameAtAnySize(String type, InputSpec input, String settings, String sideInputs)
            throws Exception {
        boolean tokens = input == TOKENS;
        List<Source> free =
                sources(tokens ? new Shape(-1, -1) : new Shape(-1, 3, -1, -1), sideInputs);
        List<List<Source>> sizes = new ArrayList<>();
        for (long[] size : new long[][] {{3, 6, 48, 32}, {LENGTH, 2, 32, 64}, {1, 5, 33, 51}}) {
            sizes.add(
                    free.stream()
                            .map(s -> new Source(s.name(), actual(s, size), s.type()))
                            .toList());
        }
        compare(spec(type, input, settings), free, sizes);
    }

    /** The source of an encoder-decoder has another length. */
    private static Shape actual(Source source, long[] size) {
        if (source.shape().dimension() == 4) {
            return new Shape(-1, 3, size[2], size[3]);
        }
        return new Shape(-1, source.name().startsWith("source") ? size[1] : size[0]);
    }

    private static ModelSpec spec(String type, InputSpec input, String settings) {
        String json =
                settings.replace('\'', '"').replaceFirst("\\{", "{\"type\": \"" + type + "\", ");
        return new ModelSpec(
                "test", input, SpecJson.standard().parse(json, "test", LayerSpec.class));
    }

    private static List<Source> sources(Shape shape, String sideInputs) {
        List<Source> sources = new ArrayList<>();
        DataType data = shape.dimension() == 2 ? DataType.INT64 : DataType.FLOAT32;
        sources.add(new Source(Capture.DATA, shape, data));
        for (String sideInput : sideInputs.isEmpty() ? new String[0] : sideInputs.split(",")) {
            boolean mask = sideInput.toLowerCase().endsWith("mask");
            boolean apart = sideInput.startsWith("source") && shape.get(1) == -1;
            DataType type = mask ? DataType.FLOAT32 : DataType.INT64;
            sources.add(
                    apart
                            ? new Source(
                                    sideInput,
                                    Dims.open(SymbolicDim.BATCH, SymbolicDim.SOURCE),
                                    type)
                            : new Source(sideInput, shape, type));
        }
        return sources;
    }

    private void compare(ModelSpec spec, List<Source> captured, List<List<Source>> sizes)
            throws Exception {
        EngineChoice engine = Engines.all().get(0);
        Path file = folder.resolve("model.onnx");
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32)) {
            Graph graph = Capture.of(network.block(), captured, false);
            OnnxWriter.write(
                    graph,
                    path -> Values.floats(network.state().get(path).getArray()),
                    file,
                    OnnxWriter.Options.standard());
            try (Model model = Model.newInstance("model", "OnnxRuntime");
                    Model empty = Model.newInstance("model", "OnnxRuntime")) {
                model.load(file);
                // The optimization of last level inserts a reshape that refuses no samples.
                empty.load(file, null, Map.of("optLevel", "EXTENDED_OPT"));
                try (Predictor<NDList, NDList> runtime = model.newPredictor(new NoopTranslator());
                        Predictor<NDList, NDList> ofNone =
                                empty.newPredictor(new NoopTranslator())) {
                    for (List<Source> sources : sizes) {
                        compare(network, sources, 1, runtime);
                        Shape output = compare(network, sources, 3, runtime);
                        assertEquals(output.slice(1), ofNoSample(sources, ofNone).slice(1));
                    }
                }
            }
            for (List<Source> sources : sizes) {
                compareCompiled(network, sources);
            }
        }
    }

    /** Compares the network's programs on onnxruntime with the network, for several batches. */
    private static void compareCompiled(Network network, List<Source> sources) {
        try (NDManager manager = network.backend().newManager()) {
            for (int batch : new int[] {3, 1}) {
                NDList inputs = inputs(manager, sources, batch);
                network.compile(CompileOptions.DEFAULT.withRuntime(RuntimeChoice.ENGINE), n -> {});
                Map<String, NDArray> expected = network.predictAll(inputs);
                network.compile(
                        CompileOptions.DEFAULT.withRuntime(RuntimeChoice.ONNXRUNTIME),
                        Assertions::fail);
                Map<String, NDArray> found = network.predictAll(inputs);
                assertEquals(expected.keySet(), found.keySet());
                expected.forEach(
                        (name, values) -> {
                            assertEquals(values.getShape(), found.get(name).getShape());
                            Tensors.assertClose(
                                    Tensors.values(values),
                                    Tensors.values(found.get(name)),
                                    1e-4,
                                    name);
                        });
            }
        }
    }

    private static Shape ofNoSample(List<Source> sources, Predictor<NDList, NDList> runtime)
            throws Exception {
        try (NDManager theirs = NDManager.newBaseManager("OnnxRuntime")) {
            Shape shape = runtime.predict(inputs(theirs, sources, 0)).head().getShape();
            assertEquals(0, shape.get(0));
            return shape;
        }
    }

    private static Shape compare(
            Network network, List<Source> sources, int batch, Predictor<NDList, NDList> runtime)
            throws Exception {
        try (NDManager ours = network.backend().newManager();
                NDManager theirs = NDManager.newBaseManager("OnnxRuntime")) {
            NDList found = runtime.predict(inputs(theirs, sources, batch));
            Map<String, NDArray> expected = network.predictAll(inputs(ours, sources, batch));
            assertEquals(expected.size(), found.size());
            int i = 0;
            for (Map.Entry<String, NDArray> output : expected.entrySet()) {
                NDArray theirOutput = found.get(i++);
                assertEquals(output.getKey(), theirOutput.getName());
                assertEquals(output.getValue().getShape(), theirOutput.getShape());
                Tensors.assertClose(
                        Tensors.values(output.getValue()),
                        Tensors.values(theirOutput),
                        1e-4,
                        output.getKey() + " of batch " + batch);
            }
            return found.head().getShape();
        }
    }

    /** Inputs that are equal on every engine. The mask of the last sample ends early. */
    private static NDList inputs(NDManager manager, List<Source> sources, int batch) {
        NDList inputs = new NDList();
        for (Source source : sources) {
            Shape shape = source.shape().at(batch);
            int count = Math.toIntExact(shape.size());
            SplittableRandom random = new SplittableRandom(source.name().hashCode());
            NDArray array;
            if (source.type() == DataType.INT64) {
                int ids = source.name().equals("segments") ? 2 : 11;
                array = manager.create(random.longs(count, 0, ids).toArray(), shape);
            } else {
                float[] values = new float[count];
                Arrays.fill(values, 1);
                if (source.name().equals(Capture.DATA)) {
                    for (int i = 0; i < count; i++) {
                        values[i] = (float) random.nextGaussian();
                    }
                } else {
                    Arrays.fill(values, Math.min(count, Math.max(1, count - 2)), count, 0);
                }
                array = manager.create(values, shape);
            }
            array.setName(source.name());
            inputs.add(array);
        }
        return inputs;
    }
}
