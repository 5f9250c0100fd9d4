package io.residuum.residual;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.model.Summary;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.SharedData;
import io.residuum.testing.Tensors;
import io.residuum.weights.Safetensors;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Units on several streams and layers over saved states, against their papers' equations. */
class StreamTest {

    private static ModelSpec spec(String shape, String network) {
        String text =
                """
                {"format": "residuum/1", "name": "net",
                 "input": {"type": "features", "shape": %s}, "network": %s}
                """
                        .formatted(shape, network.replace('\'', '"'));
        return SpecJson.standard().parse(text, "net", ModelSpec.class);
    }

    private static void set(Network network, String path, double... values) {
        Parameter parameter = network.parameters().get(path);
        Tensors.set(parameter.getArray(), values);
        network.parametersChanged();
    }

    private static double[] floats(Safetensors file, String name, int from, int count) {
        float[] all = file.floats(name);
        double[] some = new double[count];
        for (int i = 0; i < count; i++) {
            some[i] = all[from + i];
        }
        return some;
    }

    private static double[] floats(Safetensors file, String name) {
        return floats(file, name, 0, (int) file.info(name).elements());
    }

    /** Runs a network operation by operation and compiled. */
    private static void assertComputes(
            double[] expected, Network network, Shape shape, double[] input, double tolerance) {
        try (NDManager manager = network.backend().newManager()) {
            NDList in = new NDList(Tensors.create(manager, input, shape, DataType.FLOAT32));
            assertClose(expected, Tensors.values(network.predict(in)), tolerance, "layers");
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            assertClose(expected, Tensors.values(network.predict(in)), tolerance, "program");
        }
    }

    @EachEngine
    void computesTheHyperConnectionsOfDeepSeekV4(EngineChoice engine) {
        int n = 4;
        int wide = 4 * 32;
        try (Safetensors file = Safetensors.open(SharedData.require("frontier/mhc.safetensors"))) {
            ModelSpec unit =
                    spec(
                            "[5, 160]",
                            """
                            {'type': 'graph', 'layers': [
                             {'type': 'split', 'name': 'both', 'parts': [128, 32], 'to': ['s', 'y']},
                             {'type': 'residual', 'name': 'unit', 'from': 's', 'read': 'y', 'branch': [],
                              'shortcut': {'type': 'streams', 'weights': 'sinkhorn'},
                              'merge': {'type': 'write', 'weights': {'type': 'sigmoid', 'factor': 2}}}]}
                            """);
            try (Network network = Network.create(unit, Engines.backend(engine), 1)) {
                set(network, "unit.write.weight", floats(file, "w.fn", n * wide, n * wide));
                set(network, "unit.write.bias", floats(file, "w.base", n, n));
                set(network, "unit.write.scale", floats(file, "w.scale", 1, 1));
                set(
                        network,
                        "unit.shortcut.weight",
                        floats(file, "w.fn", 2 * n * wide, n * n * wide));
                set(network, "unit.shortcut.bias", floats(file, "w.base", 2 * n, n * n));
                set(network, "unit.shortcut.scale", floats(file, "w.scale", 2, 1));
                double[] x = floats(file, "x");
                double[] y = floats(file, "branch");
                double[] both = new double[10 * 160];
                for (int row = 0; row < 10; row++) {
                    System.arraycopy(x, row * 128, both, row * 160, 128);
                    System.arraycopy(y, row * 32, both, row * 160 + 128, 32);
                }
                assertComputes(floats(file, "y"), network, new Shape(2, 5, 160), both, 1e-5);
            }
            ModelSpec read =
                    spec(
                            "[5, 128]",
                            "[{'type': 'streams', 'name': 'read', 'streams': 4, 'weights':"
                                    + " {'type': 'sigmoid', 'eps': 1e-6}}]");
            try (Network network = Network.create(read, Engines.backend(engine), 1)) {
                set(network, "read.weight", floats(file, "w.fn", 0, n * wide));
                set(network, "read.bias", floats(file, "w.base", 0, n));
                set(network, "read.scale", floats(file, "w.scale", 0, 1));
                assertComputes(
                        floats(file, "collapsed"),
                        network,
                        new Shape(2, 5, 128),
                        floats(file, "x"),
                        1e-5);
            }
        }
    }

    @EachEngine
    void computesTheLaurelOfGemma3n(EngineChoice engine) {
        try (Safetensors file =
                Safetensors.open(SharedData.require("frontier/laurel.safetensors"))) {
            ModelSpec unit =
                    spec(
                            "[5, 32]",
                            """
                            [{'type': 'residual', 'name': 'unit',
                              'branch': {'type': 'linear', 'units': 32, 'bias': false},
                              'shortcut': {'type': 'lowRank', 'rank': 4, 'norm': 'rms'}}]
                            """);
            try (Network network = Network.create(unit, Engines.backend(engine), 1)) {
                set(network, "unit.branch.weight", new double[32 * 32]);
                set(network, "unit.shortcut.left.weight", floats(file, "w.linear_left.weight"));
                set(network, "unit.shortcut.right.weight", floats(file, "w.linear_right.weight"));
                set(
                        network,
                        "unit.shortcut.norm.weight",
                        floats(file, "w.post_laurel_norm.weight"));
                assertComputes(
                        floats(file, "y"), network, new Shape(2, 5, 32), floats(file, "x"), 1e-5);
            }
        }
    }

    /** The prediction and correction of the paper, with Gemma 3n's router. */
    @EachEngine
    void computesAlternatingUpdates(EngineChoice engine) {
        int n = 3;
        int width = 2;
        ModelSpec unit =
                spec(
                        "[6]",
                        """
                        [{'type': 'residual', 'name': 'unit', 'tap': 'carry',
                          'read': {'type': 'streams', 'streams': 3,
                                   'weights': {'type': 'fixed', 'values': [0, 1, 0]}},
                          'branch': {'type': 'linear', 'units': 2, 'bias': false},
                          'shortcut': {'type': 'streams', 'weights': {'type': 'router', 'active': 1}},
                          'merge': {'type': 'correct', 'active': 1, 'weights': 'router'}}]
                        """);
        try (Network network = Nets.shaken(unit, Engines.backend(engine), DataType.FLOAT32)) {
            Map<String, double[]> w = Nets.values(network.parameters());
            double[] s = Tensors.draw(3, n * width);
            double[] coefficients =
                    routed(w, "unit.shortcut", Arrays.copyOfRange(s, width, 2 * width), n);
            double[] predicted = s.clone();
            for (int j = 0; j < n; j++) {
                for (int i = 0; i < n; i++) {
                    for (int c = 0; c < width; c++) {
                        predicted[j * width + c] += coefficients[j * n + i] * s[i * width + c];
                    }
                }
            }
            double[] active = Arrays.copyOfRange(predicted, width, 2 * width);
            double[] y = product(w.get("unit.branch.weight"), active);
            double[] factors = routed(w, "unit.write", y, n);
            double[] expected = predicted.clone();
            for (int j = 0; j < n; j++) {
                for (int c = 0; c < width; c++) {
                    expected[j * width + c] += (1 + factors[j]) * (y[c] - active[c]);
                }
            }
            assertComputes(expected, network, new Shape(1, 6), s, 1e-5);
        }
    }

    private static double[] routed(Map<String, double[]> w, String at, double[] s, int n) {
        double square = 0;
        for (double v : s) {
            square += v * v / s.length;
        }
        double[] normal = new double[s.length];
        for (int c = 0; c < s.length; c++) {
            normal[c] = s[c] / Math.sqrt(square + 1e-6) * w.get(at + ".norm")[c] / s.length;
        }
        double[] hidden = product(w.get(at + ".router"), normal);
        for (int i = 0; i < n; i++) {
            hidden[i] = Math.tanh(hidden[i]);
        }
        return product(w.get(at + ".weight"), hidden);
    }

    private static double[] product(double[] matrix, double[] x) {
        double[] y = new double[matrix.length / x.length];
        for (int i = 0; i < matrix.length; i++) {
            y[i / x.length] += matrix[i] * x[i % x.length];
        }
        return y;
    }

    /** Equation 10 to 13 of the paper: each stream decides from its own norm. */
    @EachEngine
    void computesDynamicHyperConnections(EngineChoice engine) {
        int n = 2;
        int width = 3;
        ModelSpec unit =
                spec(
                        "[6]",
                        """
                        [{'type': 'residual', 'name': 'unit',
                          'read': {'type': 'streams', 'streams': 2, 'weights': 'tanh'},
                          'branch': {'type': 'linear', 'units': 3, 'bias': false},
                          'shortcut': {'type': 'streams', 'weights': 'tanh'},
                          'merge': {'type': 'write', 'weights': 'tanh'}}]
                        """);
        try (Network network = Nets.shaken(unit, Engines.backend(engine), DataType.FLOAT32)) {
            Map<String, double[]> w = Nets.values(network.parameters());
            double[] s = Tensors.draw(3, n * width);
            double[] expected = new double[n * width];
            double[] u = new double[width];
            double[][] read = new double[n][];
            double[][] carry = new double[n][];
            double[][] write = new double[n][];
            for (int i = 0; i < n; i++) {
                double[] stream = Arrays.copyOfRange(s, i * width, (i + 1) * width);
                read[i] = numbers(w, "unit.read", stream, i, 1);
                carry[i] = numbers(w, "unit.shortcut", stream, i, n);
                write[i] = numbers(w, "unit.write", stream, i, 1);
                for (int c = 0; c < width; c++) {
                    u[c] += read[i][0] * stream[c];
                }
            }
            double[] y = product(w.get("unit.branch.weight"), u);
            for (int j = 0; j < n; j++) {
                for (int c = 0; c < width; c++) {
                    expected[j * width + c] = write[j][0] * y[c];
                    for (int i = 0; i < n; i++) {
                        expected[j * width + c] += carry[i][j] * s[i * width + c];
                    }
                }
            }
            assertComputes(expected, network, new Shape(1, 6), s, 1e-5);
        }
    }

    private static double[] numbers(
            Map<String, double[]> w, String at, double[] stream, int i, int count) {
        double square = 0;
        for (double v : stream) {
            square += v * v / stream.length;
        }
        double[] normal = new double[stream.length];
        for (int c = 0; c < stream.length; c++) {
            normal[c] = stream[c] / Math.sqrt(square + 1e-6);
        }
        double[] numbers = product(w.get(at + ".weight"), normal);
        for (int k = 0; k < count; k++) {
            numbers[k] =
                    w.get(at + ".bias")[i * count + k]
                            + w.get(at + ".scale")[0] * Math.tanh(numbers[k]);
        }
        return numbers;
    }

    /** The streams are the unit vectors, so that the carry of them is its matrix. */
    @EachEngine
    void keepsTheGainOfSixtyDoublyStochasticMatrices(EngineChoice engine) {
        int n = 4;
        ModelSpec unit =
                spec(
                        "[16]",
                        """
                        [{'type': 'residual', 'name': 'unit',
                          'read': {'type': 'streams', 'streams': 4, 'weights': 'learned'},
                          'branch': {'type': 'linear', 'units': 4, 'bias': false,
                                     'init': {'type': 'normal', 'std': 1e-9}},
                          'shortcut': {'type': 'streams', 'weights': 'sinkhorn'},
                          'merge': {'type': 'write', 'weights': 'learned'}}]
                        """);
        try (Network network = Network.create(unit, Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            NDArray basis =
                    Tensors.create(manager, identity(n), new Shape(1, 16), DataType.FLOAT32);
            Random random = new Random(7);
            double[] product = identity(n);
            double[] free = identity(n);
            for (int layer = 0; layer < 60; layer++) {
                set(network, "unit.shortcut.scale", 1);
                set(network, "unit.shortcut.bias", normal(random, 16, 1));
                set(network, "unit.shortcut.weight", normal(random, 256, 0.3));
                double[] matrix = Tensors.values(network.predict(new NDList(basis)));
                product = product(matrix, product, n);
                double[] any = normal(random, 16, 0.1);
                for (int i = 0; i < n; i++) {
                    any[i * n + i] += 1;
                }
                free = product(any, free, n);
            }
            assertTrue(gain(product, n) <= 1.002, "gain " + gain(product, n));
            assertTrue(gain(free, n) > 2, "free gain " + gain(free, n));
        }
    }

    /** As above, with large weights too: the matrices and their product keep norms and angles. */
    @EachEngine
    void keepsTheNormOverSixtyOrthogonalMatrices(EngineChoice engine) {
        int n = 4;
        ModelSpec units =
                spec(
                        "[16]",
                        """
                        [{'type': 'repeat', 'name': 'units', 'times': 60, 'layer':
                          {'type': 'residual',
                           'read': {'type': 'streams', 'streams': 4, 'weights': 'learned'},
                           'branch': {'type': 'linear', 'units': 4, 'bias': false,
                                      'init': {'type': 'constant', 'value': 0}},
                           'shortcut': {'type': 'streams', 'weights': 'orthogonal'},
                           'merge': {'type': 'write', 'weights': 'learned'}}}]
                        """);
        try (Network network = Network.create(units, Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            NDArray basis =
                    Tensors.create(manager, identity(n), new Shape(1, 16), DataType.FLOAT32);
            NDList input = new NDList(basis);
            Assertions.assertArrayEquals(identity(n), Tensors.values(network.predict(input)));
            Random random = new Random(7);
            for (int unit = 0; unit < 60; unit++) {
                double std = unit % 2 == 0 ? 0.3 : 3;
                set(network, "units." + unit + ".shortcut.weight", normal(random, 16, std));
            }
            double[] product = Tensors.values(network.predict(input));
            double[] gram = product(product, transposed(product, n), n);
            assertClose(identity(n), gram, 1e-5, "norms and angles");
            assertTrue(Math.abs(product[0]) < 0.99, "the matrices are not the identity");
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            assertClose(product, Tensors.values(network.predict(input)), 1e-5, "program");
        }
    }

    private static double[] transposed(double[] a, int n) {
        return IntStream.range(0, n * n).mapToDouble(i -> a[i % n * n + i / n]).toArray();
    }

    /** The exponential of a rotation by an angle, W - W' = [[0, -a], [a, 0]]. */
    @EachEngine
    void rotatesByTheExponentialOfASkewMatrix(EngineChoice engine) {
        ModelSpec carry =
                spec(
                        "[2]",
                        """
                        {'type': 'residual', 'name': '',
                         'read': {'type': 'streams', 'streams': 2, 'weights': 'learned'},
                         'branch': {'type': 'linear', 'units': 1, 'bias': false,
                                    'init': {'type': 'constant', 'value': 0}},
                         'shortcut': {'type': 'streams', 'weights': 'orthogonal'},
                         'merge': {'type': 'write', 'weights': 'learned'}}
                        """);
        try (Network network = Network.create(carry, Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            NDArray first =
                    Tensors.create(manager, new double[] {1, 0}, new Shape(1, 2), DataType.FLOAT32);
            for (double angle : new double[] {1e-3, 0.7, -2, 11}) {
                set(network, "shortcut.weight", 0, -angle, 0, 0);
                assertClose(
                        new double[] {Math.cos(angle), Math.sin(angle)},
                        Tensors.values(network.predict(new NDList(first))),
                        1e-6,
                        "angle " + angle);
            }
        }
    }

    @Test
    void connectsTheUnitsOfASequential() {
        String unit =
                "{'type': 'residual', 'name': '%s', 'branch': {'type': 'linear', 'units': 4}}";
        String layers =
                """
                [{'type': 'sequential', 'name': 'body', 'stream': 'x0', 'layers': [%s, %s]},
                 {'type': 'linear', 'name': 'head', 'units': 2}]
                """;
        ModelSpec connected = spec("[4]", layers.formatted(unit.formatted(""), unit.formatted("")));
        ModelSpec byHand =
                spec(
                        "[4]",
                        """
                        [{'type': 'stream', 'name': 'body', 'layers': [{'type': 'save', 'name': 'save',
                          'as': 'x0'}, %s, {'type': 'average', 'name': 'average1', 'of': 'x0',
                          'init': [1, 0]}, %s]},
                         {'type': 'linear', 'name': 'head', 'units': 2}]
                        """
                                .formatted(unit.formatted("0"), unit.formatted("1")));
        assertEquals(byHand, connected.expand());
        assertEquals(
                byHand.newBlock().namedParameters().keySet(),
                connected.newBlock().namedParameters().keySet());
        String json = SpecJson.standard().write(connected);
        assertEquals(connected, SpecJson.standard().parse(json, "net", ModelSpec.class));
        assertEquals(connected, connected.withNetwork(connected.network().withLayers(l -> l)));
    }

    @EachEngine
    void weighsASingleStream(EngineChoice engine) {
        ModelSpec stream =
                spec(
                        "[2]",
                        "{'type': 'stream', 'layers': [], 'reduce': {'type': 'weighted', 'weights':"
                                + " {'type': 'fixed', 'values': [3]}}}");
        try (Network network = Network.create(stream, Engines.backend(engine), 1)) {
            assertComputes(new double[] {3, 6}, network, new Shape(1, 2), new double[] {1, 2}, 0);
        }
    }

    private static double[] identity(int n) {
        double[] values = new double[n * n];
        for (int i = 0; i < n; i++) {
            values[i * n + i] = 1;
        }
        return values;
    }

    private static double[] normal(Random random, int count, double std) {
        return IntStream.range(0, count).mapToDouble(i -> std * random.nextGaussian()).toArray();
    }

    private static double[] product(double[] a, double[] b, int n) {
        double[] c = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < n; k++) {
                    c[i * n + j] += a[i * n + k] * b[k * n + j];
                }
            }
        }
        return c;
    }

    /** The largest sum of absolute values in a row or column. */
    private static double gain(double[] matrix, int n) {
        double largest = 0;
        for (int i = 0; i < n; i++) {
            double row = 0;
            double column = 0;
            for (int j = 0; j < n; j++) {
                row += Math.abs(matrix[i * n + j]);
                column += Math.abs(matrix[j * n + i]);
            }
            largest = Math.max(largest, Math.max(row, column));
        }
        return largest;
    }

    /** The mean of many earlier states, which a fused program of MXNet must compute as well. */
    @EachEngine
    void attendsToTheMeanAtFirst(EngineChoice engine) {
        StringBuilder layers = new StringBuilder("{'type': 'save', 'as': 's0'}");
        StringBuilder names = new StringBuilder("'s0'");
        for (int i = 1; i < 12; i++) {
            layers.append(
                    ", {'type': 'activation', 'function': {'type': 'leakyRelu', 'slope': 0.5}}");
            layers.append(", {'type': 'save', 'as': 's").append(i).append("'}");
            names.append(", 's").append(i).append("'");
        }
        ModelSpec spec =
                spec(
                        "[3, 4]",
                        "{'type': 'stream', 'layers': [%s, {'type': 'activation'}, {'type':"
                                .formatted(layers)
                                .concat(" 'attend', 'name': 'a', 'of': [%s]}]}".formatted(names)));
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            double[] x = Tensors.draw(5, 24);
            double[] mean = new double[24];
            for (int i = 0; i < mean.length; i++) {
                double state = x[i];
                for (int k = 0; k < 12; k++) {
                    mean[i] += state / 13;
                    state *= state < 0 ? 0.5 : 1;
                }
                mean[i] += Math.max(0, state) / 13;
            }
            assertComputes(mean, network, new Shape(2, 3, 4), x, 1e-5);
        }
    }

    /** Each layer is looked at once, however many layers read states. */
    @Test
    void checksManyNamesFast() {
        int units = 6000;
        StringBuilder layers = new StringBuilder("{'type': 'save', 'as': 's'}");
        for (int i = 0; i < units; i++) {
            layers.append(", {'type': 'average', 'of': 's'}, {'type': 'save', 'as': 's'}");
        }
        ModelSpec spec = spec("[4]", "{'type': 'stream', 'layers': [%s]}".formatted(layers));
        Layer block = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> spec.newBlock());
        assertEquals(2 * units + 1, block.children().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type': 'stream', 'layers': [{'type': 'average', 'of': 'a'}]} | of must name"
                        + " states that earlier layers of the stream save, got \"a\" among []",
                "{'type': 'stream', 'layers': [{'type': 'average', 'of': 'a'}, {'type': 'save',"
                        + " 'as': 'a'}]} | got \"a\" among []",
                "{'type': 'stream', 'layers': [{'type': 'save', 'as': 'a'}, {'type': 'linear',"
                    + " 'units': 5}, {'type': 'attend', 'of': 'a'}]} | the state \"a\" must have"
                    + " the shape (-1, 5) of the layer's input, got (-1, 4)",
                "{'type': 'stream', 'layers': [{'type': 'save', 'as': 'a'}, {'type': 'stream',"
                        + " 'layers': [{'type': 'average', 'of': 'a'}]}]} | got \"a\" among []",
                "[{'type': 'save', 'as': 'a'}] | saved states must be in a layer of type stream",
                "{'type': 'stream', 'streams': 2, 'layers': [{'type': 'norm'}]} | layers[0] must"
                        + " not normalize all 2 streams together",
                "{'type': 'stream', 'streams': 2, 'layers': [[{'type': 'residual', 'before':"
                        + " {'norm': 'rms'}, 'branch': []}]]} | layers[0] must not normalize",
                "{'type': 'residual', 'after': {'norm': 'rms'}, 'merge': {'type': 'write',"
                        + " 'weights': 'learned'}, 'branch': []} | after must have no norm",
                "{'type': 'stream', 'streams': 2, 'layers': [{'type': 'residual', 'read': {'type':"
                        + " 'streams', 'streams': 3, 'weights': 'learned'}, 'branch': []}]} | the"
                        + " channels must be those of 3 streams",
                "{'type': 'stream', 'streams': 2, 'layers': [{'type': 'residual', 'read': {'type':"
                        + " 'streams', 'streams': 2, 'weights': {'type': 'fixed', 'values': [1]}},"
                        + " 'branch': []}]} | values must have 2 numbers to read 2 streams, got 1",
                "{'type': 'stream', 'streams': 2, 'layers': [{'type': 'residual', 'read': {'type':"
                        + " 'streams', 'streams': 2, 'weights': 'sinkhorn'}, 'branch': []}]} |"
                        + " sinkhorn weights must stand in the shortcut",
                "{'type': 'sequential', 'stream': 'denseFormer', 'layers': [{'type': 'linear',"
                    + " 'units': 4}]} | layers[0] must be a residual unit or an array of them in"
                    + " layers with a stream, got Linear",
                "{'type': 'sequential', 'stream': 'x0', 'layers': [{'type': 'sequential', 'stream':"
                        + " 'x0', 'layers': []}]} | layers[0] must be a residual unit",
                "{'type': 'streams', 'streams': 2, 'weights': 'orthogonal'} | orthogonal weights"
                        + " must stand in the shortcut, got them in read: use learned",
                "{'type': 'stream', 'streams': 3, 'expand': 'split', 'layers': []} | streams must"
                        + " divide the input's channels",
                "{'type': 'stream', 'layers': [{'type': 'residual', 'dropPath': {'rate': 0.1,"
                    + " 'mode': 'batch'}, 'branch': {'type': 'save', 'as': 'a'}}]} | dropPath.mode"
                    + " must be sample for a branch that saves a state, got batch",
            })
    void saysWhatIsWrong(String network, String reason) {
        SpecException e = assertThrows(SpecException.class, () -> spec("[4]", network).newBlock());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }

    /** MUDD (Xiao et al. 2025, Equations 5 and 6), for sequences and for images. */
    @EachEngine
    void weighsStatesByTheInputAtEachPosition(EngineChoice engine) {
        String layers =
                """
                {'type': 'stream', 'layers': [{'type': 'save', 'as': 'a'},
                  {'type': 'residual', 'name': 'unit', 'branch': [], 'scale': {'type': 'constant', 'value': 1}},
                  {'type': 'average', 'name': 'read', 'of': 'a', 'init': [1, 0.5], 'hidden': 2}]}
                """;
        double[] inner = Tensors.draw(1, 6);
        double[] outer = Tensors.draw(2, 4);
        double[] x = Tensors.draw(3, 2 * 4 * 3); // two samples of four positions
        double[] expected = new double[x.length];
        for (int p = 0; p < 8; p++) {
            double square = 0;
            for (int c = 0; c < 3; c++) {
                square += 4 * x[3 * p + c] * x[3 * p + c] / 3;
            }
            double[] weights = {1, 0.5};
            for (int h = 0; h < 2; h++) {
                double u = 0;
                for (int c = 0; c < 3; c++) {
                    u += inner[3 * h + c] * 2 * x[3 * p + c] / Math.sqrt(square + 1e-6);
                }
                double gelu = u * 0.5 * (1 + erf(u / Math.sqrt(2)));
                weights[0] += outer[h] * gelu;
                weights[1] += outer[2 + h] * gelu;
            }
            for (int c = 0; c < 3; c++) {
                // The unit doubles the state.
                expected[3 * p + c] = (2 * weights[0] + weights[1]) * x[3 * p + c];
            }
        }
        try (Network network = Network.create(spec("[4, 3]", layers), Engines.backend(engine), 1)) {
            set(network, "read.inner", inner);
            set(network, "read.outer", outer);
            assertComputes(expected, network, new Shape(2, 4, 3), x, 1e-5);
            assertEquals(2 + 6 + 4, Cost.of(network.block()).parameters());
            assertEquals(4 * 2 * (3 + 2), Cost.of(network.block()).macs());
        }
        try (Network network =
                Network.create(spec("[3, 2, 2]", layers), Engines.backend(engine), 1)) {
            set(network, "read.inner", inner);
            set(network, "read.outer", outer);
            double[] image = channelsFirst(x);
            assertComputes(channelsFirst(expected), network, new Shape(2, 3, 2, 2), image, 1e-5);
        }
    }

    private static double[] channelsFirst(double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int sample = i / 12;
            y[12 * sample + i % 3 * 4 + i % 12 / 3] = x[i];
        }
        return y;
    }

    /** Abramowitz and Stegun 1964, Equation 7.1.5: the series, exact for small arguments. */
    private static double erf(double x) {
        double sum = 0;
        double term = x;
        for (int n = 0; n < 40; n++) {
            sum += term / (2 * n + 1);
            term *= -x * x / (n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    @EachEngine
    void readsAStateOnlyOfItsOwnPass(EngineChoice engine) {
        ModelSpec spec =
                spec(
                        "[4]",
                        "{'type': 'stream', 'layers': [{'type': 'save', 'as': 'a'}, {'type':"
                            + " 'linear', 'units': 4}, {'type': 'average', 'of': 'a', 'init': [0,"
                            + " 1]}]}");
        try (Network network = Network.create(spec, Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            for (int seed = 0; seed < 3; seed++) {
                double[] x = Tensors.draw(seed, 8);
                NDArray input = Tensors.create(manager, x, new Shape(2, 4), DataType.FLOAT32);
                assertClose(x, Tensors.values(network.predict(new NDList(input))), 0, "x");
            }
            assertEquals(4 * 4 + 4 + 2, Cost.of(network.block()).parameters());
        }
    }

    @Test
    void countsParametersAndProducts() {
        ModelSpec spec =
                spec(
                        "[5, 8]",
                        """
                        {'type': 'stream', 'streams': 2, 'layers': [{'type': 'residual',
                          'read': {'type': 'streams', 'streams': 2, 'weights': 'sigmoid'},
                          'branch': {'type': 'linear', 'units': 8},
                          'shortcut': {'type': 'streams', 'weights': 'learned'},
                          'merge': {'type': 'write', 'weights': 'learned'}}]}
                        """);
        Cost cost = Cost.of(spec.newBlock());
        // To read: 2 x 16 weights, a scale and 2 biases; linear; to carry; to write.
        assertEquals(35 + 72 + 4 + 2, cost.parameters());
        // At each of 5 positions: expand, read with its weights, linear, carry, reduce.
        assertEquals(5 * (16 + (32 + 16) + 64 + 32 + 16), cost.macs());
        String summary = Summary.of(spec).toString();
        assertTrue(summary.contains("reduce  Streams(2 to 1, fixed)"), summary);
        assertTrue(summary.contains("113 parameters (452 B), 0 buffers, 880 MACs"), summary);
    }
}
