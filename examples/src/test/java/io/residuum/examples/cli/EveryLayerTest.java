package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.Resources;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One network of convolutions in all dimensions, changes of resolution, norms, activations and
 * recurrence, with three outputs, against PyTorch. make_every_layer.py computed the outputs.
 */
class EveryLayerTest {
    private static final Shape INPUT = new Shape(2, 3, 12, 16);
    private static final double TOLERANCE = 1e-5;

    @TempDir private Path folder;

    private static String resource(String name) throws IOException {
        return Resources.toString(
                Resources.getResource(EveryLayerTest.class, name), StandardCharsets.UTF_8);
    }

    private static Map<String, double[]> expected() throws IOException {
        JsonNode root = new JsonMapper().readTree(resource("every-layer-outputs.json"));
        Map<String, double[]> outputs = new LinkedHashMap<>();
        for (String name : List.of("map", "vector", "sequence")) {
            outputs.put(name, new JsonMapper().convertValue(root.get(name), double[].class));
        }
        return outputs;
    }

    /** Creates the network with the parameters of the script. */
    private static Network network(EngineChoice engine) throws IOException {
        ModelSpec spec =
                SpecJson.standard()
                        .parse(resource("every-layer.json"), "every-layer", ModelSpec.class);
        Network network = Network.create(spec, Engines.backend(engine), 0);
        network.parameters()
                .forEach((path, p) -> Tensors.set(p.getArray(), values(path, p.getShape())));
        return network;
    }

    private static double[] values(String path, Shape shape) {
        int count = Math.toIntExact(shape.size());
        double phase = path.chars().sum() % 100 / 10.0;
        boolean matrix = shape.dimension() > 1;
        double factor = matrix ? 1 / Math.sqrt((double) count / shape.get(0)) : 0.2;
        double offset = matrix || path.endsWith(".bias") ? 0 : 1;
        return IntStream.range(0, count)
                .mapToDouble(i -> offset + factor * Math.cos(1.7 * i + phase))
                .toArray();
    }

    private static double[] pixels() {
        return IntStream.range(0, Math.toIntExact(INPUT.size()))
                .mapToDouble(i -> Math.sin(0.9 * i + 0.5))
                .toArray();
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void computesWhatPyTorchComputes(EngineChoice engine) throws IOException {
        try (Network network = network(engine);
                NDManager manager = network.backend().newManager()) {
            NDList in = new NDList(Tensors.create(manager, pixels(), INPUT, DataType.FLOAT32));
            requireEqual(network.predictAll(in), "operation by operation");
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            requireEqual(network.predictAll(in), "compiled");
        }
    }

    private static void requireEqual(Map<String, NDArray> found, String how) throws IOException {
        Map<String, double[]> expected = expected();
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(found.keySet()));
        for (Map.Entry<String, double[]> output : expected.entrySet()) {
            NDArray y = found.get(output.getKey());
            Tensors.assertClose(
                    output.getValue(), Tensors.values(y), TOLERANCE, output.getKey() + " " + how);
        }
    }

    @ParameterizedTest
    @CsvSource({"onnx, OnnxRuntime, net.onnx", "torchscript, PyTorch, net.pt", "mxnet, MXNet, net"})
    void exportsToEachFormat(String format, String engine, String file) throws Exception {
        Path saved = folder.resolve("saved.safetensors");
        try (Network network = network(EngineChoice.PYTORCH)) {
            network.save(saved);
        }
        String target = folder.resolve(file).toString();
        Cli.ok("export", saved.toString(), "--format", format, "-o", target);
        List<double[]> expected = new ArrayList<>(expected().values());
        try (NDManager manager = NDManager.newBaseManager(engine);
                Model model = Model.newInstance("net", engine)) {
            model.load(folder, "net");
            float[] values = new float[Math.toIntExact(INPUT.size())];
            double[] pixels = pixels();
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) pixels[i];
            }
            NDArray x = manager.create(values, INPUT);
            x.setName("data");
            try (Predictor<NDList, NDList> predictor =
                    model.newPredictor(new NoopTranslator(null))) {
                NDList found = predictor.predict(new NDList(x));
                assertEquals(expected.size(), found.size());
                for (int i = 0; i < found.size(); i++) {
                    Tensors.assertClose(
                            expected.get(i), Tensors.values(found.get(i)), TOLERANCE, format);
                }
            }
        }
    }
}
