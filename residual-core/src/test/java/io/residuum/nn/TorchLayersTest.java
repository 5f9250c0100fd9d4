package io.residuum.nn;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.io.Resources;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers against those of PyTorch and timm; make_torch_layers.py computed the numbers. */
class TorchLayersTest {

    /** The file of the script. */
    record File(List<Case> cases) {}

    /** A layer and its output for the input that {@link #values} gives. */
    record Case(
            LayerSpec layer,
            List<String> parameters,
            List<Integer> input,
            List<Integer> shape,
            List<Double> output) {
        @Override
        public String toString() {
            return layer + " " + input;
        }
    }

    private static File file() {
        try {
            String json =
                    Resources.toString(
                            Resources.getResource(TorchLayersTest.class, "torch_layers.json"),
                            StandardCharsets.UTF_8);
            return SpecJson.standard().parse(json, "torch_layers.json", File.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Arguments> cases() {
        return Engines.with(file().cases());
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void computesWhatPyTorchComputes(EngineChoice engine, Case c) {
        Integer[] sample = c.input().stream().skip(1).toArray(Integer[]::new);
        long[] dims = c.input().stream().mapToLong(i -> i).toArray();
        try (Network network =
                        Network.create(Nets.spec(c.layer(), sample), Engines.backend(engine), 0);
                NDManager manager = network.backend().newManager()) {
            List<String> names =
                    network.parameters().keySet().stream().map(TorchLayersTest::last).toList();
            assertEquals(c.parameters(), names, "PyTorch's names");
            network.parameters().forEach((path, p) -> fill(last(path), p));
            Shape shape = new Shape(dims);
            double[] x = values(shape.size(), 0.3, 3, 0);
            NDArray in = Tensors.create(manager, x, shape, DataType.FLOAT32);
            NDArray y = network.predict(new NDList(in));
            assertArrayEquals(
                    c.shape().stream().mapToLong(i -> i).toArray(), y.getShape().getShape());
            double[] expected = c.output().stream().mapToDouble(v -> v).toArray();
            assertClose(expected, Tensors.values(y), 1e-5, c.toString());
        }
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** As in the script, from the name's length. */
    private static void fill(String name, Parameter parameter) {
        NDArray array = parameter.getArray();
        Tensors.set(array, values(array.size(), name.length(), 1, 1.5));
    }

    private static double[] values(long count, double phase, double factor, double offset) {
        return IntStream.range(0, Math.toIntExact(count))
                .mapToDouble(i -> offset + factor * 1.2 * Math.cos(1.7 * i + phase))
                .toArray();
    }

    /** The multiply-accumulates of what is not free, on {@code (3, 5, 6)}. */
    @Test
    void countsThePositionsOfPadding() {
        Map<String, Long> macs =
                Map.of(
                        "\"same\"", 2L * 27 * 3 * 3,
                        "[1, 2, 0, 3]", 2L * 27 * 3 * 4,
                        "[0, 1]", 2L * 27 * 2 * 3);
        macs.forEach(
                (padding, expected) -> {
                    String json =
                            "{\"type\": \"conv2d\", \"filters\": 2, \"kernel\": 3, \"stride\": 2,"
                                    + " \"padding\": "
                                    + padding
                                    + "}";
                    LayerSpec conv = SpecJson.standard().parse(json, "test", LayerSpec.class);
                    ConvolutionBlock block =
                            (ConvolutionBlock) conv.newBlock(new Shape(-1, 3, 5, 6));
                    assertEquals(expected, block.macs(block.inputShape()), padding);
                    String written = SpecJson.standard().write(conv);
                    assertEquals(
                            json,
                            written.replaceAll("\\s+", " ")
                                    .replaceAll("(?<=\\{) | (?=})", "")
                                    .strip());
                });
    }
}
