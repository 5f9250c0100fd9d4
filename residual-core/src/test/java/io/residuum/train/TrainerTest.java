package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Programs;
import io.residuum.train.Trainer.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
    private static final int EPOCHS = 4;
    private static final ModelSpec SPEC = Tiny.network().withClasses(8);
    private static final Task TASK = new Stripes(200, 70);

    /** Everything that carries state from step to step, and everything that draws. */
    private static final Recipe RECIPE =
            Recipe.builder()
                    .epochs(EPOCHS)
                    .batch(32)
                    .learningRate(0.05)
                    .warmupEpochs(0.5)
                    .labelSmoothing(0.1)
                    .clipNorm(5.0)
                    .ema(EmaSpec.of(0.9))
                    .seed(7)
                    .build();

    @TempDir private Path temp;

    /**
     * Trains in a process of its own, for {@link #killedAndResumedEndsAsIfNothingHadBeen}: engine,
     * folder, resume.
     */
    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            ProgressListener slow =
                    new ProgressListener() {
                        @Override
                        public void step(Progress progress) {
                            System.out.println(progress.epoch() + " " + progress.step());
                        }
                    };
            EngineChoice engine = EngineChoice.of(args[0]);
            boolean resume = Boolean.parseBoolean(args[2]);
            run(engine, RECIPE, Path.of(args[1]), slow, resume);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void killedAndResumedEndsAsIfNothingHadBeen(EngineChoice engine) throws Exception {
        Path whole = temp.resolve("whole");
        Process uninterrupted = child(engine, whole, false);
        Path broken = temp.resolve("broken");
        Process victim = child(engine, broken, false);
        killWithin(victim, 2, 3);
        RunFolder folder = new RunFolder(broken);
        int done = Checkpoint.read(folder.checkpoint()).state().epoch();
        assertEquals(1, done, "the epoch that was interrupted is not done");
        Process resumed = child(engine, broken, true);
        assertEquals(0, finish(resumed));
        assertEquals(0, finish(uninterrupted));
        for (String file : List.of("checkpoint-last.safetensors", "model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(whole.resolve(file)),
                    Files.readAllBytes(broken.resolve(file)),
                    file);
        }
        assertEquals(curve(new RunFolder(whole)), curve(folder));
        try (var files = Files.list(broken)) {
            assertTrue(files.noneMatch(f -> f.toString().endsWith(".part")));
        }
    }

    @Test
    void stopsAfterAStepAndGoesOn() throws IOException {
        EngineChoice engine = EngineChoice.PYTORCH;
        List<Trainer> trainer = new ArrayList<>();
        ProgressListener stopInSecondEpoch =
                new ProgressListener() {
                    @Override
                    public void step(Progress progress) {
                        if (progress.epoch() == 2 && progress.step() == 2) {
                            trainer.get(0).requestStop();
                        }
                    }
                };
        Path folder = temp.resolve("stopped");
        try (Network network = network(engine)) {
            trainer.add(new Trainer(network, RECIPE, TASK, folder, stopInSecondEpoch));
            Trainer.Result stopped = trainer.get(0).start();
            assertEquals(Outcome.STOPPED, stopped.outcome());
            assertEquals(1, stopped.epochs());
        }
        Trainer.Result result = run(engine, RECIPE, folder, ProgressListener.NONE, true);
        assertEquals(Outcome.FINISHED, result.outcome());
        run(engine, RECIPE, temp.resolve("whole"), ProgressListener.NONE, false);
        assertArrayEquals(
                Files.readAllBytes(temp.resolve("whole/checkpoint-last.safetensors")),
                Files.readAllBytes(folder.resolve("checkpoint-last.safetensors")));

        byte[] metrics = Files.readAllBytes(folder.resolve("metrics.jsonl"));
        Trainer.Result again = run(engine, RECIPE, folder, ProgressListener.NONE, true);
        assertEquals(Outcome.ALREADY_FINISHED, again.outcome());
        assertArrayEquals(metrics, Files.readAllBytes(folder.resolve("metrics.jsonl")));
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void learns(EngineChoice engine) {
        Task stripes = Tiny.stripes();
        Recipe recipe = Recipe.builder().epochs(6).batch(20).learningRate(0.05).build();
        RunFolder folder = new RunFolder(temp.resolve("learns"));
        try (Network network = network(engine)) {
            Trainer trainer =
                    new Trainer(network, recipe, stripes, folder.path(), ProgressListener.NONE);
            Trainer.Result result = trainer.start();
            Score score = Objects.requireNonNull(result.best());
            assertTrue(score.accuracy() > 0.9, result.toString());
            List<Metrics.Epoch> epochs = epochs(folder);
            assertEquals(6, epochs.size());
            assertTrue(
                    epochs.get(5).trainLoss() < epochs.get(0).trainLoss() / 2, epochs.toString());
            try (Network best = Network.load(folder.model(), Tiny.backend(engine))) {
                assertEquals(score.accuracy(), stripes.evaluate(best, 32).score().accuracy());
            }
            assertTrue(Files.exists(folder.report()));
        }
    }

    @Test
    void resumesOnlyWhatItWasBegunWith() {
        EngineChoice engine = EngineChoice.PYTORCH;
        Path folder = temp.resolve("run");
        Recipe two = RECIPE.with().epochs(2).schedule(new ScheduleSpec.Constant()).build();
        run(engine, two, folder, ProgressListener.NONE, false);

        assertProblem(
                "learningRate is 0.05 in the checkpoint and 0.5 now",
                () -> resume(two.with().learningRate(0.5).build(), folder));
        assertProblem(
                "schedule is Constant[] in the checkpoint and Cosine",
                () -> resume(two.with().schedule(new ScheduleSpec.Cosine(0)).build(), folder));
        assertProblem("2 that are done", () -> resume(two.with().epochs(1).build(), folder));
        assertProblem(
                "holds one of 2 epochs",
                () -> run(engine, two, folder, ProgressListener.NONE, false));
        assertProblem("there is no", () -> resume(two, temp.resolve("elsewhere")));
        assertFalse(Files.exists(temp.resolve("elsewhere")));

        Recipe three = two.with().epochs(3).build();
        assertEquals(3, resume(three, folder).epochs());
        run(engine, three, temp.resolve("three"), ProgressListener.NONE, false);
        assertEquals(curve(new RunFolder(temp.resolve("three"))), curve(new RunFolder(folder)));
    }

    @Test
    void spreadSchedulesCannotBeMadeLonger() {
        Path folder = temp.resolve("run");
        Recipe cosine = RECIPE.with().epochs(1).build();
        run(EngineChoice.PYTORCH, cosine, folder, ProgressListener.NONE, false);
        assertProblem("with the schedule", () -> resume(cosine.with().epochs(2).build(), folder));
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void divergenceNamesTheStepAndKeepsTheCheckpoint(EngineChoice engine) {
        Path folder = temp.resolve("diverges");
        Recipe wild =
                RECIPE.with()
                        .learningRate(1e30)
                        .schedule(new ScheduleSpec.Constant())
                        .clipNorm(null)
                        .ema(null)
                        .warmupEpochs(0)
                        .build();
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () -> run(engine, wild, folder, ProgressListener.NONE, false));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("epoch 1, step 2 of 6"), message);
        assertTrue(message.contains("1.0E30"), message);
        assertEquals(0, Checkpoint.read(new RunFolder(folder).checkpoint()).state().epoch());
    }

    @Test
    void writesEverySetting() {
        Path folder = temp.resolve("settings");
        Recipe recipe = RECIPE.with().epochs(1).batch(100).build();
        run(EngineChoice.PYTORCH, recipe, folder, ProgressListener.NONE, false);
        RunFolder run = new RunFolder(folder);
        assertEquals(recipe, SpecJson.standard().read(run.recipe(), Recipe.class));
        assertEquals(SPEC, SpecJson.standard().readModel(run.spec()));
    }

    @Test
    void anUpdateThatNeedsMoreThanAnEpochIsNoted() {
        List<String> notes = new ArrayList<>();
        ProgressListener listener =
                new ProgressListener() {
                    @Override
                    public void note(String line) {
                        notes.add(line);
                    }
                };
        Recipe recipe = RECIPE.with().epochs(2).batch(100).accumulate(3).build();
        run(EngineChoice.PYTORCH, recipe, temp.resolve("short"), listener, false);
        assertEquals(
                List.of(
                        "an update has 2 passes, all batches of an epoch, instead of the 3 of"
                                + " accumulate"),
                notes);
    }

    private static void assertProblem(String expected, Runnable action) {
        TrainingException e = assertThrows(TrainingException.class, action::run);
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(expected), message);
    }

    private static Trainer.Result resume(Recipe recipe, Path folder) {
        return run(EngineChoice.PYTORCH, recipe, folder, ProgressListener.NONE, true);
    }

    private static Trainer.Result run(
            EngineChoice engine,
            Recipe recipe,
            Path folder,
            ProgressListener listener,
            boolean resume) {
        try (Network network = network(engine)) {
            Trainer trainer = new Trainer(network, recipe, TASK, folder, listener);
            return resume ? trainer.resume() : trainer.start();
        }
    }

    private static Network network(EngineChoice engine) {
        return Network.create(SPEC, Tiny.backend(engine), RECIPE.seed());
    }

    private static Process child(EngineChoice engine, Path folder, boolean resume)
            throws IOException {
        return Programs.of(Child.class, engine.name(), folder.toString(), String.valueOf(resume))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void killWithin(Process process, int epoch, int step) throws Exception {
        try (var lines = process.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.equals(epoch + " " + step)) {
                line = lines.readLine();
            }
            process.destroyForcibly();
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertTrue(line != null, "the child ended before it could be killed");
        }
    }

    private static int finish(Process process) throws Exception {
        try (var lines = process.inputReader()) {
            while (lines.readLine() != null) {
                // its progress
            }
        }
        return process.waitFor();
    }

    private static List<Metrics.Epoch> epochs(RunFolder folder) {
        return folder.readMetrics().stream()
                .filter(m -> m instanceof Metrics.Epoch)
                .map(m -> (Metrics.Epoch) m)
                .toList();
    }

    /** Returns the measurements, without times. */
    private static List<List<Object>> curve(RunFolder folder) {
        return epochs(folder).stream()
                .map(
                        m ->
                                Arrays.<Object>asList(
                                        m.epoch(),
                                        m.steps(),
                                        m.trainLoss(),
                                        m.trainAccuracy(),
                                        m.validationLoss(),
                                        m.validationAccuracy(),
                                        m.learningRate()))
                .toList();
    }
}
