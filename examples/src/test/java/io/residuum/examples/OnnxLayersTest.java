package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.graph.Graph;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Network;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers, written as ONNX and run by onnxruntime, against the network. */
class OnnxLayersTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'activation', 'function': 'hardSigmoid'}",
                "{'type': 'activation', 'function': 'hardSwish'}",
                "{'type': 'activation', 'function': {'type': 'prelu', 'perChannel': true}}",
                "{'type': 'activation', 'function': 'quickGelu'}",
                "{'type': 'activation', 'function': 'relu6'}",
                "{'type': 'activation', 'function': 'reluSquared'}",
                "{'type': 'activation', 'function': 'selu'}",
                "{'type': 'activation', 'function': {'type': 'softmax', 'axis': 1}}",
                "{'type': 'activation', 'function': 'softplus'}",
                "{'type': 'norm', 'norm': {'type': 'instance', 'affine': true}}",
                "{'type': 'localResponseNorm', 'size': 2, 'alpha': 0.3}",
                "{'type': 'l2Normalize'}",
                "{'type': 'gemPool'}",
                "{'type': 'blurPool2d', 'kernel': 4}",
                "{'type': 'adaptiveAveragePool2d', 'size': [2, 4]}",
                "{'type': 'maxPool2d', 'kernel': 2, 'ceil': true}",
                "{'type': 'averagePool2d', 'kernel': 3, 'padding': 'same', 'countIncludePad':"
                        + " false}",
                "{'type': 'conv2d', 'filters': 2, 'kernel': 3, 'stride': 2, 'padding': 'same'}",
                "{'type': 'weightStandardizedConv2d', 'conv': {'filters': 2, 'kernel': 3}}",
                "{'type': 'pad', 'border': [[1, 0], [2, 1]], 'value': -0.5}",
                "[{'type': 'reshape', 'shape': [3, 30]}, {'type': 'lstm', 'units': 4, 'layers': 2,"
                        + " 'direction': 'both'}]",
                "[{'type': 'reshape', 'shape': [3, 30]}, {'type': 'lstm1997', 'units': 4}]",
                "[{'type': 'reshape', 'shape': [1, 90]}, {'type': 'gru', 'units': 4}]",
                "[{'type': 'reshape', 'shape': [6, 15]}, {'type': 'rnn', 'units': 4, 'direction':"
                        + " 'both', 'output': 'last'}]",
                "[{'type': 'reshape', 'shape': [6, 15]}, {'type': 'residualRnn', 'units': 4}]"
            })
    void runsAsTheNetworkDoes(String json) throws Exception {
        LayerSpec layer =
                SpecJson.standard().parse(json.replace('\'', '"'), "test", LayerSpec.class);
        Path file = folder.resolve("model.onnx");
        try (Network network =
                        Nets.shaken(
                                Nets.spec(layer, 3, 5, 6),
                                Engines.backend(Engines.all().get(0)),
                                DataType.FLOAT32);
                NDManager manager = network.backend().newManager();
                NDManager other = NDManager.newBaseManager("OnnxRuntime")) {
            Capture.Source image =
                    new Capture.Source(Capture.DATA, new Shape(-1, 3, 5, 6), DataType.FLOAT32);
            Graph graph = Capture.of(network.block(), List.of(image), false);
            Map<String, double[]> weights = Nets.values(network.state());
            OnnxWriter.write(
                    graph, path -> floats(weights.get(path)), file, OnnxWriter.Options.standard());
            NDArray x = Tensors.random(manager, 3, 2, 3, 5, 6);
            NDArray expected = network.predict(new NDList(x));
            try (Model model = Model.newInstance("model", "OnnxRuntime")) {
                model.load(file);
                try (Predictor<NDList, NDList> runtime = model.newPredictor(new NoopTranslator())) {
                    NDArray given = other.create(x.toFloatArray(), x.getShape());
                    NDArray found = runtime.predict(new NDList(given)).head();
                    assertEquals(expected.getShape(), found.getShape());
                    Tensors.assertClose(
                            Tensors.values(expected), Tensors.values(found), 1e-5, json);
                }
            }
        }
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
