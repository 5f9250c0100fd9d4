package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.loss.CrossEntropyLoss;
import io.residuum.loss.KlDivergenceLoss;
import io.residuum.loss.Loss;
import io.residuum.loss.LossSpec;
import io.residuum.loss.MeanSquaredError;
import io.residuum.loss.Target;
import io.residuum.metric.Accuracy;
import io.residuum.metric.Mae;
import io.residuum.metric.Measure;
import io.residuum.metric.MetricSpec;
import io.residuum.metric.RocAuc;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.predictions.PredictionFile;
import io.residuum.train.report.OutputFigure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluates networks whose outputs are known: they copy their inputs. */
class OutputEvaluatorTest {
    private static final String COPY =
            """
            {"format": "residuum/1", "name": "copy",
             "input": {"type": "several", "inputs": [
               {"name": "a", "type": "features", "shape": [3]},
               {"name": "b", "type": "features", "shape": [2]}]},
             "network": {"type": "graph", "inputs": ["a", "b"], "outputs": ["kind", "size"], "layers": [
               {"type": "activation", "name": "kind", "from": "a", "function": "relu"},
               {"type": "activation", "name": "size", "from": "b", "function": "relu"}]}}
            """;

    @TempDir private Path folder;

    /** Binary cross-entropy is another loss than this, but has the same kind of output. */
    private record Logits() implements LossSpec {
        @Override
        public double weight() {
            return 1;
        }

        @Override
        public boolean binaryLogits() {
            return true;
        }

        @Override
        public Loss of(@Nullable Target target, Shape output, DataType type) {
            return new MeanSquaredError(1).of(target, output, type);
        }
    }

    private record Rows(Map<String, float[]> inputs, Map<String, Target> targets)
            implements TrainingBatch {
        @Override
        public int samples() {
            return inputs.get("a").length / 3;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            NDList arrays = new NDList();
            inputs.forEach(
                    (name, values) -> {
                        Shape shape = new Shape(samples(), values.length / samples());
                        NDArray array = Values.create(manager, values, shape, type);
                        array.setName(name);
                        arrays.add(array);
                    });
            return arrays;
        }
    }

    private static Rows rows(int from, int to) {
        float[] a = {3, 1, 0, 0, 2, 1, 1, 2, 0, 0, 0, 4};
        float[] b = {1, 2, 3, 4, 5, 6, 7, 8};
        int[] labels = {0, 1, 0, Target.IGNORED};
        float[] sizes = {1.5f, 2, 3, Float.NaN, 4, 6, 7, 10};
        Map<String, float[]> inputs = new LinkedHashMap<>();
        inputs.put("a", Arrays.copyOfRange(a, 3 * from, 3 * to));
        inputs.put("b", Arrays.copyOfRange(b, 2 * from, 2 * to));
        return new Rows(
                inputs,
                Map.of(
                        "kind",
                        new Target.Classes(Arrays.copyOfRange(labels, from, to)),
                        "size",
                        new Target.Numbers(
                                Arrays.copyOfRange(sizes, 2 * from, 2 * to),
                                new Shape(to - from, 2))));
    }

    private static OutputEvaluator evaluated(Network network, EvaluationOptions options) {
        OutputEvaluator evaluator =
                new OutputEvaluator(
                        network,
                        options,
                        Map.of("kind", List.of("cat", "dog", "owl"), "size", List.of("w", "h")));
        evaluator.add(rows(0, 3));
        evaluator.add(rows(3, 4));
        return evaluator;
    }

    private static Map<String, Double> measures(EvaluationResult result) {
        return result.measures().stream().collect(Collectors.toMap(Measure::name, Measure::value));
    }

    private static ModelSpec copy() {
        return SpecJson.standard().parse(COPY, "copy.json", ModelSpec.class);
    }

    @EachEngine
    void measuresEveryOutputByItsTargets(EngineChoice engine) {
        try (Network network = Network.create(copy(), Engines.backend(engine), 0)) {
            EvaluationOptions options =
                    EvaluationOptions.of(3)
                            .with()
                            .losses(
                                    Map.of(
                                            "kind",
                                            new CrossEntropyLoss(1, 0),
                                            "size",
                                            new MeanSquaredError(0.5)))
                            .build();
            EvaluationResult result = evaluated(network, options).result();
            Map<String, Double> found = measures(result);
            // Of three known labels two are right, and of seven known numbers four are.
            assertEquals(2.0 / 3, found.get("kind accuracy"), 1e-9);
            double mse = (0.25 + 1 + 4) / 7;
            assertEquals(mse, found.get("size loss"), 1e-6);
            assertEquals(Math.sqrt(mse), found.get("size RMSE"), 1e-6);
            double kind = (logSum(3, 1, 0) - 3 + logSum(0, 2, 1) - 2 + logSum(1, 2, 0) - 1) / 3;
            // MXNet's softmax has five digits.
            assertEquals(kind, found.get("kind loss"), 1e-5);
            Double loss = result.score().loss();
            assertEquals(kind + 0.5 * mse, loss == null ? Double.NaN : loss, 1e-5);

            List<OutputFigure> figures = result.predictions().get().figures();
            OutputFigure.Classes classes =
                    assertInstanceOf(OutputFigure.Classes.class, figures.get(0));
            assertEquals(1, classes.confusion()[0][1]);
            OutputFigure.Regression height =
                    assertInstanceOf(OutputFigure.Regression.class, figures.get(2));
            assertEquals("h", height.number());
            assertEquals(List.of(2.0, 6.0, 10.0), Arrays.stream(height.truth()).boxed().toList());
        }
    }

    private static double logSum(double... logits) {
        return Math.log(Arrays.stream(logits).map(Math::exp).sum());
    }

    @EachEngine
    void measuresProbabilitiesByTheirClass(EngineChoice engine) {
        try (Network network = Network.create(copy(), Engines.backend(engine), 0)) {
            OutputEvaluator evaluator =
                    new OutputEvaluator(
                            network,
                            EvaluationOptions.of(3)
                                    .with()
                                    .losses(Map.of("kind", new KlDivergenceLoss(1, 1)))
                                    .build(),
                            Map.of());
            float nan = Float.NaN;
            float[] rows = {0.5f, 0.3f, 0.2f, 1, 0, 0, nan, 0, 0};
            Target kind = new Target.Numbers(rows, new Shape(3, 3));
            evaluator.add(new Rows(rows(0, 3).inputs(), Map.of("kind", kind)));
            assertEquals(0.5, evaluator.classes().orElseThrow().top1());
            assertFalse(measures(evaluator.result()).containsKey("RMSE"));
        }
    }

    @EachEngine
    void measuresLabelsByBinaryLogits(EngineChoice engine) {
        try (Network network = Network.create(copy(), Engines.backend(engine), 0)) {
            OutputEvaluator evaluator =
                    new OutputEvaluator(
                            network,
                            EvaluationOptions.of(3)
                                    .with()
                                    .losses(Map.of("size", new Logits()))
                                    .metrics(Map.of("size", List.of(new RocAuc(false))))
                                    .build(),
                            Map.of());
            Map<String, float[]> inputs = new LinkedHashMap<>();
            inputs.put("a", new float[9]);
            inputs.put("b", new float[] {1, 5, 2, 5, 3, 5});
            Target labels = new Target.Numbers(new float[] {0, 0, 1, 1, 0, 0}, new Shape(3, 2));
            evaluator.add(new Rows(inputs, Map.of("size", labels)));
            // Half of the negatives are below the positive one, and all scores of h are equal.
            assertEquals(Map.of("ROC AUC", 0.5), measures(evaluator.result()));
            assertInstanceOf(
                    OutputFigure.Ranking.class,
                    evaluator.result().predictions().get().figures().get(0));
        }
    }

    @Test
    void writesPredictions() throws IOException {
        try (Network network = Network.create(copy(), Engines.backend(EngineChoice.MXNET), 0)) {
            Path csv = folder.resolve("p.csv");
            PredictionFile.of(csv)
                    .write(
                            to ->
                                    evaluated(
                                            network,
                                            EvaluationOptions.of(3)
                                                    .with()
                                                    .predictions(to)
                                                    .build()));
            List<String> lines = Files.readAllLines(csv);
            assertEquals(5, lines.size());
            assertEquals(
                    "sample,kind.label,kind.prediction,kind.probability,kind.probabilities.cat,"
                            + "kind.probabilities.dog,kind.probabilities.owl,size.true.w,"
                            + "size.true.h,size.predicted.w,size.predicted.h",
                    lines.get(0));
            float dog = (float) (Math.exp(2) / (1 + Math.exp(2) + Math.exp(1)));
            assertTrue(lines.get(2).startsWith("1,dog,dog," + dog), lines.get(2));
            assertTrue(lines.get(2).endsWith(",3.0,,3.0,4.0"), lines.get(2));
            assertTrue(lines.get(4).startsWith("3,,owl,"), lines.get(4));

            Path jsonl = folder.resolve("p.jsonl");
            PredictionFile.of(jsonl)
                    .write(
                            to ->
                                    evaluated(
                                            network,
                                            EvaluationOptions.of(3)
                                                    .with()
                                                    .predictions(to)
                                                    .build()));
            String row = Files.readAllLines(jsonl).get(1);
            assertTrue(row.startsWith("{\"sample\":\"1\",\"kind\":{\"label\":\"dog\""), row);
            assertTrue(row.contains("\"size\":{\"true\":{\"w\":3.0,\"h\":null}"), row);
        }
    }

    @Test
    void aFailedEvaluationLeavesNoFile() throws IOException {
        Path file = folder.resolve("p.csv");
        assertThrows(
                TrainingException.class,
                () ->
                        PredictionFile.of(file)
                                .write(
                                        to -> {
                                            throw new TrainingException("stopped");
                                        }));
        assertFalse(Files.exists(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
        SpecException e =
                assertThrows(SpecException.class, () -> PredictionFile.of(folder.resolve("p.txt")));
        assertTrue(String.valueOf(e.getMessage()).contains(".csv or .jsonl"), e.getMessage());
    }

    @Test
    void refusesMetricsThatDoNotFit() {
        try (Network network = Network.create(copy(), Engines.backend(EngineChoice.MXNET), 0)) {
            assertMessage(
                    "must name outputs of the network, [kind, size], got \"type\"",
                    network,
                    Map.of("type", List.of(new Accuracy(1))));
            assertMessage(
                    "output \"kind\": mae needs an output of numbers",
                    network,
                    Map.of("kind", List.of(new Mae())));
        }
    }

    private static void assertMessage(
            String part, Network network, Map<String, List<MetricSpec>> metrics) {
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () ->
                                evaluated(
                                        network,
                                        EvaluationOptions.of(3).with().metrics(metrics).build()));
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
}
