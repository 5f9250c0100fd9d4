package io.residuum.train.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Tiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
    @TempDir private Path temp;

    private Study read(String search) throws IOException {
        Files.writeString(temp.resolve("tiny.json"), SpecJson.standard().write(Tiny.network()));
        String text =
                """
                {"model": "tiny.json",
                 "recipe": {"epochs": 4, "batch": 40,
                            "learningRate": {"range": [1e-4, 1.0], "scale": "log"},
                            "warmupEpochs": {"oneOf": [0, 1]}},
                 "search": %s}
                """;
        return Study.read(Files.writeString(temp.resolve("study.json"), text.formatted(search)));
    }

    private static Range range(String json) {
        return Range.read(JsonReader.parse(json, "test"), JsonPath.root("test"));
    }

    @Test
    void numbersAreDrawnUniformlyOnTheScale() {
        SplittableRandom random = new SplittableRandom(1);
        Range log = range("{\"range\": [0.0001, 1], \"scale\": \"log\"}");
        int below = 0;
        for (int i = 0; i < 2000; i++) {
            double value = Double.parseDouble(log.draw(random));
            assertTrue(value >= 1e-4 && value <= 1, "" + value);
            below += value < 1e-2 ? 1 : 0;
        }
        assertEquals(1000, below, 70);
        Range steps = range("{\"range\": [16, 64], \"step\": 16}");
        Set<String> drawn = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            drawn.add(steps.draw(random));
        }
        assertEquals(Set.of("16", "32", "48", "64"), drawn);
    }

    @Test
    void aLongerSearchBeginsWithTheSameDraws() throws IOException {
        Study few = read("{\"type\": \"random\", \"runs\": 3}");
        Study many = read("{\"type\": \"random\", \"runs\": 9}");
        for (int i = 0; i < 3; i++) {
            assertEquals(few.variants().get(i).settings(), many.variants().get(i).settings());
        }
        assertEquals(9, many.variants().stream().map(Variant::settings).distinct().count());
        Variant first = few.variants().get(0);
        assertEquals("draw-1", first.name());
        assertEquals(
                Double.parseDouble(first.settings().get(0).value()), first.recipe().learningRate());
    }

    @Test
    void halvingTrainsTheBestLonger() throws IOException {
        Study study = read("{\"type\": \"successiveHalving\", \"runs\": 4, \"factor\": 2}");
        assertEquals(List.of(1, 2, Integer.MAX_VALUE), study.rungs());
        assertEquals((4 + 2 + 1 * 2) / 16.0, study.trainedShare());
        Backend backend = Tiny.backend(EngineChoice.PYTORCH);
        StudyData data =
                (model, recipe) ->
                        new StudyData.Opened(Tiny.stripes(), model.spec().withClasses(8), () -> {});
        StudyResult result =
                new StudyRunner(study, data, backend, temp.resolve("out"), StudyListener.NONE)
                        .start();
        assertTrue(result.isComplete());
        List<VariantResult> rows = result.rows();
        List<Integer> epochs = rows.stream().map(v -> v.runs().get(0).result().epochs()).toList();
        assertEquals(List.of(4, 2, 1, 1), epochs, "those that trained longest are first");
        assertEquals(RunRecord.Outcome.FINISHED, rows.get(0).runs().get(0).result().outcome());
        assertEquals(RunRecord.Outcome.DROPPED, rows.get(1).runs().get(0).result().outcome());
        resumingInTheLastRungChoosesTheSame(study, data, backend, result);
        double dropped = rows.get(3).runs().get(0).curve().get(0).validationAccuracy();
        double kept = rows.get(0).runs().get(0).curve().get(0).validationAccuracy();
        assertTrue(kept >= dropped, "%s after epoch 1, and %s".formatted(kept, dropped));
        String runs = Files.readString(temp.resolve("out/runs.csv"));
        assertTrue(runs.contains("recipe.learningRate") && runs.contains("dropped"), runs);
        String report = Files.readString(temp.resolve("out/report.html"));
        assertTrue(report.contains("accuracy by learningRate"), "a chart of the range");
    }

    /** Resumes as after a kill: the best run is past the rungs in which the others were dropped. */
    private void resumingInTheLastRungChoosesTheSame(
            Study study, StudyData data, Backend backend, StudyResult whole) throws IOException {
        Path out = temp.resolve("out");
        Path best = whole.rows().get(0).runs().get(0).run().folder();
        Files.delete(best.resolve("result.json"));
        // Overfitting: the epochs after the last rung are worse than all dropped runs.
        Path metrics = best.resolve("metrics.jsonl");
        String worse =
                Files.readString(metrics)
                        .lines()
                        .map(
                                line ->
                                        line.matches(".*\"epoch\":[12],.*")
                                                ? line
                                                : line.replaceAll(
                                                        "\"validationAccuracy\":[0-9.E-]+",
                                                        "\"validationAccuracy\":0.0"))
                        .collect(Collectors.joining("\n", "", "\n"));
        Files.writeString(metrics, worse);
        StudyResult resumed =
                new StudyRunner(study, data, backend, out, StudyListener.NONE).resume();
        assertTrue(resumed.isComplete());
        assertEquals(whole.rows().get(0).variant().name(), resumed.rows().get(0).variant().name());
        assertEquals(
                RunRecord.Outcome.FINISHED, resumed.rows().get(0).runs().get(0).result().outcome());
    }
}
