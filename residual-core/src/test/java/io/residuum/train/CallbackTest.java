package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.ResiduumException;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Trainer.Outcome;
import io.residuum.train.callback.Callback;
import io.residuum.train.callback.CallbackSpec;
import io.residuum.train.callback.EarlyStopping;
import io.residuum.train.callback.EpochEnd;
import io.residuum.train.callback.Goal;
import io.residuum.train.callback.ReduceOnPlateau;
import io.residuum.train.callback.StepEnd;
import io.residuum.train.callback.TrainingControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callbacks, and runs of a fixed number of steps. */
class CallbackTest {
    private static final ModelSpec SPEC = Tiny.network().withClasses(8);
    private static final Task TASK = new Stripes(96, 40);
    private static final double RATE = 0.05;

    /** No change of the loss is an improvement, so that plateaus begin after the first epoch. */
    private static final double HUGE = 1e6;

    private static final ReduceOnPlateau HALVE =
            new ReduceOnPlateau("validationLoss", 0.5, 1, HUGE, 0.2, Goal.AUTO);
    private static final EarlyStopping STOP =
            new EarlyStopping("validationAccuracy", 3, HUGE, Goal.AUTO);

    @TempDir private Path temp;

    /** Lowers the rate in every third step and counts the steps of all epochs. */
    private static final class Counting implements Callback {
        private double steps;

        @Override
        public void stepEnds(TrainingControl training, StepEnd step) {
            steps++;
            if (steps % 3 == 0) {
                training.setLearningRateFactor(training.learningRateFactor() * 0.9);
            }
        }

        @Override
        public Map<String, Double> state() {
            return Map.of("steps", steps);
        }

        @Override
        public void restore(Map<String, Double> state) {
            steps = state.getOrDefault("steps", 0.0);
        }
    }

    private static Recipe recipe(int epochs, CallbackSpec... callbacks) {
        return Recipe.builder()
                .epochs(epochs)
                .batch(32)
                .learningRate(RATE)
                .schedule(new ScheduleSpec.Constant())
                .callbacks(List.of(callbacks))
                .build();
    }

    private static final class Log implements ProgressListener {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void log(String line) {
            lines.add(line);
        }
    }

    private static Trainer.Result run(
            Recipe recipe, Path folder, boolean resume, ProgressListener log, Callback... added) {
        try (Network network = Network.create(SPEC, Tiny.backend(EngineChoice.PYTORCH), 1)) {
            Trainer trainer = new Trainer(network, recipe, TASK, folder, log);
            List.of(added).forEach(trainer::addCallback);
            return resume ? trainer.resume() : trainer.start();
        }
    }

    private static List<Double> rates(Path folder) {
        return new RunFolder(folder)
                .readMetrics().stream()
                        .filter(Metrics.Epoch.class::isInstance)
                        .map(line -> ((Metrics.Epoch) line).learningRate())
                        .toList();
    }

    @Test
    void earlyStoppingEndsTheRunForGood() {
        Path folder = temp.resolve("run");
        Log log = new Log();
        Trainer.Result result = run(recipe(9, STOP), folder, false, log);
        assertEquals(Outcome.FINISHED, result.outcome());
        assertEquals(4, result.epochs(), "one epoch sets the best value, three wait");
        assertTrue(log.lines.get(0).contains("early stopping after epoch 4"), log.lines.toString());
        Log again = new Log();
        Trainer.Result resumed = run(recipe(9, STOP), folder, true, again);
        assertEquals(Outcome.ALREADY_FINISHED, resumed.outcome());
        assertEquals(log.lines, again.lines, "the reason is saved");
        TrainingException other =
                assertThrows(
                        TrainingException.class, () -> run(recipe(9), folder, true, new Log()));
        assertTrue(other.getMessage().contains("callbacks"), other.getMessage());
    }

    @Test
    void plateausReduceTheLearningRate() {
        Path folder = temp.resolve("run");
        run(recipe(5, HALVE), folder, false, new Log());
        assertEquals(
                List.of(RATE, RATE, RATE * 0.5, RATE * 0.25, RATE * 0.2),
                rates(folder),
                "halved after each epoch from the second, down to a fifth");
    }

    @Test
    void resumedRunsEndAsUninterruptedOnes() throws IOException {
        Recipe recipe = recipe(6, HALVE, STOP);
        Path whole = temp.resolve("whole");
        run(recipe, whole, false, new Log(), new Counting());
        Path broken = temp.resolve("broken");
        List<Trainer> trainer = new ArrayList<>();
        ProgressListener stopper =
                new ProgressListener() {
                    @Override
                    public void step(Progress progress) {
                        if (progress.epoch() == 3 && progress.step() == 2) {
                            trainer.get(0).requestStop();
                        }
                    }
                };
        try (Network network = Network.create(SPEC, Tiny.backend(EngineChoice.PYTORCH), 1)) {
            trainer.add(new Trainer(network, recipe, TASK, broken, stopper));
            trainer.get(0).addCallback(new Counting());
            assertEquals(Outcome.STOPPED, trainer.get(0).start().outcome());
        }
        ResiduumException without =
                assertThrows(ResiduumException.class, () -> resume(recipe, broken));
        assertTrue(without.getMessage().contains("3 callbacks"), without.getMessage());
        run(recipe, broken, true, new Log(), new Counting());
        for (String file : List.of("checkpoint-last.safetensors", "model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(whole.resolve(file)),
                    Files.readAllBytes(broken.resolve(file)),
                    file);
        }
        assertEquals(rates(whole), rates(broken));
    }

    private static void resume(Recipe recipe, Path folder) {
        run(recipe, folder, true, new Log());
    }

    @Test
    void aCallbackSeesEveryEventAndEndsAnEpochInAStep() {
        List<String> events = new ArrayList<>();
        Callback callback =
                new Callback() {
                    @Override
                    public void trainingBegins(TrainingControl training, int epochsDone) {
                        events.add("begin " + epochsDone + " " + training.folder().getFileName());
                    }

                    @Override
                    public void epochBegins(TrainingControl training, int epoch) {
                        events.add("epoch " + epoch);
                    }

                    @Override
                    public void stepEnds(TrainingControl training, StepEnd step) {
                        events.add(step.step() + "/" + step.steps() + " " + step.updates());
                        if (step.updates() == 5) {
                            training.stop("enough");
                        }
                    }

                    @Override
                    public void epochEnds(TrainingControl training, EpochEnd epoch) {
                        assertEquals(SPEC, training.network().spec());
                        events.add(epoch.measures().keySet().toString());
                    }

                    @Override
                    public void trainingEnds() {
                        events.add("end");
                    }
                };
        Trainer.Result result = run(recipe(4), temp.resolve("run"), false, new Log(), callback);
        String measures = "[trainLoss, trainAccuracy, validationLoss, validationAccuracy]";
        assertEquals(
                List.of(
                        "begin 0 run",
                        "epoch 1",
                        "1/3 1",
                        "2/3 2",
                        "3/3 3",
                        measures,
                        "epoch 2",
                        "1/3 4",
                        "2/3 5",
                        measures,
                        "end"),
                events);
        assertEquals(2, result.epochs());
    }

    @Test
    void aCallbackEndsTheRunBeforeAnEpoch() {
        Callback callback =
                new Callback() {
                    @Override
                    public void epochBegins(TrainingControl training, int epoch) {
                        if (epoch == 2) {
                            training.stop("no time");
                        }
                    }
                };
        Path folder = temp.resolve("run");
        Trainer.Result result = run(recipe(4), folder, false, new Log(), callback);
        assertEquals(Outcome.FINISHED, result.outcome());
        assertEquals(2, result.epochs());
        assertEquals(4, Checkpoint.read(new RunFolder(folder).checkpoint()).state().updates());
    }

    @Test
    void allCallbacksEndEvenIfOneFails() {
        List<String> ended = new ArrayList<>();
        Callback[] callbacks = new Callback[2];
        Arrays.setAll(
                callbacks,
                i ->
                        new Callback() {
                            @Override
                            public void trainingEnds() {
                                ended.add("callback " + i);
                                throw new IllegalStateException("disk full " + i);
                            }
                        });
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> run(recipe(1), temp.resolve("run"), false, new Log(), callbacks));
        assertEquals(List.of("callback 0", "callback 1"), ended);
        assertEquals("disk full 0", e.getMessage());
    }

    /** The measures of all tasks; a run that minimized mAP would stop as soon as it learned. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "validationAccuracy",
                "mAP",
                "AP50",
                "AP75",
                "VOC mAP",
                "mean IoU",
                "PSNR",
                "SSIM",
                "R2",
                "F1",
                "ROC AUC",
                "Spearman",
                "Pearson",
                "MRR@10",
                "recall@5"
            })
    void higherIsBetterForMostMeasures(String measure) {
        assertTrue(Goal.AUTO.maximizes(measure));
        assertFalse(Goal.MINIMIZE.maximizes(measure));
    }

    @ParameterizedTest
    @ValueSource(strings = {"validationLoss", "RMSE", "MAE", "perplexity", "MAPE", "mapping loss"})
    void lowerIsBetterForErrors(String measure) {
        assertFalse(Goal.AUTO.maximizes(measure));
        assertTrue(Goal.MAXIMIZE.maximizes(measure));
    }

    @Test
    void anUnknownMeasureNamesTheKnownOnes() {
        EarlyStopping wrong = new EarlyStopping("val_loss", 3, 0, Goal.AUTO);
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> run(recipe(2, wrong), temp.resolve("run"), false, new Log()));
        assertTrue(e.getMessage().contains("validationLoss"), e.getMessage());
        assertTrue(e.getMessage().contains("val_loss"), e.getMessage());
    }

    @Test
    void callbacksHaveNamesInJson() {
        String json =
                "{\"callbacks\": [\"earlyStopping\","
                        + " {\"type\": \"reduceOnPlateau\", \"factor\": 0.5}]}";
        Recipe recipe = SpecJson.standard().parse(json, "recipe", Recipe.class);
        assertEquals(EarlyStopping.of(5), recipe.callbacks().get(0));
        assertEquals(0.5, ((ReduceOnPlateau) recipe.callbacks().get(1)).factor());
        String written = SpecJson.standard().write(recipe);
        assertEquals(recipe, SpecJson.standard().parse(written, "written", Recipe.class));
        SpecException typo =
                assertThrows(
                        SpecException.class,
                        () ->
                                SpecJson.standard()
                                        .parse(json.replace("early", "erly"), "r", Recipe.class));
        assertTrue(typo.getMessage().contains("earlyStopping"), typo.getMessage());
    }

    @Test
    void aRunOfAFixedNumberOfStepsEndsWithinAnEpoch() {
        Path folder = temp.resolve("run");
        Recipe recipe =
                recipe(9)
                        .with()
                        .steps(7)
                        .schedule(new ScheduleSpec.Cosine(0))
                        .warmupEpochs(1)
                        .build();
        Trainer.Result result = run(recipe, folder, false, new Log());
        assertEquals(3, result.epochs(), "3 steps, 3 steps, 1 step");
        Recipe saved = SpecJson.standard().read(new RunFolder(folder).recipe(), Recipe.class);
        assertEquals(3, saved.epochs());
        Checkpoint checkpoint = Checkpoint.read(new RunFolder(folder).checkpoint());
        assertEquals(7, checkpoint.state().updates());
        // After a warmup of 3 steps, the last of 4 is at 3/4 of the cosine.
        double last = RATE * (1 + Math.cos(Math.PI * 3 / 4)) / 2;
        assertEquals(last, rates(folder).get(2), 1e-9);
        assertEquals(Outcome.ALREADY_FINISHED, run(recipe, folder, true, new Log()).outcome());
        SpecException allWarmup =
                assertThrows(
                        SpecException.class,
                        () ->
                                run(
                                        recipe.withWarmupEpochs(3),
                                        temp.resolve("other"),
                                        false,
                                        new Log()));
        assertTrue(
                allWarmup.getMessage().contains("the epochs that 7 steps take"),
                allWarmup.getMessage());
    }
}
