package io.residuum.residual;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A residual unit whose branch reads another value than the stream that its shortcut keeps. */
class ReadTest {
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "features", "shape": [3]},
             "network": {"type": "graph", "layers": [
               {"type": "linear", "name": "x", "from": "input", "units": 2},
               {"type": "linear", "name": "r", "from": "input", "units": 4},
               {"type": "residual", "name": "unit", "from": "x", "read": "r",
                "before": {"norm": "rms"}, "branch": {"type": "linear", "units": 2}%s}]}}
            """;

    private static ModelSpec spec(String more) {
        return SpecJson.standard().parse(NETWORK.formatted(more), "net", ModelSpec.class);
    }

    private static double[] linear(Map<String, double[]> weights, String path, double... x) {
        double[] y = weights.get(path + ".bias").clone();
        for (int i = 0; i < y.length; i++) {
            for (int c = 0; c < x.length; c++) {
                y[i] += weights.get(path + ".weight")[i * x.length + c] * x[c];
            }
        }
        return y;
    }

    @EachEngine
    void addsWhatTheBranchMakesOfTheOtherValue(EngineChoice engine) {
        for (String mode :
                new String[] {"", ", \"dropPath\": {\"rate\": 0.5, \"mode\": \"batch\"}"}) {
            ModelSpec spec = spec(mode);
            SpecJson json = SpecJson.standard();
            assertEquals(spec, json.parse(json.write(spec), "again", ModelSpec.class));
            try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT64);
                    NDManager manager = network.backend().newManager()) {
                double[] values = Tensors.draw(1, 3);
                NDArray input =
                        Tensors.create(
                                manager,
                                values,
                                new ai.djl.ndarray.types.Shape(1, 3),
                                DataType.FLOAT64);
                Map<String, double[]> weights = Nets.values(network.parameters());
                double[] expected = linear(weights, "x", values);
                double[] r = linear(weights, "r", values);
                double square = 0;
                for (double v : r) {
                    square += v * v / r.length;
                }
                for (int i = 0; i < r.length; i++) {
                    r[i] *= weights.get("unit.before.norm.weight")[i] / Math.sqrt(square + 1e-6);
                }
                double[] y = linear(weights, "unit.branch", r);
                for (int i = 0; i < y.length; i++) {
                    expected[i] += y[i];
                }
                assertClose(
                        expected,
                        Tensors.values(network.predict(new NDList(input))),
                        1e-9,
                        "x + F(rms(r))");
                NDArray weight =
                        Tensors.create(
                                manager,
                                new double[] {1, 2},
                                new ai.djl.ndarray.types.Shape(1, 2),
                                DataType.FLOAT64);
                Nets.gradients(network, input, false, weight)
                        .forEach((path, g) -> assertTrue(Tensors.largest(g) > 0, path));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"from\": \"input\", \"read\": \"s\" | layers[1].read must name a value made"
                        + " before: unknown value \"s\"",
                "\"from\": \"input\", \"read\": \"y\" | layers[1].read must name a value made"
                        + " before, got \"y\", which this layer makes itself",
                "\"read\": \"input\", \"tap\": \"before\", \"from\": \"input\" | tap must be input"
                        + " with read",
                "\"read\": \"input\", \"shortcut\": \"none\", \"from\": \"input\" | read needs a"
                        + " shortcut",
            })
    void saysWhereTheNameIsWrong(String keys, String reason) {
        String text =
                """
                {"format": "residuum/1", "name": "net", "input": {"type": "features", "shape": [3]},
                 "network": {"type": "graph", "layers": [
                   {"type": "linear", "name": "x", "units": 3},
                   {"type": "residual", "name": "y", %s, "branch": {"type": "linear", "units": 3}},
                   {"type": "add", "from": ["x", "y"]}]}}
                """
                        .formatted(keys);
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(text, "net", ModelSpec.class).newBlock());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"sequential", "repeat"})
    void aUnitWithoutAGraphHasNoOtherValue(String around) {
        String unit = "{'type': 'residual', 'read': 'r', 'branch': {'type': 'linear', 'units': 3}}";
        String network =
                around.equals("repeat")
                        ? "{'type': 'repeat', 'times': 2, 'layer': " + unit + "}"
                        : "[" + unit + "]";
        String text =
                ("{'format': 'residuum/1', 'name': 'net', 'input': {'type': 'features', 'shape':"
                                + " [3]}, 'network': "
                                + network
                                + "}")
                        .replace('\'', '"');
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(text, "net", ModelSpec.class).newBlock());
        assertTrue(
                e.getMessage().contains("got \"r\" and 1 inputs: put the unit into the layers"),
                e.getMessage());
    }
}
