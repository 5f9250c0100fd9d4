package io.residuum.model.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.compile.CompileOptions;
import io.residuum.emit.Quantization;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Growth;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import io.residuum.weights.QuantizedStateDict;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.StateDict;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.quantized.QuantizedFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A quantized network computes nearly the same, and the same after it was saved and loaded. */
class QuantizerTest {
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "padding": 1},
               {"type": "repeat", "name": "body", "times": 2, "layer":
                 {"type": "residual", "after": {"activation": "relu"}, "branch": [
                   {"type": "conv2d", "name": "a", "filters": 8, "kernel": 3, "padding": 1,
                    "bias": false}, {"type": "norm"}, {"type": "activation"},
                   {"type": "conv2d", "name": "b", "filters": 8, "kernel": 3, "padding": 1},
                   {"type": "norm"}]}},
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "hidden", "units": 32}, {"type": "activation"},
               {"type": "linear", "name": "head", "units": 4}]}
            """;

    @TempDir private Path folder;

    private static Network network(EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(SPEC, "net", ModelSpec.class);
        return Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
    }

    private static List<NDList> batches(NDManager manager) {
        List<NDList> batches = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            batches.add(new NDList(Tensors.random(manager, i, 4, 3, 8, 8)));
        }
        return batches;
    }

    private static float[] predict(Network network, boolean compiled) {
        if (compiled) {
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
        }
        try (NDManager manager = network.backend().newManager()) {
            return network.predict(batches(manager).get(0)).toFloatArray();
        }
    }

    private static QuantizationReport quantize(Network network, QuantizeOptions options) {
        try (NDManager manager = network.backend().newManager()) {
            return Quantizer.quantize(network, batches(manager), options);
        }
    }

    private static double error(float[] wanted, float[] found) {
        double error = 0;
        double norm = 0;
        for (int i = 0; i < wanted.length; i++) {
            error += Math.pow(wanted[i] - found[i], 2);
            norm += Math.pow(wanted[i], 2);
        }
        return Math.sqrt(error / norm);
    }

    @EachEngine
    void computesNearlyTheSame(EngineChoice engine) {
        Path file = folder.resolve("int8.safetensors");
        try (Network network = network(engine)) {
            float[] before = predict(network, true);
            QuantizationReport report = quantize(network, QuantizeOptions.DEFAULT);
            float[] after = predict(network, true);
            double error = error(before, after);
            assertTrue(error > 1e-4 && error < 0.05, "error " + error);
            assertTrue(report.error() > 1e-4 && report.error() < 0.05, report.toString());
            List<QuantizationReport.Layer> layers = report.layers();
            assertEquals("stem.weight", layers.get(0).path());
            assertTrue(layers.get(0).inFloat() && layers.get(layers.size() - 1).inFloat());
            assertTrue(layers.stream().filter(layer -> !layer.inFloat()).count() >= 3);
            // Operation by operation, only weights are rounded.
            try (Network other = network(engine)) {
                network.save(file);
                other.loadWeights(file);
                assertTrue(error(before, predict(other, false)) < error);
            }
            try (Network loaded = Network.load(file, network.backend())) {
                assertArrayEquals(after, predict(loaded, true), 1e-4f);
            }
        }
    }

    @EachEngine
    void storesIntegersOfQuantizedLayers(EngineChoice engine) {
        Path file = folder.resolve("int8.safetensors");
        try (Network network = network(engine)) {
            QuantizeOptions options =
                    new QuantizeOptions(Calibration.MINMAX, 99.99, List.of("body.1.*"), 1e9);
            QuantizationReport report = quantize(network, options);
            network.save(file);
            try (StateDict stored = Safetensors.open(file)) {
                for (QuantizationReport.Layer layer : report.layers()) {
                    boolean kept = layer.path().matches("(stem|head|body\\.1)\\..*");
                    assertEquals(kept, layer.inFloat(), layer.path());
                    assertEquals(
                            kept ? TensorType.F32 : TensorType.I8,
                            stored.info(layer.path()).type(),
                            layer.path());
                }
            }
            // Opened again and saved, the integers are the same.
            Path copy = folder.resolve("copy.safetensors");
            try (Network opened = ModelSource.of(file.toString()).open(network.backend());
                    StateDict first = Safetensors.open(file)) {
                opened.save(copy);
                try (StateDict second = Safetensors.open(copy)) {
                    assertEquals(first.names(), second.names());
                    assertArrayEquals(first.longs("hidden.weight"), second.longs("hidden.weight"));
                }
            }
            SpecException twice =
                    assertThrows(
                            SpecException.class, () -> quantize(network, QuantizeOptions.DEFAULT));
            assertTrue(twice.getMessage().contains("is quantized"), twice.getMessage());
        }
    }

    @EachEngine
    void keepsTheNetworkIfItFails(EngineChoice engine) {
        try (Network network = network(engine)) {
            float[] before = predict(network, false);
            QuantizeOptions options =
                    new QuantizeOptions(Calibration.MINMAX, 99.99, List.of("nothing.*"), 4);
            SpecException e = assertThrows(SpecException.class, () -> quantize(network, options));
            assertTrue(e.getMessage().contains("body.0.branch.a.weight"), e.getMessage());
            assertArrayEquals(before, predict(network, false));
            assertEquals(Quantization.NONE, network.metadata().quantization());
        }
    }

    @EachEngine
    void otherWeightsAreFloatAgain(EngineChoice engine) {
        Path file = folder.resolve("float.safetensors");
        try (Network network = network(engine)) {
            network.save(file);
            quantize(network, QuantizeOptions.DEFAULT);
            network.loadWeights(file);
            assertEquals(Quantization.NONE, network.metadata().quantization());
            quantize(network, QuantizeOptions.DEFAULT);
            network.loadWeights(file, ImportOptions.standard());
            assertEquals(Quantization.NONE, network.metadata().quantization());
            quantize(network, QuantizeOptions.DEFAULT);
            Growth.deepen(network, Map.of("body", 1), Growth.Method.STACK, 1);
            assertEquals(Quantization.NONE, network.metadata().quantization());
        }
    }

    @ParameterizedTest
    @EnumSource(Calibration.class)
    void everyMethodFindsRanges(Calibration method) {
        try (Network network = network(Engines.all().get(0))) {
            float[] before = predict(network, false);
            quantize(network, new QuantizeOptions(method, 99.9, List.of(), 4));
            double error = error(before, predict(network, true));
            assertTrue(error > 1e-4 && error < 0.15, method + ": " + error);
        }
    }

    @EachEngine
    void roundsWeightsOfLinearLayersAlone(EngineChoice engine) {
        Path file = folder.resolve("int4.safetensors");
        try (Network network = network(engine)) {
            float[] before = predict(network, true);
            QuantizedFormat format = new QuantizedFormat(4, 16);
            // The hidden layer has 8 inputs, less than a group.
            assertEquals(
                    List.of("hidden.weight", "head.weight"),
                    Quantizer.quantizeWeights(network, format, List.of()));
            float[] after = predict(network, true);
            double error = error(before, after);
            assertTrue(error > 1e-3 && error < 0.2, "error " + error);
            network.save(file);
            try (Network loaded = Network.load(file, network.backend());
                    StateDict stored = Safetensors.open(file)) {
                assertEquals(TensorType.U8, stored.info("head.weight").type());
                assertEquals(List.of(4L, 16L), stored.info("head.weight").shape());
                assertArrayEquals(after, predict(loaded, true), 1e-4f);
            }
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() {
        Path file = folder.resolve("broken.safetensors");
        new SafetensorsWriter()
                .metadata(QuantizedStateDict.KEY, "{}")
                .addBytes("a", TensorType.I8, new long[] {2, 3}, () -> new byte[6])
                .add("a" + QuantizedStateDict.SCALE, new long[] {3}, new float[3])
                .write(file);
        WeightsException e =
                assertThrows(
                        WeightsException.class,
                        () -> QuantizedStateDict.of(Safetensors.open(file)).close());
        assertTrue(e.getMessage().contains("found 3 for shape [2, 3]"), e.getMessage());
    }
}
