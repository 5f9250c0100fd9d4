package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.metric.Measure;
import io.residuum.model.Network;
import io.residuum.optim.EmaSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Trainer.Outcome;
import io.residuum.train.callback.EarlyStopping;
import io.residuum.train.callback.Goal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that validation data chooses the network, and that test data only measures it. */
class ModelChoiceTest {
    private static final ModelSpec SPEC = Tiny.network().withClasses(8);
    private static final Recipe RECIPE =
            Recipe.builder().epochs(3).batch(50).ema(EmaSpec.of(0.9)).build();

    @TempDir private Path temp;

    /** An evaluation with scripted accuracies that remembers the networks it saw. */
    private static final class Script implements EvaluationSet {
        private final double[] accuracies;
        private final List<float[]> seen = new ArrayList<>();

        Script(double... accuracies) {
            this.accuracies = accuracies;
        }

        @Override
        public long size() {
            return 200;
        }

        @Override
        public EvaluationResult evaluate(Network network, EvaluationOptions options) {
            seen.add(head(network));
            double accuracy = accuracies[Math.min(seen.size(), accuracies.length) - 1];
            return EvaluationResult.of(
                    Score.ofAccuracy(
                            Double.isInfinite(accuracy) ? accuracy : 1,
                            Double.isFinite(accuracy) ? accuracy : 0.5),
                    List.of(new Measure("mistakes", accuracy)));
        }
    }

    /** Stripes with scripted evaluations. */
    private record Scripted(
            Task stripes, @Nullable Script chooses, @Nullable Script measures, double share)
            implements Task {
        @Override
        public String description() {
            return stripes.description();
        }

        @Override
        public String unit() {
            return stripes.unit();
        }

        @Override
        public void requireFitting(Network network) {}

        @Override
        public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
            return stripes.trainingBatches(spec, recipe);
        }

        @Override
        public Optional<EvaluationSet> validation() {
            return Optional.ofNullable(chooses);
        }

        @Override
        public Optional<EvaluationSet> test() {
            return Optional.ofNullable(measures);
        }

        @Override
        public OptionalDouble heldOut() {
            return OptionalDouble.of(share);
        }

        @Override
        public Map<String, String> metadata() {
            return Map.of();
        }
    }

    @Test
    void validationChoosesAndTheTestMeasuresOnce() throws IOException {
        Script validation = new Script(0.5, 0.9, 0.7);
        Script test = new Script(0.25);
        RunFolder folder = new RunFolder(temp.resolve("run"));
        Task task = new Scripted(Tiny.stripes(), validation, test, 0.1);
        Trainer.Result result = run(task, RECIPE, folder, false);

        assertEquals(2, result.bestEpoch());
        assertEquals(0.9, Objects.requireNonNull(result.best()).accuracy());
        assertEquals(
                new Metrics.Test(3, 2, 200, 1.0, 0.25, List.of(new Measure("mistakes", 0.25))),
                Objects.requireNonNull(result.test()));
        // Once, on the averaged weights of the best epoch, which are those of the file.
        assertEquals(1, test.seen.size());
        assertArrayEquals(validation.seen.get(1), test.seen.get(0));
        try (Network saved = Network.load(folder.model(), Tiny.backend(EngineChoice.PYTORCH))) {
            assertArrayEquals(head(saved), test.seen.get(0));
        }
        String report = Files.readString(folder.report());
        assertTrue(report.contains("Test accuracy") && report.contains("25"), "test in the report");
        assertTrue(report.contains("Validation accuracy"), "validation in the report");

        Trainer.Result again = run(task, RECIPE, folder, true);
        assertEquals(Outcome.ALREADY_FINISHED, again.outcome());
        assertEquals(result.test(), again.test());
        assertEquals(1, test.seen.size(), "a finished run is not measured again");
    }

    @Test
    void aNetworkWithoutAFiniteValidationLossIsNeverBest() {
        RunFolder first = new RunFolder(temp.resolve("first"));
        Task wild = new Scripted(Tiny.stripes(), new Script(Double.POSITIVE_INFINITY), null, 0.1);
        TrainingException e =
                assertThrows(
                        TrainingException.Diverged.class, () -> run(wild, RECIPE, first, false));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("validation loss after epoch 1 is not finite"), message);
        assertTrue(message.contains("lower learningRate"), message);
        assertTrue(message.endsWith("The checkpoint with the initial weights is kept"), message);
        assertFalse(Files.exists(first.model()));

        RunFolder second = new RunFolder(temp.resolve("second"));
        Task later =
                new Scripted(Tiny.stripes(), new Script(0.5, Double.POSITIVE_INFINITY), null, 0.1);
        e = assertThrows(TrainingException.Diverged.class, () -> run(later, RECIPE, second, false));
        message = String.valueOf(e.getMessage());
        assertTrue(message.endsWith("The checkpoint of epoch 1 is kept"), message);
        assertEquals(1, Checkpoint.read(second.checkpoint()).state().bestEpoch());
        assertTrue(Files.exists(second.model()));
    }

    @Test
    void aMeasureWithoutANumberIsWorseThanAny() {
        Recipe recipe =
                RECIPE.with()
                        .best(new Score.Choice("mistakes", Score.Direction.HIGHEST))
                        .callbacks(List.of(new EarlyStopping("mistakes", 3, 0, Goal.MAXIMIZE)))
                        .build();
        Script validation = new Script(Double.NaN, 0.4, Double.NaN);
        Task task = new Scripted(Tiny.stripes(), validation, null, 0.1);
        Trainer.Result result = run(task, recipe, new RunFolder(temp.resolve("run")), false);
        assertEquals(2, result.bestEpoch());
        assertEquals(3, result.epochs());
        Score undefined = new Score(0.1, 0.9, null);
        assertFalse(undefined.betterThan(new Score(0.5, 0.5, 0.0)));
        assertTrue(new Score(0.5, 0.5, -9.0).betterThan(undefined));
        assertTrue(undefined.betterThan(new Score(0.1, 0.8, null)));
    }

    @Test
    void aRunThatWasKilledBeforeItsTestIsMeasuredWhenResumed() throws IOException {
        Script test = new Script(0.25);
        RunFolder folder = new RunFolder(temp.resolve("run"));
        Task task = new Scripted(Tiny.stripes(), new Script(0.5), test, 0.1);
        Recipe recipe = RECIPE.with().epochs(1).build();
        run(task, recipe, folder, false);
        List<String> lines = Files.readAllLines(folder.metrics());
        Files.write(folder.metrics(), lines.subList(0, lines.size() - 1));
        assertEquals(
                0.25, Objects.requireNonNull(run(task, recipe, folder, true).test()).accuracy());
        assertEquals(lines, Files.readAllLines(folder.metrics()));
    }

    @Test
    void withoutValidationTheLastEpochCounts() {
        Script test = new Script(0.25);
        RunFolder folder = new RunFolder(temp.resolve("run"));
        Recipe recipe = RECIPE.with().validation(0).build();
        Trainer.Result result =
                run(new Scripted(Tiny.stripes(), null, test, 0), recipe, folder, false);
        assertEquals(3, result.bestEpoch());
        assertNull(result.best());
        assertEquals(1, test.seen.size());
        assertEquals(3, Objects.requireNonNull(result.test()).bestEpoch());
        assertFalse(
                folder.readMetrics().stream()
                        .anyMatch(m -> m instanceof Metrics.Epoch e && e.validationLoss() != null));
    }

    @Test
    void theRecipeMayChooseByAnotherMeasure() {
        Task task = new Scripted(Tiny.stripes(), new Script(0.5, 0.9, 0.7), null, 0.1);
        Recipe lowest =
                RECIPE.with().best(new Score.Choice("mistakes", Score.Direction.LOWEST)).build();
        RunFolder folder = new RunFolder(temp.resolve("run"));
        Trainer.Result result = run(task, lowest, folder, false);
        // The measure says the opposite of the accuracy, and is lowest in the first epoch.
        assertEquals(1, result.bestEpoch());
        assertEquals(0.5, Objects.requireNonNull(result.best()).accuracy());
        assertEquals(1, run(task, lowest, folder, true).bestEpoch());

        Recipe unknown =
                RECIPE.with().best(new Score.Choice("F2", Score.Direction.HIGHEST)).build();
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () -> run(task, unknown, new RunFolder(temp.resolve("other")), false));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("[loss, accuracy, mistakes], got \"F2\""), message);

        Recipe unread = lowest.with().validation(0).build();
        Task blind = new Scripted(Tiny.stripes(), null, new Script(0.25), 0);
        e =
                assertThrows(
                        TrainingException.class,
                        () -> run(blind, unread, new RunFolder(temp.resolve("blind")), false));
        assertTrue(e.toString().contains("best of the recipe needs validation data"), e.toString());
    }

    @Test
    void dataThatHoldOutAnotherShareAreRefused() {
        Task task = new Scripted(Tiny.stripes(), new Script(0.5), null, 0.1);
        Recipe recipe = RECIPE.with().validation(0.2).build();
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () -> run(task, recipe, new RunFolder(temp.resolve("run")), false));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("0.2") && message.contains("holds out 0.1"), message);
    }

    private static Trainer.Result run(Task task, Recipe recipe, RunFolder folder, boolean resume) {
        try (Network network = Network.create(SPEC, Tiny.backend(EngineChoice.PYTORCH), 3)) {
            Trainer trainer =
                    new Trainer(network, recipe, task, folder.path(), ProgressListener.NONE);
            return resume ? trainer.resume() : trainer.start();
        }
    }

    private static float[] head(Network network) {
        return network.parameters().get("head.weight").getArray().toFloatArray();
    }
}
