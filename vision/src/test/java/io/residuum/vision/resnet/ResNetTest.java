package io.residuum.vision.resnet;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.model.Summary;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.Sequential;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Presets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Seeds.class)
class ResNetTest {
    private static final List<Preset> PRESETS = new ResNetPresets().presets();

    static List<Preset> presets() {
        return PRESETS;
    }

    private static ModelSpec preset(String name) {
        return Presets.named(PRESETS, name);
    }

    private static ModelSpec resized(ModelSpec spec, int size) {
        return new ModelSpec(
                spec.name(),
                new InputSpec.Image(List.of(3, size, size), List.of(), List.of()),
                spec.network());
    }

    private static NDArray images(NDManager manager, Network network, int batch) {
        long[] dims = network.block().inputShape().getShape().clone();
        dims[0] = batch;
        return Tensors.random(manager, Seeds.SEED, dims);
    }

    /** SchemaTest of the docs module reads the expansions of all presets. */
    @ParameterizedTest
    @ValueSource(strings = {"resnet18", "resnet20-b", "seresnet50", "resnetv2-50", "plain20"})
    void expandedJsonIsTheSameNetwork(String name) {
        Presets.requireSameFromJson(preset(name));
    }

    /** {@code torch.nn.MaxPool2d(3, 2, ceil_mode=True)} of {@code arange(side ** 2)}. */
    @ParameterizedTest
    @CsvSource({"4, 10 11 14 15", "5, 12 14 22 24"})
    void ceilMaxRoundsUp(int side, String expected) {
        Sequential stem =
                (Sequential) Stem.IMAGENET.expand(1, ResNetUnit.ORIGINAL, Stem.Pool.CEIL_MAX);
        int last = stem.layers().size();
        ModelSpec pool =
                Nets.spec(
                        new Sequential("pool", stem.layers().subList(last - 2, last)),
                        1,
                        side,
                        side);
        for (Backend backend : Engines.both()) {
            try (Network network = Network.create(pool, backend, Seeds.SEED);
                    NDManager manager = backend.newManager()) {
                NDArray x =
                        manager.arange(side * side)
                                .reshape(1, 1, side, side)
                                .toType(DataType.FLOAT32, true);
                double[] wanted =
                        Arrays.stream(expected.split(" "))
                                .mapToDouble(Double::parseDouble)
                                .toArray();
                assertArrayEquals(wanted, Tensors.values(network.predict(new NDList(x))), 1e-6);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "resnet18, 64",
        "resnet20, 32",
        "resnet20-b, 32",
        "plain20, 32",
        "preact-resnet164, 32",
        "resnext50-32x4d, 64",
        "seresnet50, 64",
        "resnetv2-50, 64",
        "resnet50d, 64"
    })
    void enginesAgree(String name, int size) {
        List<double[]> outputs = new ArrayList<>();
        for (Backend backend : Engines.both()) {
            try (Network network =
                            Network.create(resized(preset(name), size), backend, Seeds.SEED);
                    NDManager manager = backend.newManager()) {
                NDArray x = images(manager, network, 2);
                outputs.add(Tensors.values(network.predict(new NDList(x))));
            }
        }
        double[] expected = outputs.get(1);
        // Relative to the logits themselves, which fresh networks may make small or large.
        double largest = Tensors.largest(expected);
        assertTrue(largest > 1e-3 && Double.isFinite(largest), "logits " + largest);
        assertClose(scaled(expected, largest), scaled(outputs.get(0), largest), 1e-4, name);
    }

    private static double[] scaled(double[] values, double unit) {
        return Arrays.stream(values).map(v -> v / unit).toArray();
    }

    static Stream<Arguments> variants() {
        List<ModelSpec> variants = new ArrayList<>();
        for (ActivationOrder order : ActivationOrder.values()) {
            for (ShortcutPolicy policy : ShortcutPolicy.values()) {
                for (ResNetUnit.Kind kind :
                        List.of(ResNetUnit.Kind.BASIC, ResNetUnit.Kind.BOTTLENECK)) {
                    int depth = kind == ResNetUnit.Kind.BASIC ? 14 : 20;
                    ResNet net =
                            ResNet.cifar(
                                    depth,
                                    ResNetUnit.ORIGINAL.withOrder(order).withKind(kind),
                                    policy);
                    InputSpec input = new InputSpec.Image(List.of(3, 9, 8), List.of(), List.of());
                    variants.add(
                            new ModelSpec(
                                    order + " " + policy + " " + kind, input, net.withWidth(4)));
                }
            }
        }
        return Engines.with(variants);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("variants")
    void everyOrderWithEveryShortcutTrains(EngineChoice engine, ModelSpec spec) {
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDArray x = images(manager, network, 3);
            NDArray weights = Tensors.random(manager, Seeds.SEED, 3, 10);
            Nets.gradients(network, x, true, weights)
                    .forEach(
                            (path, g) -> {
                                assertTrue(Arrays.stream(g).allMatch(Double::isFinite), path);
                                assertTrue(Tensors.largest(g) > 0, "no gradient: " + path);
                            });
            double[] y = Tensors.values(network.predict(new NDList(x)));
            assertEquals(30, y.length);
            assertTrue(Arrays.stream(y).allMatch(Double::isFinite));
        }
    }

    @EachEngine
    void twelveHundredLayersTrainAStep(EngineChoice engine) {
        ModelSpec spec = resized(preset("resnet1202"), 8);
        assertTrue(Summary.of(spec).toString().contains("19,421,274 parameters"));
        try (Network network = Network.create(spec, Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            NDArray x = images(manager, network, 2);
            NDArray weights = Tensors.random(manager, Seeds.SEED, 2, 10);
            Map<String, double[]> gradients = Nets.gradients(network, x, true, weights);
            for (String path : List.of("stem.conv.weight", "stage3.199.branch.conv2.weight")) {
                double[] g = gradients.get(path);
                assertTrue(Arrays.stream(g).allMatch(Double::isFinite), path);
                assertTrue(Tensors.largest(g) > 0, path);
            }
        }
    }

    @EachEngine
    void aNewHeadKeepsTheBody(EngineChoice engine) {
        for (String name : List.of("resnet20", "preact-resnet164")) {
            try (Network network =
                    Nets.shaken(preset(name), Engines.backend(engine), DataType.FLOAT32)) {
                Map<String, double[]> before = Nets.values(network.state());
                network.resetHead(3, 1);
                Map<String, double[]> after = Nets.values(network.state());
                assertEquals(3, network.outputShape().get(1));
                assertEquals(before.keySet(), after.keySet());
                after.forEach(
                        (path, v) -> {
                            if (!path.startsWith("head.fc.")) {
                                assertArrayEquals(before.get(path), v, path);
                            }
                        });
            }
        }
    }

    /** Paths are what checkpoints are read by: a change here breaks every saved network. */
    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "resnet50", "preact-resnet164"})
    void pathsAndShapesArePinned(String name) {
        String listed =
                preset(name).newBlock().namedParameters().entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue().getShape() + "\n")
                        .collect(Collectors.joining());
        assertEquals(resource(name + ".parameters.txt"), listed);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void rowsOfTheSummaryAddUp(Preset preset) {
        Summary summary = Summary.of(preset.spec());
        List<Cost> rows = summary.rows().stream().map(Summary.Row::own).toList();
        assertEquals(
                summary.total().activationBytes(),
                rows.stream().mapToLong(Cost::activationBytes).sum());
        assertEquals(summary.total().macs(), rows.stream().mapToLong(Cost::macs).sum());
    }

    @Test
    void theSummaryOfResnet20() {
        String summary = Summary.of(preset("resnet20")).toString();
        assertEquals(resource("resnet20.summary.txt"), summary.replace("\r\n", "\n"));
    }

    private static String resource(String name) {
        try (InputStream in = ResNetTest.class.getResourceAsStream(name)) {
            return new String(
                            Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8)
                    .replace("\r\n", "\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
