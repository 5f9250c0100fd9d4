package io.residuum.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.residual.LayeredShortcut;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Mean;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.BlurPool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Embedding;
import io.residuum.spec.layers.Flatten;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.L2Normalize;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.attention.AttentionPool2d;
import io.residuum.spec.layers.spatial.Conv1d;
import io.residuum.spec.layers.spatial.Permute;
import io.residuum.spec.layers.spatial.Reshape;
import io.residuum.testing.Nets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks whose layers do not fit together: the message says where, what was found, the fix. */
class BuildErrorsTest {
    private static final String EMBED = ": put an embedding before it";

    private static Arguments image(String message, LayerSpec layer) {
        return Arguments.of(message, Nets.spec(new Sequential("", named(layer)), 4, 8, 8));
    }

    private static Arguments vector(String message, LayerSpec layer) {
        return Arguments.of(message, Nets.spec(new Sequential("", named(layer)), 4));
    }

    private static LayerSpec named(LayerSpec layer) {
        return new Sequential("net", layer);
    }

    static Stream<Arguments> misfits() {
        Size2d three = Size2d.of(3);
        Size2d one = Size2d.of(1);
        return Stream.of(
                image(
                        "linear needs (N, C), (N, T, C) or channels last, got (-1, 4, 8, 8); pool"
                                + " or flatten it first",
                        new Linear("", 3)),
                Arguments.of(
                        "attentionPool2d needs channels on axis 1, got (-1, 8, 8, 4) with channels"
                                + " last: permute or reshape it first",
                        new ModelSpec(
                                "a",
                                new InputSpec.Features(List.of(8, 8, 4), true),
                                new Sequential("", named(new AttentionPool2d("", 2, 3))))),
                Arguments.of(
                        "RMS norm with variance needs two or more channels, got (-1, 1): leave"
                                + " variance out",
                        Nets.spec(
                                new Sequential(
                                        "",
                                        named(
                                                new Normalization(
                                                        "",
                                                        new NormSpec.Rms(1e-5, 1, true, 0, true)))),
                                1)),
                vector("conv2d needs an input of 4 dimensions, got (-1, 4)", Conv2d.of(3, 1)),
                vector(
                        "global pooling needs an input of 3 or 4 or 5 dimensions, got (-1, 4)",
                        new GlobalAveragePool("")),
                image(
                        "groups must divide the input's channels and the filters, got 3 groups, 4"
                                + " channels, 3 filters",
                        Conv2d.of(3, 1).withGroups(3)),
                image(
                        "groups must divide the channels, got 3 groups of 4 channels",
                        new Normalization("", new NormSpec.Group(3, 1e-5, 1))),
                image(
                        "a window of 9 does not fit into 8 positions with padding 0: use a larger"
                                + " input, a smaller kernel or more padding",
                        new MaxPool2d("", Size2d.of(9), one, Size2d.of(0))),
                image(
                        "padding must be at most half of the kernel (3, 3), got 2",
                        new MaxPool2d("", three, one, Size2d.of(2))),
                image(
                        "padding must be at most half of the kernel (3, 3), got [0, 2, 0, 0]",
                        new MaxPool2d("", three, one, new Padding2d.Sides(0, 2, 0, 0))),
                image(
                        "a window of 11 does not fit into 8 positions with padding 0 and 2: use a"
                                + " larger input, a smaller kernel or more padding",
                        Conv2d.of(3, 11).withPadding(new Padding2d.Sides(0, 2, 9, 9))),
                image(
                        "blur pooling reflects 10 pixels and needs images larger than that, got 8:"
                                + " use a larger input or a smaller kernel",
                        new BlurPool2d("", 20, 2)),
                image(
                        "axis must be in [1, 3] or [-3, -1] for the input (-1, 4, 8, 8), got 0",
                        new Activation("", new ActivationSpec.Softmax(0))),
                vector(
                        "a tied layer must keep its input's shape (-1, 4), got (-1, 5); use an"
                                + " untied repeat, or a layer that keeps the shape",
                        new Repeat("", 2, new Linear("", 5), true)),
                vector(
                        "parallel layers must have outputs of equal shape, got (-1, 3) of the first"
                                + " and (-1, 4) of \"b\"",
                        new Parallel("", List.of(new Linear("a", 3), new Linear("b", 4)))),
                image(
                        "parallel layers must have outputs of equal shape except for the channels,"
                                + " got (-1, 4, 8, 8) of the first and (-1, 4, 4, 4) of \"1\"",
                        Parallel.concat("", Conv2d.of(4, 3), Conv2d.of(4, 3).withStride(2))),
                vector(
                        "shortcut and branch must have one shape, got (-1, 4) and (-1, 5): use a"
                                + " projection shortcut, or a branch that keeps the shape",
                        Residual.of("", new Linear("", 5))),
                image(
                        "shortcut and branch must differ in channels only, got (-1, 4, 8, 8) and"
                                + " (-1, 4, 4, 4)",
                        Residual.builder("", Conv2d.of(4, 3).withStride(2))
                                .merge(new MergeSpec.Concat())
                                .build()),
                vector(
                        "a zero-padded shortcut must keep all 4 channels, got 3; use a projection",
                        Residual.builder("", new Linear("", 3))
                                .shortcut(new ShortcutSpec.ZeroPad(false))
                                .build()),
                image(
                        "a shortcut needs a stride from 8 to 6 positions, got none that fits:"
                                + " change the branch's strides or padding",
                        Residual.builder("", new MaxPool2d("", three, one, Size2d.of(0)))
                                .shortcut(new ShortcutSpec.ZeroPad(false))
                                .build()));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void saysWhereAndWhat(String message, ModelSpec spec) {
        SpecException e = assertThrows(SpecException.class, spec::newBlock);
        assertEquals(message, e.detail());
        assertEquals(
                "net.0: " + message, e.getMessage().replaceFirst("net\\.0\\.[a-z0-9]+", "net.0"));
    }

    /** Engines would fail with messages that name no layer, or compute with integers. */
    static Stream<Arguments> layersOfFloats() {
        return Stream.of(
                Arguments.of("linear", new Linear("", 3)),
                Arguments.of("dropout", new Dropout("", 0.1)),
                Arguments.of("activation GELU", new Activation("", new ActivationSpec.Gelu())),
                Arguments.of("PReLU", new Activation("", new ActivationSpec.PRelu(0.25, false))),
                Arguments.of("batch norm", new Normalization("", NormSpec.BATCH)),
                Arguments.of("layer norm", new Normalization("", NormSpec.LAYER)),
                Arguments.of("RMS norm", new Normalization("", new NormSpec.Rms(1e-5, 1))),
                Arguments.of("L2 normalize", new L2Normalize("", 1e-12)),
                Arguments.of("linear", Residual.of("", new Linear("", 8))));
    }

    @ParameterizedTest
    @MethodSource("layersOfFloats")
    void layersOfFloatsRefuseTokens(String what, LayerSpec layer) {
        InputSpec tokens = new InputSpec.Tokens(8, 20);
        ModelSpec spec = new ModelSpec("a", tokens, new Sequential("", named(layer)));
        SpecException e = assertThrows(SpecException.class, spec::newBlock);
        assertEquals(what + " needs floats, got token ids (-1, 8)" + EMBED, e.detail());
        assertTrue(e.getMessage().startsWith("net.0"), e.getMessage());
        // After an embedding, and on features of the same shape.
        LayerSpec embedded =
                new Sequential("", new Embedding("", 20, 8, new InitSpec.Normal(0.02)), layer);
        new ModelSpec("a", tokens, embedded).newBlock();
        Nets.spec(layer, 8).newBlock();
    }

    static Stream<Arguments> moves() {
        return Stream.of(
                Arguments.of("(-1, 2, 4)", new Reshape("", List.of(2, 4)), new Linear("", 3)),
                Arguments.of(
                        "(-1, 4, 2)",
                        new Permute("", List.of(2, 1), false),
                        new Conv1d("", 3, 1, 1, 0, 1, 1, true, InitSpec.HE)),
                Arguments.of("(-1, 8)", new Flatten(""), new Linear("", 3)));
    }

    @ParameterizedTest
    @MethodSource("moves")
    void idsThatAreMovedStayIds(String shape, LayerSpec move, LayerSpec floats) {
        InputSpec tokens = new InputSpec.Tokens(8, 20);
        LayerSpec pairs = new Reshape("", List.of(2, 4));
        ModelSpec spec = new ModelSpec("a", tokens, new Sequential("", pairs, move, floats));
        SpecException e = assertThrows(SpecException.class, spec::newBlock);
        assertTrue(
                e.detail().endsWith(" needs floats, got token ids " + shape + EMBED), e.detail());
        LayerSpec back =
                new Sequential(
                        "",
                        pairs,
                        move,
                        new Reshape("", List.of(8)),
                        new Embedding("", 20, 8, new InitSpec.Normal(0.02)),
                        new Linear("", 3));
        new ModelSpec("a", tokens, back).newBlock();
    }

    static Stream<Arguments> joins() {
        return Stream.of(
                Arguments.of("add needs floats, got token ids (-1, 8)" + EMBED, new Add("")),
                Arguments.of(
                        "mean needs floats, got token ids (-1, 8)" + EMBED, new Mean("", 0, 0, 0)),
                Arguments.of(
                        "the inputs of Concat(axis 1) must have one type and equal sizes on all"
                                + " other axes, got (-1, 8) of ids and (-1, 8)",
                        new Concat("", null)));
    }

    @ParameterizedTest
    @MethodSource("joins")
    void idsAreNotJoinedWithFloats(String message, LayerSpec join) {
        LayerGraph graph =
                new LayerGraph(
                        "",
                        Names.of("input"),
                        List.of(
                                LayerNode.of(new Embedding("e", 20, 1, new InitSpec.Normal(0.02))),
                                LayerNode.of(new Flatten("floats")),
                                LayerNode.of(join).from("input", "floats")),
                        Names.of(List.of()));
        ModelSpec spec = new ModelSpec("a", new InputSpec.Tokens(8, 20), graph);
        assertEquals(message, assertThrows(SpecException.class, spec::newBlock).detail());
    }

    @Test
    void namesTheLayerOfAShortcut() {
        LayerSpec unit =
                Residual.builder("", new Linear("", 4))
                        .shortcut(new LayeredShortcut(List.of(Conv2d.of(3, 1))))
                        .build();
        ModelSpec spec = Nets.spec(new Sequential("", named(unit)), 4);
        assertEquals(
                "net.0.shortcut.0: conv2d needs an input of 4 dimensions, got (-1, 4)",
                assertThrows(SpecException.class, spec::newBlock).getMessage());
    }

    @Test
    void numbersThatFloat32RoundsToZeroOrInfinityAreRefused() {
        Check.finite("bias", -3.4e38);
        for (double number : new double[] {1e39, -1e39, 1e-46}) {
            assertEquals(
                    "bias must be within float32, 1.4e-45 to 3.4e38 in magnitude, got " + number,
                    assertThrows(SpecException.class, () -> Check.finite("bias", number))
                            .getMessage());
        }
        Check.rate("dropPath", 0.9999999);
        assertEquals(
                "dropPath must be below 1 in float32, at most 0.9999999, got 0.99999999",
                assertThrows(SpecException.class, () -> Check.rate("dropPath", 0.99999999))
                        .getMessage());
    }

    @Test
    void infinityIsNotCalledNegative() {
        assertEquals(
                "eps must be finite, got Infinity",
                assertThrows(
                                SpecException.class,
                                () -> Check.positive("eps", Double.POSITIVE_INFINITY))
                        .getMessage());
        assertEquals(
                "eps must be positive, got NaN",
                assertThrows(SpecException.class, () -> Check.positive("eps", Double.NaN))
                        .getMessage());
    }
}
