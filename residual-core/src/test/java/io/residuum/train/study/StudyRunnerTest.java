package io.residuum.train.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Task;
import io.residuum.train.Tiny;
import io.residuum.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study trains all of its runs, whatever happens in between. */
class StudyRunnerTest {
    private static final String STUDY =
            """
            {"description": "Which rate learns stripes?",
             "model": "tiny.json",
             "recipe": {"epochs": 2, "batch": 80,
                        "learningRate": {"oneOf": {"fast": 0.1, "slow": 0.01}}},
             "seeds": [1, 2]}
            """;

    private final Backend backend = Tiny.backend(EngineChoice.PYTORCH);
    private final StudyData data =
            (model, recipe) ->
                    new StudyData.Opened(Tiny.stripes(), model.spec().withClasses(8), () -> {});

    @TempDir private Path temp;

    @BeforeEach
    void writeModel() throws IOException {
        Files.writeString(temp.resolve("tiny.json"), SpecJson.standard().write(Tiny.network()));
    }

    private Study study(String text) throws IOException {
        return Study.read(Files.writeString(temp.resolve("study.json"), text));
    }

    private StudyRunner runner(Study study, String folder, StudyListener listener) {
        return new StudyRunner(study, data, backend, temp.resolve(folder), listener);
    }

    /** Asks a study to stop in the middle of an epoch of its n-th run. */
    private static final class Killer implements StudyListener {
        private final int run;
        private StudyRunner runner;
        private int started;

        Killer(int run) {
            this.run = run;
        }

        @Override
        public ProgressListener trains(StudyRun study, Task task) {
            boolean kills = ++started == run;
            return new ProgressListener() {
                @Override
                public void step(Progress progress) {
                    if (kills && progress.epoch() == 2 && progress.step() == 1) {
                        runner.requestStop();
                    }
                }
            };
        }
    }

    private StudyResult killed(Study study, String folder, int run, boolean resume) {
        Killer killer = new Killer(run);
        killer.runner = runner(study, folder, killer);
        StudyResult result = resume ? killer.runner.resume() : killer.runner.start();
        assertFalse(result.isComplete());
        return result;
    }

    /** Returns all measures, which must not depend on the time a run takes. */
    private static Map<String, Map<String, Double>> measures(StudyResult result) {
        Map<String, Map<String, Double>> all = new TreeMap<>();
        for (VariantResult variant : result.variants()) {
            for (RunResult run : variant.runs()) {
                all.put(run.run().label(), run.result().measures());
            }
        }
        return all;
    }

    @Test
    void anEstimateReadsTheWholeRecipe() throws IOException {
        String few = STUDY.replace("\"batch\": 80", "\"batch\": 80, \"accumulate\": 1000");
        runner(study(few), "few", StudyListener.NONE)
                .estimate()
                .forEach(estimate -> assertTrue(estimate.seconds() > 0, estimate.toString()));
        String nothing = STUDY.replace("\"batch\": 80", "\"trainOnly\": [\"nothing.*\"]");
        StudyRunner runner = runner(study(nothing), "nothing", StudyListener.NONE);
        SpecException e = assertThrows(SpecException.class, runner::estimate);
        assertTrue(String.valueOf(e.getMessage()).contains("nothing.*"), e.getMessage());
    }

    @Test
    void killedTwiceAndResumedGivesTheSameTable() throws IOException {
        Study study = study(STUDY);
        StudyResult whole = runner(study, "whole", StudyListener.NONE).start();
        assertTrue(whole.isComplete());
        assertEquals("validation accuracy", whole.ranking().key());
        assertEquals(4, measures(whole).size());

        assertEquals(1, measures(killed(study, "killed", 2, false)).size());
        Path finished = temp.resolve("killed/runs/fast/seed-1/model.safetensors");
        FileTime before = Files.getLastModifiedTime(finished);
        assertEquals(2, measures(killed(study, "killed", 2, true)).size());
        StudyResult resumed = runner(study, "killed", StudyListener.NONE).resume();
        assertEquals(measures(whole), measures(resumed));
        for (int i = 0; i < 2; i++) {
            String key = whole.ranking().key();
            assertEquals(
                    whole.variants().get(i).spread(key), resumed.variants().get(i).spread(key));
        }
        assertEquals(before, Files.getLastModifiedTime(finished), "a finished run stays");

        String report = Files.readString(temp.resolve("killed/report.html"));
        assertTrue(report.contains("Which rate learns stripes?") && report.contains("slow"));
        List<String> table = Files.readAllLines(temp.resolve("killed/table.csv"));
        assertEquals(3, table.size(), "a head and two variants");
        assertEquals(5, Files.readAllLines(temp.resolve("killed/runs.csv")).size());
        String curves = Files.readString(temp.resolve("killed/curves.svg"));
        assertTrue(curves.contains("fast") && curves.contains("slow"), curves);
        try (Network trained =
                Network.load(
                        new RunFolder(temp.resolve("whole/runs/fast/seed-2")).model(), backend)) {
            assertEquals(
                    SpecJson.standard().readModel(temp.resolve("whole/specs/fast.json")),
                    trained.spec().expand());
        }
    }

    @Test
    void aDivergedRunIsAResult() throws IOException {
        Study study =
                study(
                        """
                        {"model": "tiny.json", "recipe": {"epochs": 2, "batch": 40,
                         "schedule": "constant", "learningRate": {"oneOf": [0.05, 1e30]}}}
                        """);
        List<String> ended = new ArrayList<>();
        StudyListener listener =
                new StudyListener() {
                    @Override
                    public void ended(RunResult run) {
                        ended.add(run.run().label() + " " + run.result().outcome());
                    }
                };
        StudyResult result = runner(study, "study", listener).start();
        assertEquals(
                List.of("learningRate=0.05, seed 0 FINISHED", "learningRate=1e30, seed 0 DIVERGED"),
                ended);
        VariantResult diverged = result.variants().get(1);
        assertEquals(1, diverged.diverged());
        assertTrue(diverged.spread("train loss").isEmpty());
        assertEquals(result.variants().get(0), result.best().orElseThrow());
        assertEquals(result.variants().get(0), result.worst().orElseThrow());
        assertTrue(
                Files.readString(temp.resolve("study/report.html"))
                        .contains("diverged in epoch 1"));
        StudyResult again = runner(study, "study", listener).resume();
        assertEquals(2, ended.size(), "nothing is trained again");
        assertEquals(measures(result), measures(again));
    }

    /** The default warmup is an epoch, which is longer than the steps. */
    @Test
    void aStudyOfFewStepsShortensTheDefaultWarmup() throws IOException {
        Recipe defaults = Recipe.builder().batch(40).warmupEpochs(1).build();
        String text = "{'model': 'tiny.json', 'recipe': {'steps': 2%s}}".replace('\'', '"');
        Path file = temp.resolve("study.json");
        Files.writeString(file, text.formatted(""));
        StudyRunner runner =
                runner(Study.read(file, name -> defaults), "brief", StudyListener.NONE);
        assertEquals(1, runner.estimate().size());
        StudyResult result = runner.start();
        assertTrue(result.isComplete());
        Path written = temp.resolve("brief/runs/tiny/seed-0/recipe.json");
        double warmup = SpecJson.standard().read(written, Recipe.class).warmupEpochs();
        assertTrue(warmup > 0 && warmup < 1, "half of 2 steps: " + warmup);

        Files.writeString(file, text.formatted(", \"warmupEpochs\": 1"));
        StudyRunner longer = runner(Study.read(file, name -> defaults), "long", StudyListener.NONE);
        SpecException e = assertThrows(SpecException.class, longer::start);
        assertTrue(String.valueOf(e.getMessage()).contains("warmupEpochs must be in"));
    }

    @Test
    void settingsMayGrowAndNotChange() throws IOException {
        String once = STUDY.replace("\"epochs\": 2", "\"epochs\": 1");
        Study study = study(once.replace("[1, 2]", "[1]"));
        StudyResult one = runner(study, "study", StudyListener.NONE).start();
        Study changed = study(once.replace("0.01", "0.02"));
        String message =
                assertThrows(
                                TrainingException.class,
                                () -> runner(changed, "study", StudyListener.NONE).resume())
                        .getMessage();
        assertTrue(
                message.contains(
                        "\"slow\": recipe.learningRate is 0.01 in the folder and 0.02 now"),
                message);
        assertThrows(
                TrainingException.class, () -> runner(study, "study", StudyListener.NONE).start());
        assertThrows(
                TrainingException.class, () -> runner(study, "other", StudyListener.NONE).resume());
        runner(study.withData("a"), "data", StudyListener.NONE).start();
        StudyRunner other = runner(study.withData("b"), "data", StudyListener.NONE);
        String refused = assertThrows(TrainingException.class, other::resume).getMessage();
        assertTrue(refused.contains("data is a in the folder and b now"), refused);
        StudyResult grown =
                runner(
                                study(once.replace("\"slow\"", "\"slow\": 0.01, \"more\"")),
                                "study",
                                StudyListener.NONE)
                        .resume();
        assertEquals(6, measures(grown).size());
        assertTrue(measures(grown).entrySet().containsAll(measures(one).entrySet()));
    }

    @Test
    void variantsOfJavaAreTrainedToo() {
        Recipe recipe = Recipe.builder().epochs(1).batch(40).build();
        Variant variant = new Variant("tiny", ModelSource.of("tiny", Tiny.network()), recipe);
        Study study = new Study("java", "", null, List.of(variant), List.of(3L), null, null);
        StudyResult result = runner(study, "java", StudyListener.NONE).start();
        assertEquals(1, result.best().orElseThrow().runs().get(0).result().epochs());
    }
}
