package io.residuum.residual;

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
import io.residuum.residual.stream.EachStream;
import io.residuum.residual.wiring.Wiring;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Merges and scales against their equations, computed in Java. */
class MergeTest {
    private static final int WIDTH = 4;
    private static final Shape SHAPE = new Shape(3, WIDTH);

    /** One unit with a linear branch, its weights, its input and its output. */
    private record Unit(Map<String, double[]> weights, double[] x, double[] y) {

        static Unit of(EngineChoice engine, MergeSpec merge) {
            LayerSpec unit = Residual.builder("", new Linear("", WIDTH)).merge(merge).build();
            try (Network network =
                            Nets.shaken(
                                    Nets.spec(unit, WIDTH),
                                    Engines.backend(engine),
                                    DataType.FLOAT64);
                    NDManager manager = network.backend().newManager()) {
                double[] x = Tensors.draw(7, SHAPE.size());
                NDArray in = Tensors.create(manager, x, SHAPE, DataType.FLOAT64);
                double[] y = Tensors.values(network.predict(new NDList(in)));
                return new Unit(Nets.values(network.parameters()), x, y);
            }
        }

        double[] sample(double[] all, int n) {
            return Arrays.copyOfRange(all, n * WIDTH, (n + 1) * WIDTH);
        }

        double[] map(String path, double... in) {
            double[] weight = weights.get(path + ".weight");
            double[] out = new double[weight.length / in.length];
            if (weights.containsKey(path + ".bias")) {
                out = weights.get(path + ".bias").clone();
            }
            for (int i = 0; i < out.length; i++) {
                for (int c = 0; c < in.length; c++) {
                    out[i] += weight[i * in.length + c] * in[c];
                }
            }
            return out;
        }
    }

    private static double sigmoid(double v) {
        return 1 / (1 + Math.exp(-v));
    }

    private static double[] unit(double[] v) {
        double norm = Math.sqrt(Arrays.stream(v).map(e -> e * e).sum());
        return Arrays.stream(v).map(e -> e / norm).toArray();
    }

    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @EachEngine
    void deltaErasesAndWritesAlongTheBranch(EngineChoice engine) {
        Unit unit = Unit.of(engine, new MergeSpec.Delta(-1));
        for (int n = 0; n < SHAPE.get(0); n++) {
            double[] s = unit.sample(unit.x, n);
            double[] k = unit(unit.map("branch", s));
            double beta = 2 * sigmoid(unit.map("deltaBeta", s)[0]);
            double value = unit.map("deltaValue", s)[0];
            double[] expected = new double[WIDTH];
            Arrays.setAll(expected, c -> s[c] + beta * k[c] * (value - product(k, s)));
            assertClose(expected, unit.sample(unit.y, n), 1e-7, "s + b k (v - k's)");
        }
    }

    /** The factor of s has the eigenvalues 1 - b and, across k, 1. */
    @EachEngine
    void deltaHasTheEigenvaluesOfItsPaper(EngineChoice engine) {
        Shape one = new Shape(WIDTH + 1, WIDTH);
        LayerSpec unit =
                Residual.builder("", new Linear("", WIDTH)).merge(new MergeSpec.Delta(0)).build();
        try (Network network =
                        Network.create(
                                Nets.spec(unit, WIDTH),
                                Engines.backend(engine),
                                1,
                                DataType.FLOAT64);
                NDManager manager = network.backend().newManager()) {
            // A branch of constant output k, and b and v that do not depend on s.
            double[] direction = {1, -2, 0.5, 3};
            double b = 1.3;
            network.parameters()
                    .forEach(
                            (path, p) ->
                                    Tensors.set(
                                            p.getArray(), new double[(int) p.getShape().size()]));
            Tensors.set(network.parameters().get("branch.bias").getArray(), direction);
            double logit = Math.log(b / 2 / (1 - b / 2));
            Tensors.set(
                    network.parameters().get("deltaBeta.bias").getArray(), new double[] {logit});
            double[] k = unit(direction);
            double[] states = Arrays.copyOf(k, (WIDTH + 1) * WIDTH);
            for (int n = 1; n <= WIDTH; n++) {
                double[] drawn = Tensors.draw(n, WIDTH);
                double along = product(k, drawn);
                for (int c = 0; c < WIDTH; c++) {
                    states[n * WIDTH + c] = drawn[c] - along * k[c];
                }
            }
            NDArray s = Tensors.create(manager, states, one, DataType.FLOAT64);
            double[] expected = states.clone();
            for (int c = 0; c < WIDTH; c++) {
                expected[c] = (1 - b) * k[c];
            }
            assertClose(expected, Tensors.values(network.predict(new NDList(s))), 1e-6, "carry");
        }
    }

    @EachEngine
    void slerpStepsOnTheSphere(EngineChoice engine) {
        Unit unit = Unit.of(engine, new MergeSpec.Slerp(0.3, 0.5));
        double[] alpha = unit.weights.get("step.alpha");
        for (int n = 0; n < SHAPE.get(0); n++) {
            double[] s = unit.sample(unit.x, n);
            double[] target = unit(unit.map("branch", s));
            double[] moved = new double[WIDTH];
            Arrays.setAll(moved, c -> s[c] + Math.abs(alpha[c]) * 0.3 / 0.5 * (target[c] - s[c]));
            assertClose(unit(moved), unit.sample(unit.y, n), 1e-7, "norm(s + a (norm(y) - s))");
            assertEquals(1, product(unit.sample(unit.y, n), unit.sample(unit.y, n)), 1e-9);
        }
    }

    @EachEngine
    void gruGatesTheStream(EngineChoice engine) {
        Unit unit = Unit.of(engine, new MergeSpec.Gru(-2));
        for (int n = 0; n < SHAPE.get(0); n++) {
            double[] s = unit.sample(unit.x, n);
            double[] w = unit.map("gruBranch", unit.map("branch", s));
            double[] r = unit.map("gruReset", s);
            double[] z = unit.map("gruUpdate", s);
            double[] reset = new double[WIDTH];
            Arrays.setAll(reset, c -> s[c] * sigmoid(w[c] + r[c]));
            double[] h = unit.map("gruCandidate", reset);
            double[] expected = new double[WIDTH];
            for (int c = 0; c < WIDTH; c++) {
                double update = sigmoid(w[WIDTH + c] + z[c]);
                double candidate = Math.tanh(w[2 * WIDTH + c] + h[c]);
                expected[c] = (1 - update) * s[c] + update * candidate;
            }
            assertClose(expected, unit.sample(unit.y, n), 1e-7, "(1 - z) s + z h");
        }
    }

    @Test
    void repeatKnowsTheDepthOfItsUnits() {
        LayerSpec uniform = unit("{\"type\": \"byDepth\", \"value\": 3}");
        LayerSpec decreasing = unit("{\"type\": \"byDepth\", \"schedule\": \"decreasing\"}");
        assertEquals(
                "Times(1.5) Times(1.5) Times(1.5) Times(1.5)",
                scales(new Repeat("", 4, uniform, false)));
        assertEquals(
                "Times(1.0) Times(%s) Times(%s) Times(0.5)"
                        .formatted(1 / Math.sqrt(2), 1 / Math.sqrt(3)),
                scales(new Repeat("", 4, decreasing, false)));
        Repeat tied = new Repeat("", 4, uniform, true);
        SpecException e = assertThrows(SpecException.class, () -> scales(tied));
        assertTrue(e.getMessage().contains("needs the depth of its unit"), e.getMessage());
    }

    @Test
    void theDepthReachesUnitsInsideOtherLayers() {
        LayerSpec unit = unit("{\"type\": \"byDepth\"}");
        String expected = "Times(0.5) Times(0.5) Times(0.5) Times(0.5)";
        for (LayerSpec around :
                List.of(
                        new Parallel("", List.of(unit)),
                        Stream.of("", List.of(unit)),
                        new LayerDrop("", DropPathSpec.of(0.1), List.of(unit)),
                        new EachStream("", 1, unit),
                        new LayerGraph(List.of(LayerNode.of(unit))),
                        new Sequential("", List.of(new Sequential("", unit)), Wiring.PLAIN))) {
            assertEquals(expected, scales(new Repeat("", 4, around, false)), around.toString());
        }
        LayerSpec connected = new Sequential("", Collections.nCopies(4, unit), Wiring.PLAIN);
        assertEquals(expected, scales(connected));
    }

    private static LayerSpec unit(String scale) {
        String json =
                "{\"type\": \"residual\", \"branch\": {\"type\": \"linear\", \"units\": 2},"
                        + " \"scale\": "
                        + scale
                        + "}";
        return SpecJson.standard().parse(json, "unit", LayerSpec.class);
    }

    private static String scales(LayerSpec layer) {
        StringBuilder found = new StringBuilder();
        layer.newBlock(new Shape(-1, 2))
                .walk(
                        (path, block) -> {
                            if (path.endsWith(".scale")) {
                                found.append(block.describe()).append(' ');
                            }
                        });
        return found.toString().strip();
    }
}
