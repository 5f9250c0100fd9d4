package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.ComputeType;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Tensors;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams and saved states in 16 bits on the PyTorch engine, against float32. */
class StreamPrecisionTest {
    private static final int BATCH = 16;
    private static final int STEPS = 30;
    private static final int SIZE = 5 * 6;

    static Stream<Arguments> cases() {
        return Stream.of(
                        "{'type': 'hyperConnections', 'streams': 2, 'scale': 1}",
                        "{'type': 'manifoldHyperConnections', 'streams': 2, 'iterations': 3,"
                                + " 'scale': 1}",
                        "{'type': 'denseFormer'}",
                        "{'type': 'attentionResiduals'}")
                .flatMap(
                        stream ->
                                Stream.of(ComputeType.BFLOAT16, ComputeType.FLOAT16)
                                        .map(compute -> Arguments.of(stream, compute)));
    }

    private static ModelSpec spec(String stream) {
        String unit =
                """
                {'type': 'residual', 'before': {'norm': 'rms'}, 'branch': [
                  {'type': 'linear', 'units': 12}, {'type': 'activation', 'function': 'gelu'},
                  {'type': 'linear', 'units': 6}]}
                """;
        String json =
                """
                {'format': 'residuum/1', 'name': 'net', 'input': {'type': 'features', 'shape': [5, 6]},
                 'network': [
                   {'type': 'sequential', 'name': 'units', 'stream': %s, 'layers': [%s, %s, %s]},
                   {'type': 'norm', 'norm': 'layer'},
                   {'type': 'globalAveragePool'}, {'type': 'linear', 'name': 'head', 'units': 2}]}
                """
                        .formatted(stream, unit, unit, unit);
        return SpecJson.standard().parse(json.replace('\'', '"'), "net", ModelSpec.class);
    }

    private static Network network(String stream) {
        return Network.create(spec(stream), Tiny.backend(EngineChoice.PYTORCH), 5);
    }

    private static double[] losses(String stream, ComputeType compute) {
        SplittableRandom random = new SplittableRandom(1);
        float[] inputs = new float[BATCH * SIZE];
        int[] labels = new int[BATCH];
        for (int i = 0; i < inputs.length; i++) {
            labels[i / SIZE] = i / SIZE % 2;
            inputs[i] = (float) random.nextDouble(-1, 1) + (i % 6 == 0 ? i / SIZE % 2 : 0);
        }
        double[] losses = new double[STEPS];
        Recipe recipe = Recipe.builder().compile(true).compute(compute).build();
        try (Network network = network(stream);
                TrainingStep training = new TrainingStep(network, recipe, Assertions::fail)) {
            for (int i = 0; i < STEPS; i++) {
                training.backward(inputs, labels, null, 1);
                training.update(0.05);
                losses[i] = Objects.requireNonNull(training.poll(0)).loss();
            }
        }
        return losses;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void learnsAsInFloat32(String stream, ComputeType compute) {
        double[] single = losses(stream, ComputeType.FLOAT32);
        double[] low = losses(stream, compute);
        assertNotEquals(single[STEPS - 1], low[STEPS - 1], "it rounds");
        assertTrue(low[STEPS - 1] < low[0] - 0.1, low[0] + " to " + low[STEPS - 1]);
        assertEquals(single[STEPS - 1], low[STEPS - 1], 0.05);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void predictsAsInFloat32(String stream, ComputeType compute) {
        double[] x = Tensors.draw(3, 4 * SIZE);
        try (Network network = network(stream);
                NDManager manager = network.backend().newManager()) {
            NDList input =
                    new NDList(Tensors.create(manager, x, new Shape(4, 5, 6), DataType.FLOAT32));
            double[] single = Tensors.values(network.predict(input));
            network.compile(CompileOptions.of(compute), Assertions::fail);
            double[] low = Tensors.values(network.predict(input));
            double largest = Tensors.largest(single);
            List<Integer> wrong =
                    Stream.iterate(0, i -> i + 1)
                            .limit(single.length)
                            .filter(i -> Math.abs(single[i] - low[i]) > 0.03 * largest)
                            .toList();
            assertEquals(List.of(), wrong);
            assertNotEquals(single[0], low[0], "it rounds");
        }
    }
}
