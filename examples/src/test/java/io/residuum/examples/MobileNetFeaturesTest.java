package io.residuum.examples;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.residuum.compile.CompileOptions;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.graph.trace.Capture;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Npy;
import io.residuum.testing.SharedData;
import io.residuum.testing.Tensors;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trained MobileNetV2 of Keras has the pooled features that TensorFlow.js computed. */
class MobileNetFeaturesTest {
    private static final Path NAMES = Path.of("specs/mobilenetv2-keras-names.json");

    // As a share of the largest feature, 3.46. PyTorch in float64 has a distance of 4.4e-5 too, at
    // the same feature: TensorFlow.js rounds there.
    private static final double TOLERANCE = 1e-4;

    @TempDir private Path folder;

    private static Network network(Backend backend) {
        Path weights = SharedData.require("mobilenetv2/mobilenetv2_keras_names.safetensors");
        Network network =
                Network.create(ModelSource.of("specs/mobilenetv2-keras.json").spec(), backend, 1);
        network.loadWeights(weights, ImportOptions.standard().withDialects(Dialects.read(NAMES)));
        return network;
    }

    @EachEngine
    void agreeOperationByOperationAndAsAProgram(EngineChoice engine) {
        try (Network network = network(Engines.backend(engine));
                NDManager manager = network.backend().newManager()) {
            for (String way : List.of("operations", "program")) {
                assertFeatures(network.predict(image(manager)), way);
                network.compile(CompileOptions.DEFAULT, Assertions::fail);
            }
        }
    }

    @Test
    void theOnnxFileAgrees() throws Exception {
        Path file = folder.resolve("mobilenet.onnx");
        try (Network network = network(Engines.backend(Engines.all().get(0)))) {
            Shape shape = network.block().inputShape();
            OnnxWriter.write(
                    Capture.of(
                            network.block(),
                            List.of(new Capture.Source(Capture.DATA, shape, DataType.FLOAT32)),
                            false),
                    path -> Values.floats(network.state().get(path).getArray()),
                    file,
                    OnnxWriter.Options.standard());
        }
        try (Model model = Model.newInstance("mobilenet", "OnnxRuntime")) {
            model.load(file);
            try (Predictor<NDList, NDList> runtime = model.newPredictor(new NoopTranslator());
                    NDManager manager = NDManager.newBaseManager("OnnxRuntime")) {
                assertFeatures(runtime.predict(image(manager)).head(), "onnxruntime");
            }
        }
    }

    private static void assertFeatures(NDArray found, String way) {
        Tensors.assertClose(
                doubles(read("pooled_expected.npy")),
                doubles(found.toFloatArray()),
                TOLERANCE,
                way);
    }

    /** The image with channels first. onnxruntime's arrays cannot be transposed. */
    private static NDList image(NDManager manager) {
        float[] pixels = read("input_hwc.npy");
        float[] planes = new float[pixels.length];
        int area = pixels.length / 3;
        for (int i = 0; i < pixels.length; i++) {
            planes[i % 3 * area + i / 3] = pixels[i];
        }
        NDArray image = manager.create(planes, new Shape(1, 3, 224, 224));
        image.setName(Capture.DATA);
        return new NDList(image);
    }

    private static float[] read(String file) {
        return Npy.read(SharedData.require("mobilenetv2/" + file)).floats();
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
