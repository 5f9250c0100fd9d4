package io.residuum.emit.torch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Graph;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code that differs between a GPU and the CPU. */
class GpuCodeTest {
    private static final String GPU = "torch.device(\"cuda:0\")";
    private static final String CPU = "torch.device(\"cpu\")";

    private static String code(String layers, String input, String device) {
        String spec =
                """
                {"format": "residuum/1", "name": "n", "input": {"type": "image", "shape": %s},
                 "network": {"type": "sequential", "layers": [%s]}}
                """
                        .formatted(input, layers);
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        ModelSpec model = SpecJson.standard().parse(spec, "test", ModelSpec.class);
        try (Network network = Network.create(model, backend, 0)) {
            Shape shape = network.spec().input().batchShape();
            var data = new Capture.Source(Capture.DATA, shape, DataType.FLOAT32);
            Graph graph =
                    new MixedPrecision(DataType.BFLOAT16)
                            .apply(Capture.of(network.block(), List.of(data), true));
            return TorchCode.forward(graph, device, node -> "held", Fusion.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource({"1025, true", "1024, false", "9, false"})
    void aLargeLinearLayerGetsRowsOfWholeVectors(int units, boolean padded) {
        String layers =
                "{\"type\": \"flatten\"}, {\"type\": \"linear\", \"units\": %d}".formatted(units);
        String code = code(layers, "[1, 2, 2]", GPU);
        assertTrue(padded == code.contains(", [0, 0, 0, 7], 0)"), code);
        assertTrue(padded == code.contains(", -1, 0, " + units + ", 1)"), code);
        assertFalse(code(layers, "[1, 2, 2]", CPU).contains("pad"));
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, true"})
    void anAveragePoolIsPaddedBefore(int padding, boolean padded) {
        String layers =
                "{\"type\": \"averagePool2d\", \"kernel\": 3, \"stride\": 2, \"padding\": %d}"
                        .formatted(padding);
        String code = code(layers, "[3, 9, 9]", GPU);
        assertTrue(padded == code.contains(", [1, 1, 1, 1], 0)"), code);
        assertTrue(code.contains("[3, 3], [2, 2], [0, 0], False, True, None)"), code);
        assertFalse(code(layers, "[3, 9, 9]", CPU).contains("constant_pad_nd"));
    }
}
