package io.residuum.model;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Growth.Method;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Units inserted as the identity change no bit of an output and are then trained. */
class GrowthTest {
    private static final String CONV =
            "{\"type\": \"conv2d\", \"filters\": 4, \"kernel\": 3, \"padding\": 1}";

    /** Units that can be the identity. */
    private static final List<String> UNITS =
            List.of(
                    "\"branch\": [%s, {\"type\": \"norm\"}], \"after\": {\"activation\": \"relu\"}",
                    "\"branch\": [%s], \"before\": {\"norm\": \"batch\", \"activation\": \"gelu\"}",
                    "\"branch\": [%s, {\"type\": \"dropout\", \"rate\": 0.1}],"
                            + " \"scale\": {\"type\": \"constant\", \"value\": 0.2}",
                    "\"branch\": [%s], \"scale\": {\"type\": \"learned\", \"init\": 1,"
                            + " \"perChannel\": true}",
                    "\"branch\": [%s], \"afterBranch\": {\"norm\": \"batch\"},"
                            + " \"merge\": {\"type\": \"add\", \"branch\": 0.5}",
                    "\"branch\": [%s, {\"type\": \"norm\"}, {\"type\": \"squeezeExcitation\","
                            + " \"reduction\": 2}]",
                    "\"branch\": [%s, {\"type\": \"norm\", \"norm\": \"globalResponse\"}]",
                    "\"branch\": {\"type\": \"parallel\", \"layers\": [[%1$s], [%1$s, {\"type\":"
                            + " \"norm\"}]]}");

    static Stream<Arguments> units() {
        return Engines.with(UNITS);
    }

    private static ModelSpec spec(String unit) {
        String json =
                """
                {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [3, 6, 6]},
                 "network": [
                   {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 1}, {"type": "activation"},
                   {"type": "repeat", "name": "body", "times": 2, "layer": {"type": "residual", %1$s}},
                   {"type": "sequential", "name": "tail", "layers": [{"type": "residual", %1$s}]},
                   {"type": "globalAveragePool"}, {"type": "linear", "name": "head", "units": 3}]}
                """;
        return SpecJson.standard()
                .parse(json.formatted(unit.formatted(CONV)), "net", ModelSpec.class);
    }

    private static Network network(EngineChoice engine, String unit) {
        Network network = Nets.shaken(spec(unit), Engines.backend(engine), DataType.FLOAT32);
        network.setMetadata(ModelMetadata.EMPTY.withClassNames(List.of("a", "b", "c")));
        return network;
    }

    private static float[] predict(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, 4, 3, 3, 6, 6);
            return network.predict(new NDList(x)).toFloatArray();
        }
    }

    @ParameterizedTest
    @MethodSource("units")
    void insertsTheIdentityToTheBit(EngineChoice engine, String unit) {
        try (Network network = network(engine, unit)) {
            float[] before = predict(network);
            Map<String, double[]> state = Nets.values(network.state());
            Growth.deepen(network, Map.of("body", 2, "tail", 1), Method.IDENTITY, 1);
            assertArrayEquals(before, predict(network));
            assertEquals(List.of("a", "b", "c"), network.metadata().classNames());
            Map<String, double[]> grown = Nets.values(network.state());
            state.forEach((path, values) -> assertArrayEquals(values, grown.get(path), path));
            assertTrue(grown.keySet().stream().anyMatch(p -> p.startsWith("body.3.")));
            assertTrue(grown.keySet().stream().anyMatch(p -> p.startsWith("tail.1.")));
            try (NDManager manager = network.backend().newManager()) {
                NDArray x = Tensors.random(manager, 4, 3, 3, 6, 6);
                NDArray weights = Tensors.random(manager, 5, 3, 3);
                Map<String, double[]> gradients = Nets.gradients(network, x, true, weights);
                for (String added : List.of("body.2.", "body.3.", "tail.1.")) {
                    assertTrue(
                            gradients.entrySet().stream()
                                    .filter(e -> e.getKey().startsWith(added))
                                    .anyMatch(e -> Tensors.largest(e.getValue()) > 1e-6),
                            added);
                }
            }
        }
    }

    @EachEngine
    void stacksCopiesOfTheLastUnits(EngineChoice engine) {
        try (Network network = network(engine, UNITS.get(0))) {
            float[] before = predict(network);
            Growth.deepen(network, Map.of("body", 3), Method.STACK, 1);
            Map<String, double[]> grown = Nets.values(network.state());
            for (String[] pair : new String[][] {{"0", "2"}, {"1", "3"}, {"0", "4"}}) {
                String path = "body.%s.branch.0.weight";
                assertArrayEquals(
                        grown.get(path.formatted(pair[0])), grown.get(path.formatted(pair[1])));
            }
            assertFalse(Arrays.equals(before, predict(network)));
        }
    }

    @EachEngine
    void refusesWhatIsNoIdentityAndStaysAsItWas(EngineChoice engine) {
        assertRefused(
                engine, "\"branch\": [%s], \"after\": {\"norm\": \"batch\"}", "a norm follows");
        assertRefused(engine, "\"branch\": [%s], \"merge\": \"gate\"", "a gate scales");
        assertRefused(
                engine,
                "\"branch\": [%s], \"afterBranch\": {\"norm\": \"batch\", \"activation\":"
                        + " \"relu\"}",
                "ends in the activation body.2.afterBranch.activation");
        assertRefused(engine, "\"branch\": [%s], \"shortcut\": \"projection\"", "is a projection");
        assertRefused(
                engine,
                "\"branch\": [%s], \"after\": {\"activation\": \"gelu\"}",
                "an output changes");
        assertRefused(
                engine,
                "\"branch\": [%s], \"merge\": {\"type\": \"add\", \"shortcut\": 0.9}",
                "an output changes");
    }

    private static void assertRefused(EngineChoice engine, String unit, String reason) {
        try (Network network = network(engine, unit)) {
            float[] before = predict(network);
            ModelSpec spec = network.spec();
            SpecException e =
                    assertThrows(
                            SpecException.class,
                            () -> Growth.deepen(network, Map.of("body", 1), Method.IDENTITY, 1));
            assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
            assertEquals(spec, network.spec());
            assertArrayEquals(before, predict(network));
            assertEquals(List.of("a", "b", "c"), network.metadata().classNames());
        }
    }

    /** Hidden channels behind a norm, an activation and squeeze-and-excitation. */
    private static String hidden(String norm) {
        return "\"branch\": [{\"type\": \"conv2d\", \"name\": \"conv1\", \"filters\": 4,"
                + " \"kernel\": 3, \"padding\": 1}, {\"type\": \"norm\", \"norm\": \""
                + norm
                + "\"}, {\"type\": \"activation\"}, {\"type\": \"squeezeExcitation\","
                + " \"reduction\": 2}, %s]";
    }

    @EachEngine
    void widensHiddenLayersWithoutChangingOutputs(EngineChoice engine) {
        for (String norm : List.of("batch", "layer", "rms")) {
            try (Network network = network(engine, hidden(norm))) {
                float[] before = predict(network);
                boolean any = norm.equals("batch");
                Growth.widen(network, Map.of("body.*.branch.conv1", any ? 6 : 8), 5);
                assertClose(doubles(before), doubles(predict(network)), 1e-5, norm);
                assertEquals(List.of("a", "b", "c"), network.metadata().classNames());
                Map<String, Parameter> state = network.state();
                for (String path :
                        List.of("body.0.branch.conv1.weight", "body.1.branch.1.weight")) {
                    assertEquals(any ? 6 : 8, state.get(path).getShape().get(0), path);
                }
                assertEquals(4, state.get("tail.0.branch.conv1.weight").getShape().get(0));
                assertEquals(network.spec(), saved(network));
                assertCopiesLearnDifferently(network);
            }
        }
    }

    private static ModelSpec saved(Network network) {
        return SpecJson.standard()
                .parse(SpecJson.standard().write(network.spec()), "again", ModelSpec.class);
    }

    private static void assertCopiesLearnDifferently(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, 4, 3, 3, 6, 6);
            double[] g =
                    Nets.gradients(network, x, false, Tensors.random(manager, 5, 3, 3))
                            .get("body.0.branch.conv1.weight");
            int filter = 4 * 9;
            double[] first = Arrays.copyOf(g, filter);
            double[] copy = Arrays.copyOfRange(g, 4 * filter, 5 * filter);
            assertTrue(Tensors.largest(first) > 0);
            assertFalse(Arrays.equals(first, copy));
        }
    }

    @EachEngine
    void refusesWidthsThatChangeOutputs(EngineChoice engine) {
        String layerNorm = hidden("layer");
        assertWidth(engine, layerNorm, "body.0.branch.conv1", 6, "use a multiple of the old width");
        assertWidth(engine, layerNorm, "body.0.branch.conv1", 3, "must be at least its 4, got 3");
        assertWidth(engine, UNITS.get(0), "head", 6, "whose outputs are the network's");
        assertWidth(
                engine, UNITS.get(0), "body.*.branch.1", 6, "can be widened, got Normalization");
        assertWidth(engine, UNITS.get(0), "trunk", 6, "must match layers, got \"trunk\"");
    }

    @EachEngine
    void refusesGroupsBehindHiddenUnits(EngineChoice engine) {
        String grouped =
                "\"branch\": [{\"type\": \"conv2d\", \"name\": \"conv1\", \"filters\": 4,"
                        + " \"kernel\": 1}, {\"type\": \"conv2d\", \"filters\": 4, \"kernel\": 1,"
                        + " \"groups\": 4}, %s]";
        assertWidth(engine, grouped, "body.0.branch.conv1", 8, "no convolution with groups");
    }

    @EachEngine
    void refusesNamedUnitsOfARepeat(EngineChoice engine) {
        String named = "\"name\": \"unit\", " + hidden("batch");
        assertWidth(engine, named, "body.0.branch.conv1", 8, "must have no name");
    }

    /** The order of a map does not matter. */
    @EachEngine
    void sharesDependOnTheSeedAndThePathAlone(EngineChoice engine) {
        List<Map<String, double[]>> states = new ArrayList<>();
        for (List<String> order : List.of(List.of("0", "1"), List.of("1", "0"))) {
            try (Network network = network(engine, hidden("batch"))) {
                Map<String, Integer> widths = new LinkedHashMap<>();
                order.forEach(unit -> widths.put("body." + unit + ".branch.conv1", 6));
                Growth.widen(network, widths, 5);
                states.add(Nets.values(network.state()));
            }
        }
        states.get(0)
                .forEach(
                        (path, values) -> assertArrayEquals(values, states.get(1).get(path), path));
    }

    private static void assertWidth(
            EngineChoice engine, String unit, String path, int width, String reason) {
        try (Network network = network(engine, unit)) {
            float[] before = predict(network);
            ModelSpec spec = network.spec();
            SpecException e =
                    assertThrows(
                            SpecException.class,
                            () -> Growth.widen(network, Map.of(path, width), 1));
            assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
            assertEquals(spec, network.spec());
            assertArrayEquals(before, predict(network));
        }
    }

    private static double[] doubles(float[] values) {
        double[] all = new double[values.length];
        Arrays.setAll(all, i -> values[i]);
        return all;
    }

    @Test
    void refusesPartsWithoutUnits() {
        try (Network network = network(Engines.all().get(0), UNITS.get(0))) {
            assertUnits(network, "stem", "units can be added to");
            assertUnits(network, "trunk", "must be one of [stem, 1, body, tail, 4, head]");
            assertUnits(network, "body.0", "repeat has equal units");
            assertUnits(network, "", "the last layer must have no name");
            Adapters.add(network, LowRank.of(2, 2, "head"), 0);
            assertUnits(network, "body", "must have no adapters");
        }
    }

    private static void assertUnits(Network network, String part, String reason) {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> Growth.deepen(network, Map.of(part, 1), Method.IDENTITY, 1));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }
}
