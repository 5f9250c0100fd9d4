package io.residuum.nn;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.GlobalMaxPool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers against the naive Java of {@link Reference}, in double precision. */
@ExtendWith(Seeds.class)
class ReferenceTest {
    private static final double SINGLE = 1e-5;

    /** A layer and what it should compute of an input and its parameters. */
    private record Case(String name, LayerSpec layer, int[] input, Expected expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    private interface Expected {
        double[] of(double[] x, Map<String, double[]> parameters);
    }

    private static final int[] IMAGE = {2, 6, 5, 7};
    private static final int[] SEQUENCE = {2, 3, 6};
    private static final int[] VECTOR = {4, 6};

    static Stream<Arguments> cases() {
        return Engines.with(Stream.of(norms(), pools(), others()).flatMap(s -> s).toList());
    }

    private static Stream<Case> norms() {
        Normalization group = new Normalization("", new NormSpec.Group(3, 1e-3, 1));
        Normalization layer = new Normalization("", new NormSpec.OfLayer(1e-3, 1));
        Normalization channel = new Normalization("", new NormSpec.Channel(1e-3, 1));
        Normalization rms = new Normalization("", new NormSpec.Rms(1e-3, 1));
        return Stream.of(
                new Case("group", group, IMAGE, (x, p) -> grouped(x, p, 3)),
                new Case("layer on images", layer, IMAGE, (x, p) -> grouped(x, p, 1)),
                new Case("layer on sequences", layer, SEQUENCE, (x, p) -> rows(x, p)),
                new Case("layer on vectors", layer, VECTOR, (x, p) -> rows(x, p)),
                new Case("channel on vectors", channel, VECTOR, (x, p) -> rows(x, p)),
                new Case("channel on images", channel, IMAGE, (x, p) -> pixels(x, v -> rows(v, p))),
                new Case("rms on vectors", rms, VECTOR, (x, p) -> rms(x, p)),
                new Case("rms on images", rms, IMAGE, (x, p) -> pixels(x, v -> rms(v, p))));
    }

    private static double[] grouped(double[] x, Map<String, double[]> p, int groups) {
        double[] normal = Reference.normalize(x, x.length / (IMAGE[0] * groups), 1e-3);
        int pixels = IMAGE[2] * IMAGE[3];
        return Reference.affine(normal, p.get("weight"), p.get("bias"), pixels);
    }

    private static double[] rows(double[] x, Map<String, double[]> p) {
        return Reference.affine(Reference.normalize(x, 6, 1e-3), p.get("weight"), p.get("bias"), 1);
    }

    private static double[] rms(double[] x, Map<String, double[]> p) {
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += 6) {
            double squares = 0;
            for (int i = 0; i < 6; i++) {
                squares += x[row + i] * x[row + i];
            }
            for (int i = 0; i < 6; i++) {
                y[row + i] = x[row + i] / Math.sqrt(squares / 6 + 1e-3) * p.get("weight")[i];
            }
        }
        return y;
    }

    /** Applies a function of rows to the channels of each pixel. */
    private static double[] pixels(
            double[] x, java.util.function.UnaryOperator<double[]> function) {
        int area = IMAGE[2] * IMAGE[3];
        return Reference.channelsFirst(
                function.apply(Reference.channelsLast(x, IMAGE[1], area)), IMAGE[1], area);
    }

    private static Stream<Case> pools() {
        Size2d one = Size2d.of(1);
        Size2d two = Size2d.of(2);
        Size2d three = Size2d.of(3);
        Size2d tall = new Size2d(3, 2);
        Size2d none = Size2d.of(0);
        Padding2d sides = new Padding2d.Sides(0, 1, 1, 0);
        Stream<Case> averages =
                Stream.of(
                                new AveragePool2d("", three, two, one, false, true),
                                new AveragePool2d("", three, two, one, false, false),
                                new AveragePool2d("", two, two, none, true, false),
                                new AveragePool2d("", two, two, one, true, false),
                                new AveragePool2d("", three, two, one, true, false),
                                new AveragePool2d("", two, three, none, true, false),
                                new AveragePool2d("", tall, new Size2d(1, 3), none, true, false),
                                new AveragePool2d("", tall, tall, one, false, true),
                                new AveragePool2d("", tall, two, Padding2d.SAME, false, true),
                                new AveragePool2d("", tall, two, Padding2d.SAME, false, false),
                                new AveragePool2d("", three, two, sides, true, false))
                        .map(
                                a ->
                                        new Case(
                                                a.toString(),
                                                a,
                                                IMAGE,
                                                (x, p) -> Reference.averagePool(x, IMAGE, a)));
        Stream<Case> maxima =
                Stream.of(
                                new MaxPool2d("", three, two, one),
                                new MaxPool2d("", tall, two, none),
                                new MaxPool2d("", three, two, one, true),
                                new MaxPool2d("", two, three, none, true),
                                new MaxPool2d("", tall, new Size2d(1, 3), none, true),
                                new MaxPool2d("", three, two, sides, true),
                                new MaxPool2d("", tall, two, Padding2d.SAME))
                        .map(
                                m ->
                                        new Case(
                                                m.toString(),
                                                m,
                                                IMAGE,
                                                (x, p) -> Reference.maxPool(x, IMAGE, m)));
        Stream<Case> adaptive =
                Stream.of(two, three, tall, new Size2d(5, 7), Size2d.of(8), new Size2d(1, 7))
                        .map(
                                size ->
                                        new Case(
                                                "adaptive average " + size,
                                                new AdaptiveAveragePool2d("", size),
                                                IMAGE,
                                                (x, p) ->
                                                        Reference.adaptiveAveragePool(
                                                                x, IMAGE, size)));
        Stream<Case> global =
                Stream.of(
                        new Case(
                                "global mean",
                                new GlobalAveragePool(""),
                                IMAGE,
                                (x, p) -> Reference.overRows(x, 35, s -> s.average())),
                        new Case(
                                "global maximum",
                                new GlobalMaxPool(""),
                                IMAGE,
                                (x, p) -> Reference.overRows(x, 35, s -> s.max())));
        return Stream.of(averages, maxima, adaptive, global).flatMap(s -> s);
    }

    private static Stream<Case> others() {
        LayerSpec squeeze = new SqueezeExcitation("", 2, new InitSpec.XavierNormal());
        Conv2d conv =
                new Conv2d(
                        "",
                        4,
                        new Size2d(3, 2),
                        new Size2d(2, 1),
                        new Size2d(1, 2),
                        new Size2d(1, 2),
                        2,
                        true,
                        InitSpec.HE,
                        0);
        Stream<Case> convolutions =
                Stream.of(
                                conv,
                                conv.withPadding(Padding2d.SAME),
                                conv.withPadding(new Padding2d.Sides(1, 0, 0, 4)))
                        .map(
                                c ->
                                        new Case(
                                                c.toString(),
                                                c,
                                                IMAGE,
                                                (x, p) ->
                                                        Reference.convolve(
                                                                x,
                                                                IMAGE,
                                                                p.get("weight"),
                                                                p.get("bias"),
                                                                c)));
        Stream<Case> rest =
                Stream.of(
                        new Case("squeeze-excitation", squeeze, IMAGE, ReferenceTest::squeezed),
                        new Case(
                                "squeeze-excitation with offsets",
                                new SqueezeExcitation("", 2, true, new InitSpec.XavierNormal()),
                                IMAGE,
                                ReferenceTest::squeezed),
                        gated(MergeSpec.Gated.BOTH),
                        gated(MergeSpec.Gated.SHORTCUT));
        return Stream.concat(convolutions, rest);
    }

    private static double[] squeezed(double[] x, Map<String, double[]> p) {
        double[] mean = Reference.overRows(x, 35, s -> s.average());
        double[] hidden = Reference.linear(mean, p.get("reduce.weight"), p.get("reduce.bias"), 6);
        hidden = Arrays.stream(hidden).map(v -> Math.max(0, v)).toArray();
        double[] bias = p.get("expand.bias");
        double[] expanded = Reference.linear(hidden, p.get("expand.weight"), bias, 8);
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            int gate = i / 35 / 6 * bias.length + i / 35 % 6;
            y[i] = x[i] / (1 + Math.exp(-expanded[gate]));
            y[i] += bias.length > 6 ? expanded[gate + 6] : 0;
        }
        return y;
    }

    private static Case gated(MergeSpec.Gated on) {
        Residual unit =
                Residual.builder("", new Linear("", 6)).merge(new MergeSpec.Gate(on, -2)).build();
        return new Case(
                "gate on " + on,
                unit,
                VECTOR,
                (x, p) -> {
                    double[] f =
                            Reference.linear(x, p.get("branch.weight"), p.get("branch.bias"), 6);
                    double[] g = Reference.linear(x, p.get("gate.weight"), p.get("gate.bias"), 6);
                    double[] y = new double[x.length];
                    for (int i = 0; i < y.length; i++) {
                        double open = 1 / (1 + Math.exp(-g[i]));
                        double branch = on == MergeSpec.Gated.BOTH ? open * f[i] : f[i];
                        y[i] = (1 - open) * x[i] + branch;
                    }
                    return y;
                });
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void computesWhatTheReferenceComputes(EngineChoice engine, Case c) {
        Integer[] sample = Arrays.stream(c.input()).skip(1).boxed().toArray(Integer[]::new);
        long[] dims = Arrays.stream(c.input()).asLongStream().toArray();
        try (Network network =
                        Nets.shaken(
                                Nets.spec(c.layer(), sample),
                                Engines.backend(engine),
                                DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, Seeds.SEED, dims);
            double[] expected = c.expected().of(Tensors.values(x), Nets.values(network.state()));
            assertClose(expected, Tensors.values(network.predict(new NDList(x))), SINGLE, c.name());
        }
    }

    static Stream<Arguments> activations() {
        Map<ActivationSpec, DoubleUnaryOperator> functions = new LinkedHashMap<>();
        functions.put(ActivationSpec.RELU, x -> Math.max(0, x));
        functions.put(new ActivationSpec.Gelu(), x -> x * Reference.normalCdf(x));
        functions.put(
                new ActivationSpec.GeluTanh(),
                x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
        functions.put(new ActivationSpec.Silu(), x -> x / (1 + Math.exp(-x)));
        functions.put(
                new ActivationSpec.Mish(),
                x -> x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))));
        functions.put(new ActivationSpec.Sigmoid(), x -> 1 / (1 + Math.exp(-x)));
        functions.put(new ActivationSpec.Tanh(), Math::tanh);
        functions.put(new ActivationSpec.LeakyRelu(0.2), x -> x > 0 ? x : 0.2 * x);
        functions.put(new ActivationSpec.Elu(0.5), x -> x > 0 ? x : 0.5 * Math.expm1(x));
        DoubleUnaryOperator ramp = x -> Math.min(Math.max(x, 0), 6);
        functions.put(new ActivationSpec.Relu6(), ramp);
        functions.put(new ActivationSpec.HardSigmoid(), x -> ramp.applyAsDouble(x + 3) / 6);
        functions.put(new ActivationSpec.HardTanh(0.75), x -> Math.max(-0.75, Math.min(0.75, x)));
        functions.put(new ActivationSpec.HardSwish(), x -> x * ramp.applyAsDouble(x + 3) / 6);
        functions.put(new ActivationSpec.PRelu(0.25, false), x -> x > 0 ? x : 0.25 * x);
        functions.put(new ActivationSpec.QuickGelu(), x -> x / (1 + Math.exp(-1.702 * x)));
        functions.put(new ActivationSpec.ReluSquared(), x -> x > 0 ? x * x : 0);
        functions.put(
                new ActivationSpec.Selu(),
                x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)));
        functions.put(
                new ActivationSpec.Softplus(),
                x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
        return Engines.all().stream()
                .flatMap(
                        e ->
                                functions.entrySet().stream()
                                        .map(f -> Arguments.of(e, f.getKey(), f.getValue())));
    }

    /** From far below 0, where exponentials vanish, to far above, where they overflow. */
    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("activations")
    void activatesAnyNumber(
            EngineChoice engine, ActivationSpec activation, DoubleUnaryOperator function) {
        double[] x = {-200, -95, -20, -5, -1.5, -0.1, 0.1, 1.5, 5, 20, 95, 200};
        double[] y = Arrays.stream(x).map(function).toArray();
        double h = 1e-4;
        double[] slope =
                Arrays.stream(x)
                        .map(
                                v ->
                                        (function.applyAsDouble(v + h)
                                                        - function.applyAsDouble(v - h))
                                                / (2 * h))
                        .toArray();
        try (Network network =
                        Network.create(
                                Nets.spec(new Activation("", activation), x.length),
                                Engines.backend(engine),
                                0);
                NDManager manager = network.backend().newManager()) {
            Shape shape = new Shape(1, x.length);
            NDArray in = Tensors.create(manager, x, shape, DataType.FLOAT32);
            double[] actual = Tensors.values(network.predict(new NDList(in)));
            double[] gradient = Nets.gradients(network, in, true, manager.ones(shape)).get("");
            for (int i = 0; i < x.length; i++) {
                String at = "at " + x[i];
                assertEquals(y[i], actual[i], 2e-6 * Math.max(1, Math.abs(y[i])), at);
                assertEquals(slope[i], gradient[i], 1e-5, "slope " + at);
            }
        }
    }

    @EachEngine
    void zeroPaddingTakesEveryOtherPixelAndPadsOnBothSides(EngineChoice engine) {
        zeroPads(engine, false, 1);
    }

    @EachEngine
    void zeroPaddingAfter(EngineChoice engine) {
        zeroPads(engine, true, 0);
    }

    private static void zeroPads(EngineChoice engine, boolean allAfter, int before) {
        // A branch of zeros leaves the shortcut: 6 to 9 channels, 5x7 to 3x4 pixels.
        Conv2d zero =
                Conv2d.of(9, 1)
                        .with()
                        .stride(Size2d.of(2))
                        .bias(false)
                        .init(new InitSpec.Constant(0))
                        .build();
        Residual unit =
                Residual.builder("", zero).shortcut(new ShortcutSpec.ZeroPad(allAfter)).build();
        try (Network network =
                        Network.create(Nets.spec(unit, 6, 5, 7), Engines.backend(engine), 0);
                NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, Seeds.SEED, 2, 6, 5, 7);
            double[] in = Tensors.values(x);
            double[] expected = new double[2 * 9 * 3 * 4];
            for (int i = 0; i < expected.length; i++) {
                int column = i % 4;
                int row = i / 4 % 3;
                int channel = i / 12 % 9 - before;
                int sample = i / 108;
                expected[i] =
                        channel < 0 || channel >= 6
                                ? 0
                                : in[((sample * 6 + channel) * 5 + 2 * row) * 7 + 2 * column];
            }
            assertClose(expected, Tensors.values(network.predict(new NDList(x))), 0, "pixels");
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("normShapes")
    void batchNormFollowsPyTorchsDefinition(EngineChoice engine, List<Integer> shape) {
        double momentum = 0.3;
        double eps = 1e-3;
        Normalization norm = new Normalization("", new NormSpec.Batch(eps, momentum, 1));
        int[] dims = shape.stream().mapToInt(i -> i).toArray();
        int c = dims.length == 4 ? dims[1] : dims[dims.length - 1];
        int area = dims.length == 4 ? dims[2] * dims[3] : 1;
        try (Network network =
                        Nets.shaken(
                                Nets.spec(
                                        norm,
                                        shape.subList(1, shape.size()).toArray(Integer[]::new)),
                                Engines.backend(engine),
                                DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDArray x =
                    Tensors.random(
                            manager, Seeds.SEED, Arrays.stream(dims).asLongStream().toArray());
            Map<String, double[]> before = Nets.values(network.state());
            double[] columns = Reference.channelRows(Tensors.values(x), c, area);
            int n = columns.length / c;
            double[] expectedMean = new double[c];
            double[] expectedVar = new double[c];
            for (int k = 0; k < c; k++) {
                double[] row = Arrays.copyOfRange(columns, k * n, (k + 1) * n);
                double mean = Arrays.stream(row).average().orElseThrow();
                double squares = Arrays.stream(row).map(v -> (v - mean) * (v - mean)).sum();
                expectedMean[k] = (1 - momentum) * before.get("running_mean")[k] + momentum * mean;
                expectedVar[k] =
                        (1 - momentum) * before.get("running_var")[k]
                                + momentum * squares / (n - 1);
            }
            double[] normal = Reference.normalize(columns, n, eps);
            double[] expected =
                    Reference.affine(normal, before.get("weight"), before.get("bias"), n);
            double[] actual;
            try (GradientCollector collector = network.backend().newGradientCollector()) {
                actual = Tensors.values(network.forward(new NDList(x), true));
            }
            assertClose(expected, Reference.channelRows(actual, c, area), SINGLE, "output");
            Map<String, double[]> after = Nets.values(network.state());
            assertClose(expectedMean, after.get("running_mean"), SINGLE, "running mean");
            assertClose(expectedVar, after.get("running_var"), SINGLE, "running variance");
            frozen(network, x, c, area, eps);
        }
    }

    private static void frozen(Network network, NDArray x, int c, int area, double eps) {
        network.freeze("*");
        Map<String, double[]> before = Nets.values(network.state());
        double[] columns = Reference.channelRows(Tensors.values(x), c, area);
        int n = columns.length / c;
        double[] expected = new double[columns.length];
        for (int i = 0; i < expected.length; i++) {
            int k = i / n;
            expected[i] =
                    (columns[i] - before.get("running_mean")[k])
                                    / Math.sqrt(before.get("running_var")[k] + eps)
                                    * before.get("weight")[k]
                            + before.get("bias")[k];
        }
        double[] recorded;
        try (GradientCollector collector = network.backend().newGradientCollector()) {
            recorded = Tensors.values(network.forward(new NDList(x), true));
        }
        double[] unrecorded = Tensors.values(network.forward(new NDList(x), true));
        assertClose(expected, Reference.channelRows(recorded, c, area), SINGLE, "frozen");
        assertClose(expected, Reference.channelRows(unrecorded, c, area), SINGLE, "not recorded");
        Nets.values(network.state())
                .forEach((path, v) -> assertClose(before.get(path), v, 0, path));
    }

    static Stream<Arguments> normShapes() {
        return Engines.with(List.of(List.of(5, 3), List.of(2, 4, 3), List.of(2, 3, 4, 5)));
    }

    @EachEngine
    void batchNormNeedsTwoValuesAChannelToTrain(EngineChoice engine) {
        try (Network network =
                        Network.create(
                                Nets.spec(new Normalization("", NormSpec.BATCH), 3),
                                Engines.backend(engine),
                                0);
                NDManager manager = network.backend().newManager()) {
            NDList x = new NDList(Tensors.random(manager, Seeds.SEED, 1, 3));
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> network.forward(x, true));
            assertTrue(e.getMessage().contains("(1, 3)"), e.getMessage());
            network.freeze("*");
            assertEquals(new Shape(1, 3), network.forward(x, true).getShape());
        }
    }
}
