package io.residuum.transformer.blocks;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections between the units of a transformer. */
class WiringTest {

    /** Connections that start as the plain network, and how close. */
    private record Start(String wiring, double tolerance) {}

    private static final List<Start> STARTS =
            List.of(
                    new Start("{'type': 'hyperConnections', 'streams': 2, 'dynamic': false}", 0),
                    new Start("{'type': 'hyperConnections', 'streams': 2}", 0),
                    new Start("'hyperConnections'", 1e-6),
                    new Start("'manifoldHyperConnections'", 5e-5),
                    new Start("{'type': 'manifoldHyperConnections', 'dynamic': false}", 5e-5),
                    new Start("'denseFormer'", 0),
                    new Start("{'type': 'denseFormer', 'period': 2, 'dilation': 2}", 0),
                    new Start("'valueResidual'", 0),
                    new Start("'x0'", 0),
                    new Start("'unet'", 0),
                    new Start("{'type': 'momentum', 'gamma': 0}", 1e-6),
                    new Start("'laurel'", 0),
                    new Start("{'type': 'laurel', 'rank': 3, 'norm': 'rms'}", 0),
                    new Start("'altUp'", 1e-5));

    static Stream<Arguments> starts() {
        return Engines.with(STARTS);
    }

    private static ModelSpec spec(String wiring) {
        return spec(wiring, 4, "");
    }

    private static ModelSpec spec(String wiring, int depth, String more) {
        String text =
                """
                {'format': 'residuum/1', 'name': 'small',
                 'input': {'type': 'tokens', 'length': 6, 'vocabulary': 11},
                 'network': {'type': 'gpt', 'vocabulary': 11, 'width': 8, 'depth': %d, 'heads': 2,
                             'stream': %s%s}}
                """
                        .formatted(depth, wiring, more)
                        .replace('\'', '"');
        return SpecJson.standard().parse(text, "small", ModelSpec.class);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("starts")
    void startsAsThePlainNetwork(EngineChoice engine, Start start) {
        try (Network plain =
                        Nets.shaken(spec("'plain'"), Engines.backend(engine), DataType.FLOAT32);
                Network wired = Network.create(spec(start.wiring), Engines.backend(engine), 1);
                NDManager manager = wired.backend().newManager()) {
            boolean whole = start.wiring.contains("altUp");
            plain.parameters()
                    .forEach(
                            (path, p) -> {
                                String at =
                                        whole
                                                ? path.replaceAll("^(blocks\\.\\d+)", "$1.branch")
                                                : path;
                                NDArray array = wired.parameters().get(at).getArray();
                                Tensors.set(array, Tensors.values(p.getArray()));
                            });
            NDList ids =
                    new NDList(
                            manager.create(
                                    new long[] {3, 1, 4, 1, 5, 9, 2, 6, 10, 0, 8, 7},
                                    new Shape(2, 6)));
            assertClose(
                    Tensors.values(plain.predict(ids)),
                    Tensors.values(wired.predict(ids)),
                    start.tolerance,
                    start.wiring);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "valueResidual | blocks.1.attention.branch.values.weight (2),"
                        + " blocks.2.attention.branch.values.weight (2)",
                "denseFormer | blocks.average1.weight (2), blocks.average2.weight (3),"
                        + " blocks.average3.weight (4)",
                "x0 | blocks.average1.weight (2), blocks.average2.weight (2)",
                "unet | blocks.skip2.weight (2)",
                "laurel | blocks.0.attention.scale.gamma (1), blocks.0.attention.shortcut.gamma"
                    + " (1), blocks.0.mlp.scale.gamma (1), blocks.0.mlp.shortcut.gamma (1),"
                    + " blocks.1.attention.scale.gamma (1), blocks.1.attention.shortcut.gamma (1),"
                    + " blocks.1.mlp.scale.gamma (1), blocks.1.mlp.shortcut.gamma (1),"
                    + " blocks.2.attention.scale.gamma (1), blocks.2.attention.shortcut.gamma (1),"
                    + " blocks.2.mlp.scale.gamma (1), blocks.2.mlp.shortcut.gamma (1)",
                "attentionResiduals | blocks.0.mlp.read.query (8), blocks.1.attention.read.query"
                        + " (8), blocks.1.mlp.read.query (8), blocks.2.attention.read.query (8),"
                        + " blocks.2.mlp.read.query (8), blocks.attend.query (8)",
            })
    void addsTheseParameters(String wiring, String expected) {
        Set<String> plain = spec("'plain'", 3, "").newBlock().namedParameters().keySet();
        Set<String> added = new TreeSet<>();
        spec("'" + wiring + "'", 3, "")
                .newBlock()
                .namedParameters()
                .forEach(
                        (path, p) -> {
                            if (!plain.contains(path)) {
                                added.add(path + " " + p.getShape());
                            }
                        });
        assertEquals(expected, String.join(", ", added));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'hyperConnections' | read.weight, shortcut.weight, write.weight",
                "{'type': 'laurel', 'rank': 2} | shortcut.left.weight, shortcut.right.weight",
            })
    void reachesUnitsThatAreDroppedTogether(String wiring, String expected) {
        Set<String> found =
                blocks(wiring, "sample").newBlock().namedParameters().keySet().stream()
                        .filter(path -> path.startsWith("blocks.1.mlp."))
                        .map(path -> path.substring(13))
                        .filter(path -> path.matches("(read|shortcut|write).*weight"))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(expected, String.join(", ", found));
    }

    @Test
    void refusesToSaveStatesOfDroppedLayers() {
        blocks("'attentionResiduals'", "sample").newBlock();
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> blocks("'attentionResiduals'", "batch").newBlock());
        assertTrue(e.getMessage().contains("dropPath.mode must be sample"), e.getMessage());
    }

    private static ModelSpec blocks(String wiring, String mode) {
        String text =
                """
                {'format': 'residuum/1', 'name': 'small',
                 'input': {'type': 'tokens', 'length': 6, 'vocabulary': 11},
                 'network': [{'type': 'embedding', 'vocabulary': 11, 'width': 8},
                  {'type': 'transformerBlocks', 'name': 'blocks', 'depth': 2,
                   'attention': {'heads': 2}, 'feedForward': {'ratio': 2}, 'stream': %s,
                   'stochasticDepth': {'rate': 0.1, 'per': 'block', 'mode': '%s'}}]}
                """
                        .formatted(wiring, mode)
                        .replace('\'', '"');
        return SpecJson.standard().parse(text, "small", ModelSpec.class);
    }

    @Test
    void namesTheParametersOfHyperConnections() {
        Map<String, Shape> found = new TreeMap<>();
        spec("'manifoldHyperConnections'", 1, "")
                .newBlock()
                .namedParameters()
                .forEach(
                        (path, p) -> {
                            if (path.startsWith("blocks.0.mlp.") && !path.contains("branch")) {
                                found.put(path.substring(13), p.getShape());
                            }
                        });
        assertEquals(
                "{before.norm.bias=(8), before.norm.weight=(8), read.bias=(4), read.scale=(1),"
                        + " read.weight=(4, 32), shortcut.bias=(16), shortcut.scale=(1),"
                        + " shortcut.weight=(16, 32), write.bias=(4), write.scale=(1),"
                        + " write.weight=(4, 32)}",
                found.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'hyperConnections' | , 'placement': 'post' | after must have no norm",
                "'hyperConnections' | , 'placement': 'deepNorm' | stream must be plain for units",
                "'attentionResiduals' | , 'placement': 'deepNorm' | stream must not be"
                        + " attentionResiduals",
                "{'type': 'hyperConnections', 'streams': 1} | `` | streams must be 2 or more",
                "{'type': 'hyperConnections', 'dynamic': false, 'scale': 0.1} | `` | scale must be"
                        + " left out if dynamic is false, got 0.1",
                "{'type': 'manifoldHyperConnections', 'dynamic': false, 'scale': 1} | `` | scale"
                        + " must be left out if dynamic is false, got 1.0",
            })
    void refusesWhatCannotBeConnected(String wiring, String more, String reason) {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> spec(wiring, 2, more == null ? "" : more).newBlock());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
