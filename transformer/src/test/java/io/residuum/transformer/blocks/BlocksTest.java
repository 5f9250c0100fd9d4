package io.residuum.transformer.blocks;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.residual.DropPath;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.seq2seq.EncoderDecoderTransformer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocksTest {
    private static final NormSpec NORM = NormSpec.LAYER;
    private static final FeedForward MLP =
            FeedForward.plain(2, ActivationSpec.RELU, 0, new InitSpec.XavierNormal());

    private static TransformerBlocks blocks(int depth, NormPlacement placement) {
        return TransformerBlocks.of(depth, Attention.builder(2).build(), MLP, NORM, placement);
    }

    private static Residual unit(TransformerBlocks blocks, int block, int unit) {
        List<LayerSpec> all = ((Sequential) blocks.expand()).layers();
        return (Residual) ((Sequential) all.get(block)).layers().get(unit);
    }

    @Test
    void deepNormTakesItsConstantsFromTheDepth() {
        Residual unit = unit(blocks(8, new NormPlacement.DeepNorm(0, 0)), 3, 0);
        assertEquals(new MergeSpec.Add(2, 1), unit.merge());
        double beta = Math.pow(64, -0.25);
        Attention.Projection maps = ((Attention) unit.branch()).projection();
        assertEquals(beta, maps.valueGain(), 1e-12);
        assertEquals(beta, maps.outputGain(), 1e-12);
        FeedForward mlp =
                (FeedForward) unit(blocks(8, new NormPlacement.DeepNorm(0, 0)), 3, 1).branch();
        assertEquals(beta, mlp.gain(), 1e-12);
        assertEquals(
                new MergeSpec.Add(1.5, 1),
                unit(blocks(8, new NormPlacement.DeepNorm(1.5, 0.2)), 0, 0).merge());
    }

    @EachEngine
    void aGainMultipliesValuesAndOutputsOnly(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Attention plain = Attention.builder(2).build();
        Attention small = plain.withGain(0.25);
        try (Network a = Network.create(Nets.spec(plain, 3, 8), backend, 1);
                Network b = Network.create(Nets.spec(small, 3, 8), backend, 1)) {
            double[] before = Nets.values(a.parameters()).get("qkv.weight");
            double[] after = Nets.values(b.parameters()).get("qkv.weight");
            int values = 2 * 8 * 8;
            assertClose(Arrays.copyOf(before, values), Arrays.copyOf(after, values), 0, "q and k");
            for (int i = values; i < before.length; i++) {
                assertEquals(before[i] / 4, after[i], 1e-7);
            }
        }
    }

    @Test
    void dropPathGrowsWithDepth() {
        StochasticDepth schedule =
                new StochasticDepth(
                        0.3,
                        StochasticDepth.Schedule.LINEAR_FROM_ZERO,
                        DropPath.Mode.SAMPLE,
                        DropPath.Rescale.TRAINING);
        TransformerBlocks all =
                blocks(4, NormPlacement.PRE)
                        .withScale(new ScaleSpec.Learned(1e-5, true))
                        .withStochasticDepth(schedule);
        assertEquals(0, unit(all, 0, 1).dropPath().rate());
        assertEquals(0.1, unit(all, 1, 0).dropPath().rate(), 1e-12);
        assertEquals(0.3, unit(all, 3, 1).dropPath().rate(), 1e-12);
    }

    @Test
    void pathsOfUnitsAreApi() {
        ModelSpec side = Nets.spec(blocks(1, new NormPlacement.Parallel()), 3, 8);
        assertEquals(
                List.of(
                        "0.before.norm.weight",
                        "0.before.norm.bias",
                        "0.branch.attention.qkv.weight",
                        "0.branch.attention.qkv.bias",
                        "0.branch.attention.output.weight",
                        "0.branch.attention.output.bias",
                        "0.branch.mlp.up.weight",
                        "0.branch.mlp.up.bias",
                        "0.branch.mlp.down.weight",
                        "0.branch.mlp.down.bias"),
                List.copyOf(side.newBlock().namedParameters().keySet()));
        ModelSpec pre = Nets.spec(blocks(2, NormPlacement.PRE), 3, 8);
        assertTrue(
                pre.newBlock()
                        .namedParameters()
                        .keySet()
                        .containsAll(
                                List.of(
                                        "1.attention.before.norm.weight",
                                        "1.attention.branch.qkv.weight",
                                        "1.mlp.branch.down.bias")));
    }

    private static final ModelSpec TRANSLATOR =
            new ModelSpec(
                    "translator",
                    new InputSpec.Tokens(6, 13),
                    new EncoderDecoderTransformer("", 13, 8, 2, 2, 16, NormPlacement.POST, 0));

    private static NDArray named(String name, NDArray array) {
        array.setName(name);
        return array;
    }

    @EachEngine
    void aDecoderSeesTheWholeSourceAndItsOwnPast(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(TRANSLATOR, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray target = manager.create(new long[] {1, 2, 3, 4}, new Shape(1, 4));
            NDArray changed = manager.create(new long[] {1, 2, 3, 9}, new Shape(1, 4));
            NDArray source = manager.create(new long[] {5, 6, 7, 8, 9}, new Shape(1, 5));
            named(EncoderDecoder.SOURCE, source);
            double[] y = Tensors.values(network.predict(new NDList(target, source)));
            double[] z = Tensors.values(network.predict(new NDList(changed, source)));
            int past = 3 * 13;
            assertClose(Arrays.copyOf(y, past), Arrays.copyOf(z, past), 1e-6, "the past");
            assertNotEquals(y[past], z[past], 1e-4);
            // The last word of the source changes the first of the target.
            NDArray other = manager.create(new long[] {5, 6, 7, 8, 10}, new Shape(1, 5));
            named(EncoderDecoder.SOURCE, other);
            double[] w = Tensors.values(network.predict(new NDList(target, other)));
            assertNotEquals(y[0], w[0], 1e-5);
        }
    }

    @EachEngine
    void paddingOfASourceChangesNothing(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(TRANSLATOR, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray target = manager.create(new long[] {1, 2, 3}, new Shape(1, 3));
            NDArray source = manager.create(new long[] {5, 6, 7}, new Shape(1, 3));
            NDArray padded = manager.create(new long[] {5, 6, 7, 0, 0}, new Shape(1, 5));
            NDArray mask = manager.create(new long[] {1, 1, 1, 0, 0}, new Shape(1, 5));
            named(EncoderDecoder.SOURCE, source);
            named(EncoderDecoder.SOURCE, padded);
            named(EncoderDecoder.SOURCE_MASK, mask);
            double[] alone = Tensors.values(network.predict(new NDList(target, source)));
            double[] beside = Tensors.values(network.predict(new NDList(target, padded, mask)));
            assertClose(alone, beside, 1e-5, "padded");
            String missing =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> network.predict(new NDList(target)))
                            .getMessage();
            assertTrue(missing.contains("\"source\""), missing);
        }
    }

    @EachEngine
    void droppedSamplesTakeTheirMasksWithThem(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        StochasticDepth half =
                new StochasticDepth(
                        0.5,
                        StochasticDepth.Schedule.CONSTANT,
                        DropPath.Mode.KEPT_SAMPLES,
                        DropPath.Rescale.NEVER);
        ModelSpec spec = Nets.spec(blocks(2, NormPlacement.PRE).withStochasticDepth(half), 3, 8);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager();
                var collector = backend.newGradientCollector()) {
            NDArray x = Tensors.random(manager, 1, 6, 3, 8);
            float[] flags = new float[6 * 3];
            Arrays.fill(flags, 1);
            flags[2] = 0;
            NDArray mask = named(Attention.MASK, manager.create(flags, new Shape(6, 3)));
            NDArray y = network.forward(new NDList(x, mask), true);
            assertEquals(new Shape(6, 3, 8), y.getShape());
            assertTrue(Double.isFinite(Tensors.largest(Tensors.values(y))));
        }
    }

    @EachEngine
    void aClassTokenSeesTheOpenPositionsAndLeavesThemAsTheyAre(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        ClassBlocks stage =
                new ClassBlocks(
                        "",
                        2,
                        Attention.builder(2).build(),
                        MLP,
                        NORM,
                        new ScaleSpec.Learned(1, true),
                        new InitSpec.TruncatedNormal(0.02));
        try (Network network = Nets.shaken(Nets.spec(stage, 4, 8), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            assertEquals(new Shape(-1, 1, 8), network.outputShape());
            double[] values = Tensors.draw(3, 2 * 4 * 8);
            NDArray x = Tensors.create(manager, values, new Shape(2, 4, 8), DataType.FLOAT32);
            double[] all = Tensors.values(network.predict(new NDList(x)));
            // The order of positions means nothing to it.
            double[] turned = Tensors.values(network.predict(new NDList(x.flip(1))));
            assertClose(all, turned, 1e-5, "turned");
            float[] flags = {1, 1, 1, 0, 1, 1, 1, 0};
            NDArray mask = named(Attention.MASK, manager.create(flags, new Shape(2, 4)));
            double[] masked = Tensors.values(network.predict(new NDList(x, mask)));
            double[] alone = Tensors.values(network.predict(new NDList(x.get(":, 0:3"))));
            assertClose(alone, masked, 1e-5, "padded");
            assertNotEquals(all[0], masked[0], 1e-5);
        }
    }

    @Test
    void onlyTheFirstAskWherePositionsMeanNothing() {
        Attention causal = Attention.builder(2).causal(true).window(3).build();
        assertEquals(Attention.builder(2).build().ofFirst(1), causal.ofFirst(1));
        ModelSpec many = Nets.spec(causal.ofFirst(4), 3, 8);
        String message = assertThrows(SpecException.class, many::newBlock).getMessage();
        assertTrue(message.contains("at most the input's 3 positions, got 4"), message);
    }

    /** Blocks after the first have no table to share if the first has other positions. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'attention': {'heads': 2}, 'exceptions': [{'blocks': [1], 'position':"
                        + " 'relative'}]; must be that of block 0",
                "'attention': {'heads': 2, 'position': 'relative'}, 'exceptions': [{'blocks': [1],"
                        + " 'position': {'type': 'relative', 'buckets': 8}}]; in block 1",
                "'attention': {'heads': 2}, 'placement': 'parallel', 'exceptions': [{'blocks':"
                        + " [0], 'position': 'relative'}]; or set perBlock of relative positions",
                "'attention': {'heads': 2, 'position': {'type': 'disentangled', 'maxDistance': 8}},"
                        + " 'placement': 'parallel'; must not be parallel with disentangled",
            })
    void relativePositionsAreThoseOfTheFirstBlock(String settings, String message) {
        String json =
                "{'type': 'transformerBlocks', 'depth': 2, 'feedForward': {'ratio': 2}, %s}"
                        .formatted(settings)
                        .replace('\'', '"');
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(json, "a test", LayerSpec.class));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
