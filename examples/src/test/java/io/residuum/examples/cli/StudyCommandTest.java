package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.train.study.Study;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudyCommandTest {
    private static final String STUDY =
            """
            {"model": "tiny.json",
             "recipe": {"batch": 20, "epochs": 1, "learningRate": {"oneOf": {"high": 0.1, "low": 0.01}}},
             "seeds": [4, 5]}
            """;

    @TempDir private Path temp;

    private Cli study(String text, String... more) throws IOException {
        Cli.tiny(temp);
        Path file = Files.writeString(temp.resolve("rates.json"), text);
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "study",
                                file.toString(),
                                "--data=digits:train=60,test=20",
                                "--device=cpu"));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    private String out(String name) {
        return "--out=" + temp.resolve(name);
    }

    @Test
    void processesGiveTheTableOfOneProcess() throws IOException {
        Cli planned = study(STUDY, out("one"), "--dry-run");
        assertEquals(0, planned.code(), planned.err());
        assertTrue(planned.out().contains("4 runs, about 0:"), planned.out());
        assertFalse(Files.exists(temp.resolve("one")), "a dry run writes nothing");

        Cli one = study(STUDY, out("one"), "--json");
        assertEquals(0, one.code(), one.err());
        assertTrue(one.err().contains("run      4 of 4: low, seed 5, about 0:"), one.err());
        JsonNode numbers = one.json();
        assertEquals("test accuracy", numbers.get("measure").asText());
        assertEquals("digits:train=60,test=20", numbers.get("data").asText());

        Cli refused = study(STUDY, out("one"));
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("already holds a study"), refused.err());

        // The process that begins a study decides the number of threads.
        Path folder = temp.resolve("one");
        Path two = temp.resolve("two");
        for (String run : List.of("high/seed-4", "low/seed-4")) {
            copy(folder.resolve("runs").resolve(run), two.resolve("runs").resolve(run));
        }
        Files.copy(folder.resolve("plan.json"), two.resolve("plan.json"));
        Cli several = study(STUDY, out("two"), "--resume", "--jobs=2", "--json");
        assertEquals(0, several.code(), several.err());
        assertTrue(Files.exists(two.resolve("runs/low/seed-5/log.txt")));
        for (int v = 0; v < 2; v++) {
            for (int r = 0; r < 2; r++) {
                String run = "/variants/%d/runs/%d/measures".formatted(v, r);
                assertEquals(numbers.at(run), several.json().at(run));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void languageModelsAreRankedByTheLossOnUnseenText() throws IOException {
        Path text = temp.resolve("a.txt");
        Files.writeString(text, "the quick brown fox jumps over the lazy dog. ".repeat(60));
        Path file = temp.resolve("texts.json");
        Files.writeString(
                file,
                """
                {"model": {"format": "residuum/1", "name": "gpt",
                   "input": {"type": "tokens", "vocabulary": 50, "length": 8},
                   "network": {"type": "gpt", "vocabulary": 50, "width": {"oneOf": [8, 16]},
                               "depth": 1, "heads": 2}},
                 "recipe": {"steps": 5, "warmupEpochs": 0},
                 "seeds": [1]}
                """);
        Cli cli =
                Cli.ok(
                        "study",
                        file.toString(),
                        "--data=text:" + text,
                        "--sample-tokens=0",
                        out("texts"),
                        "--json");
        assertEquals("validation loss", cli.json().get("measure").asText());
    }

    @Test
    void errorsAreThoseOfUsage() throws IOException {
        Cli unknown = study(STUDY.replace("batch", "bacth"));
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("rates.json:2: $.recipe: unknown key"), unknown.err());
        Cli none = study(STUDY, out("none"), "--resume");
        assertEquals(2, none.code());
        assertTrue(none.err().contains("--resume needs the folder of a study"), none.err());
        Cli noData = Cli.run("study", temp.resolve("rates.json").toString());
        assertEquals(2, noData.code());
        assertTrue(noData.err().contains("has no data"), noData.err());
        assertEquals(2, study(STUDY, "--jobs=0").code());
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("studies"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void examplesAreValid(Path file) {
        Study study = Study.read(file);
        assertTrue(study.variants().size() > 1);
        assertFalse(study.description().isEmpty());
    }

    @Test
    void aSmallExampleRuns() {
        Cli run =
                Cli.ok(
                        "study",
                        "studies/highway.json",
                        "--data=digits:train=60,test=20",
                        "--device=cpu",
                        out("highway"));
        assertTrue(run.out().contains("95% interval"), run.out());
    }
}
