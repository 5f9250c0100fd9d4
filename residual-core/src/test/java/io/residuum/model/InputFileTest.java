package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tensor of a file of inputs is read, or the file is refused. */
class InputFileTest {
    private static final int LENGTH = 2;
    private static final ModelSpec MEANS = Nets.spec(new GlobalAveragePool("", true), LENGTH, 3);

    /** Three samples of two positions of three values. */
    private static final float[] X = {
        1, 2, 3, 3, 4, 5,
        1, 1, 1, 9, 9, 9,
        0, 0, 6, 2, 2, 2
    };

    private static final long[] SHAPE = {3, LENGTH, 3};

    @TempDir private Path temp;

    private SafetensorsWriter input() {
        return new SafetensorsWriter().add("input", SHAPE, X);
    }

    private Path written(SafetensorsWriter writer) {
        Path file = temp.resolve("in.safetensors");
        writer.write(file);
        return file;
    }

    private Map<String, List<Long>> predict(EngineChoice engine, Path file, Path out) {
        try (Network network = Network.create(MEANS, Engines.backend(engine), 1);
                InputFile inputs = InputFile.open(MEANS, file, List.of())) {
            return TensorPrediction.write(network, inputs, 2, out);
        }
    }

    @EachEngine
    void aMaskHidesPositions(EngineChoice engine) {
        Path out = temp.resolve("out.safetensors");
        Path file =
                written(
                        input().add(
                                        "attention_mask",
                                        new long[] {3, 2},
                                        new long[] {1, 1, 1, 0, 0, 1}));
        assertEquals(Map.of("output", List.of(3L, 3L)), predict(engine, file, out));
        try (Safetensors found = Safetensors.open(out)) {
            double[] expected = {2, 3, 4, 1, 1, 1, 2, 2, 2};
            float[] values = found.floats("output");
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], values[i], 1e-6);
            }
        }
    }

    @Test
    void namesOfOtherLibrariesAreReported() {
        Path file = written(input().add("attention_mask", new long[] {1, 2}, new long[] {1, 0}));
        try (InputFile inputs = InputFile.open(MEANS, file, List.of())) {
            assertEquals(List.of("attention_mask is read as mask"), inputs.renamed());
            assertEquals(3, inputs.samples());
        }
    }

    @Test
    void theNameOfTheSpecIsReadSilently() {
        InputSpec input =
                new InputSpec.Several(
                        List.of(
                                new NamedInput("steps", MEANS.input()),
                                new NamedInput("clock", new InputSpec.Features(List.of(1)))));
        LayerSpec graph =
                SpecJson.standard()
                        .parse(
                                """
                                {"type": "graph", "inputs": ["steps", "clock"], "layers": [
                                  {"type": "globalAveragePool", "name": "mean", "from": "steps"},
                                  {"type": "concat", "name": "both", "from": ["mean", "clock"]}]}
                                """,
                                "graph",
                                LayerSpec.class);
        ModelSpec spec = new ModelSpec("named", input, graph);
        Path file =
                written(
                        new SafetensorsWriter()
                                .add("steps", SHAPE, X)
                                .add("clock", new long[] {SHAPE[0], 1}, new float[(int) SHAPE[0]]));
        try (InputFile inputs = InputFile.open(spec, file, List.of())) {
            assertEquals(List.of(), inputs.renamed());
        }
    }

    @Test
    void aTensorCanBeLeftOut() {
        Path file = written(input().add("want", SHAPE, X));
        InputFile.open(MEANS, file, List.of("want")).close();
        assertRefused("a tensor must be an input", file);
        WeightsException e =
                assertThrows(
                        WeightsException.class,
                        () -> InputFile.open(MEANS, file, List.of("wanted")));
        assertTrue(e.getMessage().contains("found no \"wanted\""), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {-10000, 2})
    void aMaskHoldsOnesAndZeros(long other) {
        Path file =
                written(input().add("mask", new long[] {3, 2}, new long[] {1, 1, 1, 1, 1, other}));
        assertRefused("must be 1 for visible and 0 for hidden", file);
    }

    @Test
    void inputsFitEachOther() {
        assertRefused(
                "one row for each of the 3 samples",
                written(input().add("mask", new long[] {2, 2}, new long[] {1, 1, 1, 1})));
        assertRefused(
                "must be there once",
                written(
                        input().add("mask", new long[] {1, 2}, new long[] {1, 1})
                                .add("attention_mask", new long[] {1, 2}, new long[] {1, 1})));
        assertRefused(
                "must hold the tensor \"input\"",
                written(new SafetensorsWriter().add("mask", new long[] {1, 2}, new long[] {1, 1})));
        assertRefused(
                "in its second dimension",
                written(new SafetensorsWriter().add("input", new long[] {2, 3, 3}, X)));
    }

    private static void assertRefused(String expected, Path file) {
        WeightsException e =
                assertThrows(WeightsException.class, () -> InputFile.open(MEANS, file, List.of()));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(file + ": ") && message.contains(expected), message);
    }
}
