package io.residuum.nn.spatial;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers against the outputs of PyTorch that make_pytorch.py beside the file has written. */
class PyTorchTest {
    private static final double TOLERANCE = 1e-5;

    private record Case(String layer, Shape input, Shape output, double[] expected) {
        static Case of(String line) {
            String[] parts = line.split("\t");
            return new Case(parts[0], shape(parts[1]), shape(parts[2]), numbers(parts[3]));
        }

        private static Shape shape(String text) {
            return new Shape(Arrays.stream(numbers(text)).mapToLong(n -> (long) n).toArray());
        }

        private static double[] numbers(String text) {
            return Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
        }

        ModelSpec spec() {
            List<Long> sample = Arrays.stream(input.slice(1).getShape()).boxed().toList();
            String json =
                    "{\"format\": \"residuum/1\", \"name\": \"net\", \"input\": {\"type\": \"features\", \"shape\": %s}, \"network\": %s}"
                            .formatted(sample, layer);
            return SpecJson.standard().parse(json, "case", ModelSpec.class);
        }

        @Override
        public String toString() {
            return layer + " " + input;
        }
    }

    static Stream<Arguments> cases() throws IOException {
        try (InputStream in = PyTorchTest.class.getResourceAsStream("pytorch.tsv")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            List<Case> cases = text.lines().map(Case::of).toList();
            assertTrue(cases.size() > 30, "cases: " + cases.size());
            return Engines.with(cases);
        }
    }

    private static double[] values(long count, double step, double phase) {
        return IntStream.range(0, Math.toIntExact(count))
                .mapToDouble(i -> (float) Math.sin(step * i + phase))
                .toArray();
    }

    private static void fill(Network network) {
        network.parameters()
                .forEach(
                        (path, p) -> {
                            boolean weight = p.getType() == Parameter.Type.WEIGHT;
                            long count = p.getShape().size();
                            Tensors.set(
                                    p.getArray(),
                                    weight ? values(count, 0.7, 1) : values(count, 1.3, 2));
                        });
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void computesWhatPyTorchComputes(EngineChoice engine, Case c) {
        try (Network network = Network.create(c.spec(), Engines.backend(engine), 0);
                NDManager manager = network.backend().newManager()) {
            fill(network);
            double[] x = values(c.input().size(), 0.9, 0.5);
            NDList in = new NDList(Tensors.create(manager, x, c.input(), DataType.FLOAT32));
            NDArray eager = network.predict(in);
            assertEquals(c.output(), eager.getShape());
            assertClose(c.expected(), Tensors.values(eager), TOLERANCE, "operation by operation");
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            assertClose(c.expected(), Tensors.values(network.predict(in)), TOLERANCE, "compiled");
        }
    }
}
