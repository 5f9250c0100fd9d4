package io.residuum.train.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.SpecException;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Tiny;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingStep;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearningRateFinderTest {
    private static final Recipe RECIPE =
            Recipe.builder()
                    .epochs(2)
                    .batch(16)
                    .freeze(List.of("stem.bias"))
                    .schedule(new ScheduleSpec.Constant())
                    .build();

    @TempDir private Path temp;

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void findsARateThatTrainsAndLeavesTheNetworkAlone(EngineChoice engine) {
        double rate;
        try (Network network = network(engine)) {
            Map<String, float[]> before = values(network);
            LearningRateCurve curve =
                    new LearningRateFinder(1e-6, 100, 60).find(network, RECIPE, Tiny.stripes());
            values(network).forEach((path, v) -> assertArrayEquals(before.get(path), v, path));
            assertTrue(network.parameters().get("stem.bias").requiresGradient());
            rate = curve.suggestion().orElseThrow();
            assertTrue(curve.points().size() > 30, "ended after " + curve.points().size());
            assertTrue(curve.points().size() < 60, "100 is too much for any network");
            assertEquals(1e-6, curve.points().get(0).learningRate());
            assertTrue(curve.svg().contains("learning rate"), curve.svg());
        }
        double learned = loss(engine, rate);
        assertTrue(learned < loss(engine, rate / 1000), "the suggestion learns slowly: " + rate);
        assertTrue(learned < Math.log(8), "the suggestion does not learn: " + rate);
    }

    @Test
    void findsARateForNumbers() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            Tensor x = Tensor.numbers(i % 4 - 1, i % 3 - 1, i % 5 - 2);
            samples.add(new Sample(Map.of("input", x), Map.of("output", x)));
        }
        SampleTask task =
                SampleTask.on(
                        SampleSplits.holdingOut(
                                "copies", Samples.of(samples), Optional.empty(), 0.25));
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(EngineChoice.MXNET), 1)) {
            LearningRateCurve curve =
                    new LearningRateFinder(1e-4, 10, 30)
                            .find(network, RECIPE.with().batch(8).freeze(List.of()).build(), task);
            assertTrue(curve.points().get(0).loss() > 0.1, curve.points().toString());
            assertTrue(curve.suggestion().isPresent(), curve.points().toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void theNextTrainingBeginsWithoutGradients(EngineChoice engine) {
        Map<String, float[]> fresh;
        try (Network network = network(engine)) {
            fresh = afterOneUpdate(network);
        }
        try (Network network = network(engine)) {
            // Ends after a backward pass, because the loss diverges.
            new LearningRateFinder(1e-6, 100, 60).find(network, RECIPE, Tiny.stripes());
            afterOneUpdate(network)
                    .forEach((path, v) -> assertArrayEquals(fresh.get(path), v, path));
        }
    }

    private static Map<String, float[]> afterOneUpdate(Network network) {
        network.backend().seed(5);
        network.reseed(5);
        try (TrainingStep step = new TrainingStep(network, RECIPE)) {
            step.backward(new float[2 * 64], new int[] {1, 2}, null, 1);
            step.update(0.1);
            step.poll(0);
        }
        return values(network);
    }

    private static Network network(EngineChoice engine) {
        return Network.create(Tiny.network().withClasses(8), Tiny.backend(engine), 1);
    }

    private static Map<String, float[]> values(Network network) {
        Map<String, float[]> values = new TreeMap<>();
        network.state().forEach((path, p) -> values.put(path, p.getArray().toFloatArray()));
        return values;
    }

    private double loss(EngineChoice engine, double rate) {
        RunFolder folder = new RunFolder(temp.resolve(engine + "-" + rate));
        try (Network network = network(engine)) {
            new Trainer(
                            network,
                            RECIPE.withLearningRate(rate),
                            Tiny.stripes(),
                            folder.path(),
                            ProgressListener.NONE)
                    .start();
        }
        double last = Double.NaN;
        for (Metrics line : folder.readMetrics()) {
            last = line instanceof Metrics.Epoch epoch ? epoch.trainLoss() : last;
        }
        return last;
    }

    @Test
    void theSteepestDescentIsSuggested() {
        // A logistic drop at 1e-2, then growth.
        List<LearningRateCurve.Point> points = new ArrayList<>();
        for (int i = 0; i <= 80; i++) {
            double decade = -6 + i / 10.0;
            double loss = 2 - 1 / (1 + Math.exp(-4 * (decade + 2))) + Math.exp(3 * (decade - 1));
            points.add(new LearningRateCurve.Point(Math.pow(10, decade), loss, loss));
        }
        double rate = new LearningRateCurve(points).suggestion().orElseThrow();
        assertEquals(-2, Math.log10(rate), 0.1);
        List<LearningRateCurve.Point> rising = new ArrayList<>();
        for (int i = 1; i < 20; i++) {
            rising.add(new LearningRateCurve.Point(i, i, i));
        }
        assertFalse(new LearningRateCurve(rising).suggestion().isPresent());
    }

    @Test
    void aRangeMustRise() {
        SpecException e =
                assertThrows(SpecException.class, () -> new LearningRateFinder(1, 0.1, 100));
        assertTrue(e.getMessage().contains("0.1"), e.getMessage());
    }
}
