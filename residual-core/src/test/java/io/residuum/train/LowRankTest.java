package io.residuum.train;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Adapters;
import io.residuum.model.ModelFiles;
import io.residuum.model.Network;
import io.residuum.optim.LearningRates;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ParameterGroups;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Low-rank branches begin as the identity, are trained alone, and merge into the weights. */
class LowRankTest {
    private static final SpecJson JSON = SpecJson.standard();

    /** Convolutions with and without bias, groups, stride and dilation, and linear layers. */
    private static final ModelSpec PLAIN =
            JSON.parse(
                    """
                    {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [3, 8, 8]},
                     "network": [
                       {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "padding": 1},
                       {"type": "residual", "name": "unit", "shortcut": "projection",
                        "branch": [{"type": "conv2d", "name": "conv", "filters": 8, "kernel": 3,
                                    "stride": 2, "padding": 2, "dilation": 2, "groups": 2, "bias": false}],
                        "after": {"norm": "batch", "activation": "relu"}},
                       {"type": "globalAveragePool"},
                       {"type": "linear", "name": "hidden", "units": 6}, {"type": "activation"},
                       {"type": "linear", "name": "head", "units": 4, "bias": false}]}
                    """,
                    "net",
                    ModelSpec.class);

    private static final float[] IMAGES = new float[4 * 3 * 64];

    static {
        double[] drawn = Tensors.draw(8, IMAGES.length);
        for (int i = 0; i < IMAGES.length; i++) {
            IMAGES[i] = (float) drawn[i];
        }
    }

    private static final LowRank LORA =
            new LowRank(
                    "lora",
                    List.of("*"),
                    4,
                    6,
                    0.2,
                    LowRank.Scaling.SQRT_RANK,
                    LowRank.Method.LORA);

    static Stream<Arguments> adapters() {
        LowRank dora = LORA.withMethod(LowRank.Method.DORA).withName("dora");
        return Engines.with(List.of(List.of(LORA), List.of(dora), List.of(LORA, dora)));
    }

    private static Network plain(EngineChoice engine) {
        return Nets.shaken(PLAIN, Engines.backend(engine), DataType.FLOAT32);
    }

    private static float[] predict(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            return network.predict(new NDList(Tensors.random(manager, 5, 2, 3, 8, 8)))
                    .toFloatArray();
        }
    }

    private static void compile(Network network) {
        network.compile(CompileOptions.DEFAULT, Assertions::fail);
    }

    private static void shake(Network network, String pattern) {
        Map<String, Supplier<float[]>> shaken = new LinkedHashMap<>();
        network.parameters(pattern)
                .forEach(
                        (path, p) -> {
                            float[] values = p.getArray().toFloatArray();
                            double[] noise = Tensors.draw(path.hashCode(), values.length);
                            for (int i = 0; i < values.length; i++) {
                                values[i] += 0.3f * (float) noise[i];
                            }
                            shaken.put(path, () -> values);
                        });
        network.loadValues(shaken);
    }

    private static double[] doubles(float[] values) {
        double[] all = new double[values.length];
        Arrays.setAll(all, i -> values[i]);
        return all;
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void beginsAsTheIdentityToTheBitAndMerges(EngineChoice engine, List<LowRank> adapters) {
        try (Network network = plain(engine)) {
            float[] before = predict(network);
            adapters.forEach(adapter -> Adapters.add(network, adapter, 3));
            assertArrayEquals(before, predict(network));
            compile(network);
            // A program without branches folds norms into weights, and rounds differently.
            assertClose(doubles(before), doubles(predict(network)), 1e-6, "compiled");
            shake(network, "*ora.*");
            double[] changed = doubles(predict(network));
            assertThrows(
                    AssertionError.class,
                    () -> assertClose(doubles(before), changed, 0.1, "changed"));
            Adapters.merge(network);
            assertEquals(PLAIN, network.spec());
            assertClose(changed, doubles(predict(network)), 1e-6, "merged");
            assertThrows(SpecException.class, () -> Adapters.merge(network));
        }
    }

    /** Rows of zeros, such as those of a head before training, have no direction. */
    @EachEngine
    void lengthsOfRowsOfZerosAreNoNaN(EngineChoice engine) {
        LowRank dora = LORA.withMethod(LowRank.Method.DORA).withDropout(0);
        try (Network network = plain(engine);
                NDManager manager = network.backend().newManager()) {
            network.loadValues(Map.of("head.weight", () -> new float[4 * 6]));
            float[] before = predict(network);
            Adapters.add(network, dora, 3);
            assertArrayEquals(before, predict(network));
            NDArray x = Tensors.random(manager, 5, 2, 3, 8, 8);
            Nets.gradients(network, x, true, Tensors.random(manager, 6, 2, 4))
                    .forEach(
                            (path, gradient) ->
                                    assertTrue(
                                            Arrays.stream(gradient).allMatch(Double::isFinite),
                                            path));
            Adapters.merge(network);
            assertClose(doubles(before), doubles(predict(network)), 1e-6, "merged");
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void gradientsAreThoseOfFiniteDifferences(EngineChoice engine, List<LowRank> adapters) {
        List<LowRank> still = adapters.stream().map(a -> a.withDropout(0)).toList();
        ModelSpec spec = PLAIN.withAdapters(still);
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT64);
                NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, 5, 2, 3, 8, 8).toType(DataType.FLOAT64, true);
            NDArray weights = Tensors.random(manager, 6, 2, 4).toType(DataType.FLOAT64, true);
            Map<String, double[]> gradients = Nets.gradients(network, x, false, weights);
            network.parameters("*ora.*")
                    .forEach(
                            (path, p) -> {
                                double[] values = Tensors.values(p.getArray());
                                double h = 1e-6;
                                double above = loss(network, p, values, h, x, weights);
                                double below = loss(network, p, values, -h, x, weights);
                                Tensors.set(p.getArray(), values);
                                assertEquals(
                                        (above - below) / (2 * h),
                                        Objects.requireNonNull(gradients.get(path))[0],
                                        1e-6,
                                        path);
                            });
        }
    }

    private static double loss(
            Network network, Parameter p, double[] values, double h, NDArray x, NDArray weights) {
        double[] moved = values.clone();
        moved[0] += h;
        Tensors.set(p.getArray(), moved);
        return Tensors.values(network.forward(new NDList(x), false).mul(weights).sum())[0];
    }

    @EachEngine
    void onlyTheBranchesAreTrained(EngineChoice engine) {
        for (boolean compile : new boolean[] {false, true}) {
            try (Network network = plain(engine)) {
                Adapters.add(network, LORA, 3);
                Recipe recipe =
                        Recipe.builder()
                                .trainOnly(List.of(LORA.parameters()))
                                .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0.01))
                                .compile(compile)
                                .build();
                recipe.freeze(network);
                Map<String, double[]> before = Nets.values(network.state());
                try (TrainingStep step = new TrainingStep(network, recipe, note -> fail(note))) {
                    int held = 0;
                    for (int i = 0; i < 6; i++) {
                        step.backward(IMAGES, new int[] {0, 1, 2, 3}, null, 1);
                        step.update(0.01);
                        step.poll(0);
                        int now = network.backend().manager().getManagedArrays().size();
                        assertTrue(i < 3 || now == held, held + " to " + now);
                        held = now;
                    }
                }
                Map<String, double[]> after = Nets.values(network.state());
                before.forEach(
                        (path, values) ->
                                assertEquals(
                                        path.contains(".lora."),
                                        !Arrays.equals(values, after.get(path)),
                                        path));
                try (ParameterGroups groups =
                        new ParameterGroups(
                                network,
                                LearningRates.of(network, 1, List.of()),
                                false,
                                List.of())) {
                    assertTrue(groups.all().stream().allMatch(t -> t.path().contains(".lora.")));
                }
            }
        }
    }

    @EachEngine
    void isSavedWithTheModelAndFollowsItsHead(EngineChoice engine, @TempDir Path folder) {
        Backend backend = Engines.backend(engine);
        try (Network network = plain(engine)) {
            Adapters.add(network, LORA, 3);
            shake(network, "*.lora.*");
            Path file = folder.resolve("net.safetensors");
            network.save(file);
            try (Network loaded = Network.load(file, backend)) {
                assertEquals(network.spec(), loaded.spec());
                assertArrayEquals(predict(network), predict(loaded));
                Map<String, double[]> before = Nets.values(loaded.state());
                loaded.resetHead(7, 1);
                Map<String, double[]> after = new TreeMap<>(Nets.values(loaded.state()));
                assertEquals(7, loaded.outputShape().get(1));
                after.forEach(
                        (path, values) ->
                                assertEquals(
                                        !path.startsWith("head."),
                                        Arrays.equals(values, before.get(path)),
                                        path));
            }
        }
    }

    /** The paths of a network that is one layer begin with the names of its parameters. */
    @EachEngine
    void adaptsANetworkThatIsOneLayer(EngineChoice engine) {
        ModelSpec linear = Nets.spec(new Linear("", 3), 5);
        try (Network network = Nets.shaken(linear, Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, 5, 2, 5);
            Adapters.add(network, LORA.withDropout(0), 3);
            Set<String> adapted = network.parameters(LORA.parameters()).keySet();
            assertEquals(Set.of("lora.A.weight", "lora.B.weight"), adapted);
            shake(network, LORA.parameters());
            double[] changed = Tensors.values(network.predict(new NDList(x)));
            Adapters.merge(network);
            assertEquals(Set.of("weight", "bias"), network.parameters().keySet());
            assertClose(changed, Tensors.values(network.predict(new NDList(x))), 1e-6, "merged");
        }
    }

    @Test
    void jsonOmitsAnEmptyListAndKeepsSettings() {
        assertFalse(JSON.writeAll(PLAIN).contains("adapters"));
        ModelSpec adapted = PLAIN.withAdapters(List.of(LORA));
        assertEquals(adapted, JSON.parse(JSON.write(adapted), "again", ModelSpec.class));
        assertEquals(adapted, JSON.parse(JSON.writeAll(adapted), "again", ModelSpec.class));
        assertFalse(ModelFiles.fingerprint(PLAIN).equals(ModelFiles.fingerprint(adapted)));
        assertEquals(3.0, LORA.scale());
    }

    @Test
    void refusesWhatItCannotAdapt() {
        assertRefused(LORA.withTargets(List.of("nothing.*")), "use paths like [stem, ");
        assertRefused(LORA.withRank(3), "the rank must be a multiple of the 2 groups, got 3");
        assertThrows(
                SpecException.class, () -> PLAIN.withAdapters(List.of(LORA, LORA.withRank(1))));
        ModelSpec standardized =
                Nets.spec(new WeightStandardizedConv2d("stem", Conv2d.of(8, 3), 1e-5), 3, 8, 8);
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> standardized.withAdapters(List.of(LORA)).newBlock());
        assertTrue(String.valueOf(e.getMessage()).contains("standardizes it"), e.getMessage());
    }

    private static void assertRefused(LowRank adapter, String message) {
        SpecException e =
                assertThrows(
                        SpecException.class, () -> PLAIN.withAdapters(List.of(adapter)).newBlock());
        assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
    }

    @Test
    void startsFromTheSameValuesOnBothEngines() {
        List<Map<String, double[]>> values =
                Engines.both().stream()
                        .map(
                                backend -> {
                                    try (Network network =
                                            Network.create(
                                                    PLAIN.withAdapters(List.of(LORA)),
                                                    backend,
                                                    Seeds.SEED)) {
                                        return Nets.values(network.parameters("*.lora.*"));
                                    }
                                })
                        .toList();
        values.get(0).forEach((path, v) -> assertArrayEquals(v, values.get(1).get(path), path));
    }
}
