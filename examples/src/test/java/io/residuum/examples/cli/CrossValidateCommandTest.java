package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.files.FolderLock;
import io.residuum.train.Metrics;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.LabelledTexts;
import io.residuum.transformer.text.TextSource;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.data.LoadOptions;
import io.residuum.vision.image.ImageShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CrossValidateCommandTest {
    private static final int FOLDS = 3;

    @TempDir private Path temp;

    private Cli crossvalidate(String... more) throws IOException {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "crossvalidate",
                                Cli.tiny(temp).toString(),
                                "--data",
                                "digits:train=95,test=10",
                                "--folds",
                                "" + FOLDS,
                                "--epochs=1",
                                "--batch=16",
                                "--device=cpu",
                                "--out",
                                temp.resolve("cv").toString()));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    @Test
    void eachFoldIsARunThatCanBeResumed() throws IOException {
        Cli first = crossvalidate();
        assertEquals(0, first.code(), first.err());
        Path table = temp.resolve("cv/crossvalidation.json");
        String numbers = Files.readString(table);
        double sum = 0;
        long images = 0;
        for (int fold = 1; fold <= FOLDS; fold++) {
            for (Metrics line : new RunFolder(temp.resolve("cv/fold-" + fold)).readMetrics()) {
                if (line instanceof Metrics.Test test) {
                    sum += test.accuracy();
                    images += test.samples();
                }
            }
        }
        assertEquals(95, images, "each image is tested once");
        assertTrue(
                first.out().contains(String.format("%.4f", sum / FOLDS)),
                sum / FOLDS + "\n" + first.out());
        assertEquals(2, crossvalidate().code(), "needs --resume");

        Path last = temp.resolve("cv/fold-3");
        try (var files = Files.walk(last)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        var finished = Files.getLastModifiedTime(temp.resolve("cv/fold-1/model.safetensors"));
        Cli resumed = crossvalidate("--resume", "--json");
        assertEquals(0, resumed.code(), resumed.err());
        assertEquals(numbers, Files.readString(table), "the same folds again");
        JsonNode json = resumed.json();
        double mean = json.at("/measures/accuracy/mean").asDouble();
        double squares = 0;
        for (JsonNode fold : json.get("folds")) {
            squares += Math.pow(fold.get("accuracy").asDouble() - mean, 2);
        }
        assertEquals(
                Math.sqrt(squares / (FOLDS - 1)),
                json.at("/measures/accuracy/deviation").asDouble(),
                1e-12);
        assertEquals(
                finished,
                Files.getLastModifiedTime(temp.resolve("cv/fold-1/model.safetensors")),
                "a finished fold is not trained again");
        // Between two folds, no run folder is locked.
        try (FolderLock writer = FolderLock.acquire(temp.resolve("cv"), note -> {})) {
            Cli second = crossvalidate("--resume");
            assertEquals(1, second.code());
            assertTrue(second.err().contains("must have one writer at a time"), second.err());
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void aSignalSaysHowToResume() throws Exception {
        List<String> args =
                List.of(
                        "crossvalidate",
                        Cli.tiny(temp).toString(),
                        "--data=digits:train=95,test=10",
                        "--folds=2",
                        "--epochs=100000",
                        "--batch=16",
                        "--device=cpu",
                        "--out",
                        temp.resolve("a run").toString());
        Process process = Cli.start(temp, entry -> true, args.toArray(String[]::new));
        try {
            Path metrics = temp.resolve("a run/fold-1/metrics.jsonl");
            while (process.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 0)) {
                Thread.sleep(50);
            }
            process.destroy();
            assertEquals(143, process.waitFor(), Files.readString(temp.resolve("err.txt")));
        } finally {
            process.destroyForcibly();
        }
        String error = Files.readString(temp.resolve("err.txt"));
        String call = String.join(" ", args.subList(0, args.size() - 1));
        String line =
                "stopped  resume with: residuum %s '%s' --resume"
                        .formatted(call, temp.resolve("a run"));
        assertTrue(error.contains(line), error);
    }

    /** Each text is tested once, with equal shares of the classes. */
    @Test
    void textsAreDivided() throws IOException {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 30; i++) {
            String row = i % 3 == 0 ? "a rainy day %d,rain\n" : "the sun shines %d,sun\n";
            rows.append(row.formatted(i));
        }
        Path table = Files.writeString(temp.resolve("days.csv"), rows);
        Path spec =
                Files.writeString(
                        temp.resolve("texts.json"),
                        """
                        {"format": "residuum/1", "name": "texts",
                         "input": {"type": "tokens", "vocabulary": 24, "length": 24},
                         "network": [{"type": "tokenEmbedding", "name": "embedding",
                                      "vocabulary": 24, "length": 24, "width": 8},
                                     {"type": "tokenPool", "mode": "mean"},
                                     {"type": "linear", "name": "head", "units": 2}]}
                        """);
        Path out = temp.resolve("texts");
        JsonNode json =
                Cli.ok(
                                "crossvalidate",
                                spec.toString(),
                                "--data",
                                table.toString(),
                                "--folds=5",
                                "--epochs=1",
                                "--batch=4",
                                "--device=cpu",
                                "--json",
                                "--out",
                                out.toString())
                        .json();
        assertEquals(5, json.get("folds").size());
        for (JsonNode fold : json.get("folds")) {
            assertEquals(6, fold.get("samples").asInt());
        }
        LabelledSplits data = ((LabelledText) TextSource.parse("labelled:" + table)).open(0);
        for (LabelledSplits fold : data.folds(5, 0.2)) {
            LabelledTexts tested = fold.test().orElseThrow();
            assertEquals(
                    2, IntStream.range(0, 6).filter(i -> tested.label(i) == 0).count(), "rain");
        }
    }

    /** Each row is tested once, and the network finds the line. */
    @Test
    void rowsAreDivided() throws IOException {
        StringBuilder rows = new StringBuilder("x,y\n");
        for (int i = 0; i < 50; i++) {
            rows.append(i).append(',').append(3 * i + 1).append('\n');
        }
        Path table = Files.writeString(temp.resolve("line.csv"), rows);
        Path spec =
                Files.writeString(
                        temp.resolve("line.json"),
                        """
                        {"format": "residuum/1", "name": "line",
                         "input": {"type": "features", "shape": [1]},
                         "network": [{"type": "linear", "name": "head", "units": 1}]}
                        """);
        Cli cli =
                Cli.ok(
                        "crossvalidate",
                        spec.toString(),
                        "--data",
                        table.toString(),
                        "--folds=5",
                        "--epochs=20",
                        "--batch=8",
                        "--lr=0.05",
                        "--device=cpu",
                        "--out",
                        temp.resolve("rows").toString(),
                        "--json");
        JsonNode json = cli.json();
        assertEquals(5, json.get("folds").size());
        for (JsonNode fold : json.get("folds")) {
            assertEquals(10, fold.get("samples").asInt());
        }
        assertTrue(json.at("/measures/R2/mean").asDouble() > 0.9, json.toString());
        Cli text =
                Cli.run(
                        "crossvalidate",
                        "char-gpt",
                        "--data",
                        "text:" + table,
                        "--out",
                        temp.resolve("text").toString());
        assertEquals(1, text.code());
        assertTrue(text.err().contains("cross-validation needs"), text.err());
    }

    @Test
    void imagesHaveEqualSharesOfEachClass() {
        DataSplits data =
                DataSource.parse("digits:train=40,test=10")
                        .forTraining(
                                new ImageShape(1, 8, 8),
                                LoadOptions.of(Recipe.defaults().withValidation(0)));
        for (DataSplits fold : data.folds(4, 0)) {
            ImageSet tested = fold.test().orElseThrow();
            int[] labels = IntStream.range(0, tested.size()).map(tested::label).sorted().toArray();
            assertArrayEquals(IntStream.range(0, 10).toArray(), labels);
        }
    }
}
