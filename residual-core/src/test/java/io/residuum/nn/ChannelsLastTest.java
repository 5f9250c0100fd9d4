package io.residuum.nn;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Features {@code (N, R, T, C)} with channels last are positions, not images. */
class ChannelsLastTest {
    private static final int[] SIZES = {2, 3, 4};

    private static ModelSpec spec(String shape, boolean channelsLast, String layers) {
        String text =
                ("{'format': 'residuum/1', 'name': 'net', 'input': {'type': 'features', 'shape':"
                                + " %s, 'channelsLast': %s}, 'network': [%s]}")
                        .formatted(shape, channelsLast, layers)
                        .replace('\'', '"');
        return SpecJson.standard().parse(text, "net", ModelSpec.class);
    }

    static Stream<Arguments> onEachEngine() {
        return Engines.with(
                java.util.List.of(
                        "{'type': 'linear', 'units': 5}",
                        "{'type': 'norm', 'norm': 'layer'}",
                        "{'type': 'norm', 'norm': 'rms'}",
                        "{'type': 'norm', 'norm': 'channel'}",
                        "{'type': 'activation', 'function': {'type': 'prelu', 'perChannel': true}}",
                        "{'type': 'l2Normalize'}",
                        "{'type': 'channelShuffle', 'groups': 2}",
                        "{'type': 'channelSlice', 'begin': 1, 'end': 3}",
                        "{'type': 'parallel', 'merge': 'concat', 'layers': [{'type': 'linear',"
                                + " 'units': 2}, {'type': 'linear', 'units': 3}]}",
                        residual("'branch': {'type': 'linear', 'units': 3}, 'merge': 'concat'"),
                        residual("'branch': {'type': 'linear', 'units': 4}, 'merge': 'gate'"),
                        residual(
                                "'before': {'norm': 'layer'}, 'branch': {'type': 'linear',"
                                        + " 'units': 4}, 'scale': {'type': 'learned', 'init': 0.5,"
                                        + " 'perChannel': true}"),
                        residual(
                                "'branch': {'type': 'linear', 'units': 6}, 'shortcut': {'type':"
                                        + " 'projection', 'norm': 'layer'}")));
    }

    private static String residual(String keys) {
        return "{'type': 'residual', " + keys + "}";
    }

    /** The rows of both axes are the positions of one sequence. */
    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void aGridIsASequenceOfItsPositions(EngineChoice engine, String layer) {
        ModelSpec grid = spec("[2, 3, 4]", true, layer);
        ModelSpec sequence = spec("[6, 4]", false, layer);
        try (Network one = Nets.shaken(grid, Engines.backend(engine), DataType.FLOAT32);
                Network other = Nets.shaken(sequence, Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = one.backend().newManager()) {
            assertEquals(
                    other.block().namedParameters().keySet(),
                    one.block().namedParameters().keySet());
            NDList x = new NDList(Tensors.random(manager, 1, 5, SIZES[0], SIZES[1], SIZES[2]));
            NDList rows = new NDList(x.head().reshape(5, 6, 4));
            Shape shape = one.predict(x).getShape();
            assertEquals(one.outputShape().slice(1), shape.slice(1));
            assertClose(
                    Tensors.values(other.predict(rows)),
                    Tensors.values(one.predict(x)),
                    1e-6,
                    layer);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'conv2d', 'filters': 2, 'kernel': 1}",
                "{'type': 'norm', 'norm': 'batch'}",
                "{'type': 'norm', 'norm': {'type': 'group', 'groups': 2}}",
                "{'type': 'globalAveragePool'}",
                "{'type': 'maxPool2d', 'kernel': 2}",
                "{'type': 'squeezeExcitation'}",
                "{'type': 'resize'}",
                "{'type': 'pixelShuffle', 'factor': 2}",
                "{'type': 'residual', 'branch': {'type': 'linear', 'units': 6}, 'shortcut':"
                        + " 'zeroPad'}"
            })
    void layersOfImagesRefuseIt(String layer) {
        SpecException e =
                assertThrows(SpecException.class, () -> spec("[2, 3, 4]", true, layer).newBlock());
        assertTrue(
                e.getMessage().contains("channels on axis 1, got (-1, 2, 3, 4) with channels last"),
                e.getMessage());
    }

    @Test
    void permuteAndReshapeSayTheOrder() {
        String permute =
                "{'type': 'permute', 'order': [2, 3, 1]%s}, {'type': 'linear', 'units': 7}";
        assertEquals(
                new Shape(-1, 3, 4, 7),
                spec("[2, 3, 4]", false, permute.formatted(", 'channelsLast': true"))
                        .newBlock()
                        .outputShape());
        assertThrows(
                SpecException.class,
                () -> spec("[2, 3, 4]", false, permute.formatted("")).newBlock());
        String back =
                "{'type': 'permute', 'order': [3, 1, 2]}, {'type': 'conv2d', 'filters': 5,"
                        + " 'kernel': 1}";
        assertEquals(
                new Shape(-1, 5, 2, 3), spec("[2, 3, 4]", true, back).newBlock().outputShape());
        String reshape =
                "{'type': 'reshape', 'shape': [3, 2, 4], 'channelsLast': true}, {'type':"
                        + " 'linear', 'units': 7}";
        assertEquals(
                new Shape(-1, 3, 2, 7), spec("[6, 4]", false, reshape).newBlock().outputShape());
    }

    @Test
    void sequencesHaveThemThereAnyway() {
        String conv = "{'type': 'conv1d', 'filters': 5, 'kernel': 3}";
        assertEquals(new Shape(-1, 4, 5), spec("[6, 4]", true, conv).newBlock().outputShape());
    }

    @Test
    void aSharedLayerKeepsTheOrder() {
        String layers =
                "{'type': 'graph', 'layers': [{'type': 'norm', 'name': 'first', 'norm': 'layer'},"
                        + " {'type': 'permute', 'name': 'turn', 'order': [1, 2, 3]%s},"
                        + " {'type': 'use', 'name': 'again', 'layer': 'first'}]}";
        String last = ", 'channelsLast': true";
        assertEquals(
                new Shape(-1, 4, 4, 4),
                spec("[4, 4, 4]", true, layers.formatted(last)).newBlock().outputShape());
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> spec("[4, 4, 4]", false, layers.formatted(last)).newBlock());
        assertTrue(
                e.getMessage()
                        .contains(
                                "must read equal shapes, got (-1, 4, 4, 4) with channels last for"
                                        + " \"first\" that is built for (-1, 4, 4, 4)"),
                e.getMessage());
    }
}
