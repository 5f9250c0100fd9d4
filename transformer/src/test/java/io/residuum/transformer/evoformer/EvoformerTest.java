package io.residuum.transformer.evoformer;

import static io.residuum.testing.Tensors.assertClose;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import io.residuum.transformer.Gradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The layers of an Evoformer agree with the published algorithms. */
class EvoformerTest {
    private static final int BATCH = 2;
    private static final int ROWS = 3;
    private static final int COLUMNS = 4;
    private static final int CHANNELS = 6;
    private static final int PAIR_CHANNELS = 5;

    private static final Map<String, String> LAYERS =
            Map.ofEntries(
                    entry("rows", "'axialAttention', 'heads': 2"),
                    entry("masked rows", "'axialAttention', 'heads': 2, 'masked': true"),
                    entry("rows without gates", "'axialAttention', 'heads': 2, 'gated': false"),
                    entry("wide heads", "'axialAttention', 'heads': 2, 'headWidth': 4"),
                    entry("columns", "'axialAttention', 'heads': 3, 'axis': 'column'"),
                    entry(
                            "masked columns",
                            "'axialAttention', 'heads': 3, 'axis': 'column', 'masked': true"),
                    entry(
                            "rows with pairs",
                            "'axialAttention', 'heads': 2, 'bias': {'type': 'pair', 'width': 5}"),
                    entry(
                            "masked rows with pairs",
                            "'axialAttention', 'heads': 2, 'masked': true,"
                                    + " 'bias': {'type': 'pair', 'width': 5}"),
                    entry("starting node", "'axialAttention', 'heads': 2, 'bias': 'input'"),
                    entry(
                            "ending node",
                            "'axialAttention', 'heads': 2, 'axis': 'column', 'bias': 'input'"),
                    entry(
                            "masked ending node",
                            "'axialAttention', 'heads': 2, 'axis': 'column', 'bias': 'input',"
                                    + " 'masked': true"),
                    entry("outer product mean", "'outerProductMean', 'units': 2, 'width': 7"),
                    entry(
                            "masked outer product mean",
                            "'outerProductMean', 'units': 2, 'width': 7, 'masked': true"),
                    entry("outgoing", "'triangleMultiplication', 'units': 3"),
                    entry("masked outgoing", "'triangleMultiplication', 'masked': true"),
                    entry("incoming", "'triangleMultiplication', 'edges': 'incoming'"),
                    entry(
                            "masked incoming",
                            "'triangleMultiplication', 'edges': 'incoming', 'masked': true"));

    static Stream<Arguments> onEachEngine() {
        return Engines.with(LAYERS.keySet());
    }

    private static boolean ofPairs(String layer) {
        return layer.contains("node") || layer.contains("going") || layer.contains("coming");
    }

    /** The first axis of the stream that a layer reads. */
    private static int first(String name) {
        return ofPairs(name) ? COLUMNS : ROWS;
    }

    /** A graph of the layer, with the pair stream z and the mask m if it reads them. */
    private static ModelSpec spec(String name) {
        List<String> names = new ArrayList<>(List.of("'x'"));
        List<String> inputs = new ArrayList<>(List.of(input("x", first(name), CHANNELS)));
        List<String> with = new ArrayList<>();
        if (name.contains("with pairs")) {
            names.add("'z'");
            inputs.add(input("z", COLUMNS, PAIR_CHANNELS));
            with.add("'pair': 'z'");
        }
        if (name.contains("masked")) {
            names.add("'m'");
            inputs.add(
                    "{'name': 'm', 'type': 'features', 'shape': [%d, %d]}"
                            .formatted(first(name), COLUMNS));
            with.add("'mask': 'm'");
        }
        String input =
                names.size() == 1
                        ? inputs.get(0).replace("'name': 'x', ", "")
                        : "{'type': 'several', 'inputs': " + inputs + "}";
        String text =
                ("{'format': 'residuum/1', 'name': 'test', 'input': %s, 'network': {'type':"
                                + " 'graph', 'inputs': %s, 'layers': [{'type': %s, 'name':"
                                + " 'layer', 'from': 'x', 'with': {%s}}]}}")
                        .formatted(input, names, LAYERS.get(name), String.join(", ", with))
                        .replace('\'', '"');
        return SpecJson.standard().parse(text, name, ModelSpec.class);
    }

    private static String input(String name, int first, int channels) {
        return "{'name': '%s', 'type': 'features', 'shape': [%d, %d, %d], 'channelsLast': true}"
                .formatted(name, first, COLUMNS, channels);
    }

    /** Ones, with zeros in some places but never in a complete row or column. */
    private static double[][] mask(String name, int sample) {
        double[][] mask = new double[first(name)][COLUMNS];
        for (int i = 0; i < mask.length; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                mask[i][j] = name.contains("masked") && (i + 2 * j + sample) % 4 == 0 ? 0 : 1;
            }
        }
        return mask;
    }

    private static double[][][] stream(double[] values, int sample, int first, int channels) {
        double[][][] x = new double[first][COLUMNS][channels];
        int at = sample * first * COLUMNS * channels;
        for (double[][] row : x) {
            for (double[] position : row) {
                System.arraycopy(values, at, position, 0, channels);
                at += channels;
            }
        }
        return x;
    }

    private static double[] flat(double[][][] x) {
        return Stream.of(x).flatMap(Stream::of).flatMapToDouble(Arrays::stream).toArray();
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void agreesWithItsAlgorithm(EngineChoice engine, String name) {
        ModelSpec spec = spec(name);
        int first = first(name);
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT64);
                NDManager manager = network.backend().newManager()) {
            NDList inputs = inputs(manager, spec, name, DataType.FLOAT64);
            double[] x = values(name, "x");
            double[] z = values(name, "z");
            NDArray y = network.predict(inputs);
            assertEquals(network.outputShape().slice(1), y.getShape().slice(1));
            double[] found = Tensors.values(y);
            ReferenceEvoformer reference =
                    new ReferenceEvoformer(Nets.values(network.parameters()), "layer");
            int size = found.length / BATCH;
            for (int n = 0; n < BATCH; n++) {
                double[] expected =
                        flat(
                                expected(
                                        name,
                                        reference,
                                        stream(x, n, first, CHANNELS),
                                        stream(z, n, COLUMNS, PAIR_CHANNELS),
                                        mask(name, n)));
                double[] part = Arrays.copyOfRange(found, n * size, (n + 1) * size);
                assertClose(expected, part, 1e-9, name);
            }
        }
    }

    private static double[] values(String name, String input) {
        return switch (input) {
            case "x" -> Tensors.draw(1, (long) BATCH * first(name) * COLUMNS * CHANNELS);
            case "z" -> Tensors.draw(2, (long) BATCH * COLUMNS * COLUMNS * PAIR_CHANNELS);
            default ->
                    IntStream.range(0, BATCH)
                            .mapToObj(n -> mask(name, n))
                            .flatMap(Stream::of)
                            .flatMapToDouble(Arrays::stream)
                            .toArray();
        };
    }

    private static NDList inputs(NDManager manager, ModelSpec spec, String name, DataType type) {
        NDList inputs = new NDList();
        for (NamedInput input : spec.input().all()) {
            String key = inputs.isEmpty() ? "x" : input.name();
            Shape shape = new Shape(BATCH).addAll(input.input().batchShape().slice(1));
            NDArray array = Tensors.create(manager, values(name, key), shape, type);
            array.setName(inputs.isEmpty() ? null : key);
            inputs.add(array);
        }
        return inputs;
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void aProgramAgreesAndEveryParameterLearns(EngineChoice engine, String name) {
        ModelSpec spec = spec(name);
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDList inputs = inputs(manager, spec, name, DataType.FLOAT32);
            NDArray y = network.predict(inputs);
            double[] expected = Tensors.values(y);
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            assertClose(expected, Tensors.values(network.predict(inputs)), 1e-5, name);
            NDArray weights = Tensors.random(manager, 9, y.getShape().getShape());
            Gradients.of(network, inputs, weights)
                    .forEach(
                            (path, g) ->
                                    // Softmax cancels what is the same for all keys.
                                    assertTrue(
                                            Tensors.largest(g) > 0
                                                    || path.endsWith("biasNorm.bias"),
                                            path));
        }
    }

    private static double[][][] expected(
            String name,
            ReferenceEvoformer reference,
            double[][][] x,
            double[][][] z,
            double[][] mask) {
        String json = ("{'type': " + LAYERS.get(name) + "}").replace('\'', '"');
        LayerSpec layer = SpecJson.standard().parse(json, name, LayerSpec.class);
        if (layer instanceof AxialAttention attention) {
            return reference.attention(x, attention, name.contains("with pairs") ? z : null, mask);
        }
        return layer instanceof TriangleMultiplication triangle
                ? reference.triangle(x, triangle.edges(), mask)
                : reference.outerProductMean(x, mask, name.contains("masked"));
    }

    /** Jumper et al. 2021, Supplementary Information, Section 1.11.4. */
    @Test
    void residualUnitsStartAsTheIdentity() {
        for (String name : LAYERS.keySet()) {
            spec(name)
                    .newBlock()
                    .namedParameters()
                    .forEach(
                            (path, p) ->
                                    assertTrue(!path.endsWith("output.weight") || isZero(p), path));
        }
    }

    private static boolean isZero(Parameter parameter) {
        try (NDManager manager = Engines.both().get(0).newManager()) {
            parameter.initialize(manager, DataType.FLOAT32);
            return Tensors.largest(Tensors.values(parameter.getArray())) == 0;
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[3, 4, 6] | true | {'type': 'triangleMultiplication'} | pairs (N, T, T, C), got"
                        + " (-1, 3, 4, 6)",
                "[3, 4, 6] | true | {'type': 'axialAttention', 'heads': 2, 'bias': 'input'} |"
                        + " pairs (N, T, T, C), got (-1, 3, 4, 6)",
                "[3, 4, 6] | true | {'type': 'axialAttention', 'heads': 4} | heads must divide",
                "[3, 4, 6] | false | {'type': 'axialAttention', 'heads': 2} | set channelsLast",
                "[4, 6] | false | {'type': 'outerProductMean', 'width': 2} | with channels last",
                "[3, 4, 6] | true | {'type': 'conv2d', 'filters': 2, 'kernel': 1} | channels on"
                        + " axis 1, got (-1, 3, 4, 6)",
                "[3, 4, 6] | true | {'type': 'axialAttention', 'heads': 2, 'bias': {'type':"
                        + " 'pair', 'width': 0}} | width must be positive",
            })
    void refusesWhatDoesNotFit(String shape, boolean channelsLast, String layer, String reason) {
        String text =
                ("{'format': 'residuum/1', 'name': 'test', 'input': {'type': 'features', 'shape':"
                                + " %s, 'channelsLast': %s}, 'network': [%s]}")
                        .formatted(shape, channelsLast, layer)
                        .replace('\'', '"');
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(text, "test", ModelSpec.class).newBlock());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
