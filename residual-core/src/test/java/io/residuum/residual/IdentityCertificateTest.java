package io.residuum.residual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.BlockCase;
import io.residuum.model.BlockCases;
import io.residuum.model.Network;
import io.residuum.residual.IdentityCertificate.Start;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates against what units compute with their initial weights. */
class IdentityCertificateTest {

    private static LayerSpec unit(String keys) {
        String json =
                """
                {"type": "residual", %s}
                """
                        .formatted(keys.replace('\'', '"'));
        return SpecJson.standard().parse(json, "unit", LayerSpec.class);
    }

    private static IdentityCertificate certificate(LayerSpec unit, Shape input) {
        List<IdentityCertificate> all = IdentityCertificate.of(unit.newBlock(input));
        assertEquals(1, all.size());
        return all.get(0);
    }

    /** Requires that the outputs in training and evaluation are what the certificate says. */
    private static void check(LayerSpec unit, Shape input, Start start) {
        Integer[] sample = new Integer[input.dimension() - 1];
        Arrays.setAll(sample, i -> (int) input.get(i + 1));
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = Network.create(Nets.spec(unit, sample), backend, 3);
                NDManager manager = backend.newManager()) {
            NDArray x = Tensors.random(manager, 4, input.getShape());
            double[] expected = Tensors.values(x);
            if (start == Start.RELU) {
                expected = Arrays.stream(expected).map(v -> Math.max(v, 0)).toArray();
            }
            for (boolean training : new boolean[] {true, false}) {
                double[] y = Tensors.values(network.forward(new NDList(x), training));
                if (start == Start.OTHER) {
                    assertFalse(Arrays.equals(expected, y), "would be the identity");
                } else {
                    assertArrayEquals(expected, y, "training " + training);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'scale': 'learned' | IDENTITY | scale.gamma",
                "'scale': {'type': 'affine', 'init': 0} | IDENTITY | scale.gamma, scale.beta",
                "'afterBranch': {'norm': {'type': 'layer', 'init': 0}} | IDENTITY |"
                        + " afterBranch.norm.weight, afterBranch.norm.bias",
                "'scale': 'learned', 'after': {'activation': 'relu'} | RELU | scale.gamma",
                "'scale': 'learned', 'after': {'norm': 'layer'} | OTHER | after: LayerNorm",
                "'scale': 'learned', 'merge': {'type': 'add', 'shortcut': 0.5} | OTHER | merge: the"
                        + " shortcut has the weight 0.5",
                "'scale': 'learned', 'merge': 'gate' | OTHER | merge: gate",
                "'scale': 'learned', 'shortcut': {'type': 'projection', 'norm': 'none'} | OTHER |"
                        + " shortcut: Linear(4, no bias)",
                "'scale': 'learned', 'tap': 'before', 'before': {'norm': 'layer'} | OTHER | the"
                        + " shortcut reads the output of before",
                "'before': {'norm': 'layer'} | OTHER | the branch does not start at 0",
                "'scale': {'type': 'learned', 'init': 1e-6} | OTHER | the branch does not start at"
                        + " 0",
                "'scale': {'type': 'constant', 'value': 0.1}, 'afterBranch': {'norm': {'type':"
                        + " 'rms', 'init': 0}} | IDENTITY | afterBranch.norm.weight",
                "'afterBranch': {'norm': {'type': 'rms', 'offset': 1}} | OTHER | the branch does"
                        + " not start at 0",
                "'dropPath': 0.4, 'scale': 'learned' | IDENTITY | scale.gamma",
                "'scale': 'learned', 'shortcut': 'learned' | IDENTITY | scale.gamma",
                "'scale': 'learned', 'shortcut': {'type': 'learned', 'init': 0.5} | OTHER |"
                        + " shortcut: Scale(1)",
                "'scale': 'learned', 'shortcut': {'type': 'lowRank', 'rank': 2, 'norm': 'rms'} |"
                        + " IDENTITY | scale.gamma",
            })
    void saysWhy(String keys, Start start, String reasons) {
        LayerSpec unit = unit("'branch': {'type': 'linear', 'units': 4}, " + keys);
        Shape input = new Shape(-1, 5, 4);
        IdentityCertificate found = certificate(unit, input);
        assertEquals(start, found.start());
        assertEquals(reasons, String.join(", ", found.reasons()));
        check(unit, new Shape(3, 5, 4), start);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{'type': 'linear', 'units': 6}, {'type': 'activation'}, {'type': 'linear',"
                        + " 'units': 4, 'init': {'type': 'constant', 'value': 0}}] | IDENTITY",
                "[{'type': 'linear', 'units': 4, 'init': {'type': 'constant', 'value': 0}},"
                        + " {'type': 'activation'}, {'type': 'dropout', 'rate': 0.2}] | IDENTITY",
                "[{'type': 'linear', 'units': 4, 'init': {'type': 'constant', 'value': 0}},"
                        + " {'type': 'activation', 'function': 'sigmoid'}] | OTHER",
                "[{'type': 'linear', 'units': 4, 'init': {'type': 'constant', 'value': 0}},"
                        + " {'type': 'norm', 'norm': 'layer'}] | IDENTITY",
                "{'type': 'parallel', 'layers': [{'type': 'linear', 'units': 4, 'init': {'type':"
                        + " 'constant', 'value': 0}}, {'type': 'linear', 'units': 4}]} | OTHER",
                "{'type': 'parallel', 'layers': [{'type': 'linear', 'units': 4, 'init': {'type':"
                        + " 'constant', 'value': 0}}, {'type': 'norm', 'norm': {'type': 'layer',"
                        + " 'init': 0}}]} | IDENTITY",
            })
    void looksIntoBranches(String branch, Start start) {
        LayerSpec unit = unit("'branch': " + branch);
        assertEquals(start, certificate(unit, new Shape(-1, 5, 4)).start());
        check(unit, new Shape(3, 5, 4), start);
    }

    /** Every unit of the block contract: what is certified holds, and what is not differs. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("units")
    void holdsForUnitsOfEveryKind(BlockCase c) {
        Shape free = new Shape(-1).addAll(c.input().slice(1));
        Start start = certificate(c.layer(), free).start();
        boolean same = c.layer().newBlock(free).outputShape().equals(free);
        assertTrue(same || start == Start.OTHER, "keeps the shape");
        if (same) {
            check(c.layer(), c.input(), start);
        }
    }

    static List<BlockCase> units() {
        return BlockCases.all().stream().filter(c -> c.layer() instanceof Residual).toList();
    }
}
