package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.transformer.family.LanguageFamily;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training, evaluation and classification of text on the command line. */
class TextTrainingTest {
    private static final String GPT =
            """
            {"format": "residuum/1", "name": "tiny-gpt",
             "input": {"type": "tokens", "length": 16, "vocabulary": 50},
             "network": {"type": "gpt", "vocabulary": 50, "width": 16, "depth": 1, "heads": 2}}
            """;

    private static final String BERT =
            """
            {"format": "residuum/1", "name": "tiny-bert",
             "input": {"type": "tokens", "length": 24, "vocabulary": 50},
             "network": {"type": "bert", "vocabulary": 50, "width": 32, "depth": 1, "heads": 2,
                         "head": "maskedLm"}}
            """;

    private static final String TEXT = "the owl flies\nthe train is late\n".repeat(20);

    @TempDir private Path folder;

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static String[] train(Path model, String data, Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("train", model.toString(), "--data", data));
        args.addAll(List.of("--device=cpu", "--batch=8", "--out", out.toString()));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    @Test
    void aLanguageModelWritesAfterEachEpoch() throws IOException {
        Path gpt = write("gpt.json", GPT);
        String text = "text:" + write("a.txt", TEXT);
        Path run = folder.resolve("run");
        String[] samples = {"--sample-prompt", "the ", "--sample-tokens=12"};
        Cli cli =
                Cli.ok(
                        train(
                                gpt,
                                text,
                                run,
                                "--schedule=constant",
                                "--epochs=1",
                                "--steps-per-epoch=5",
                                samples[0],
                                samples[1],
                                samples[2]));
        assertTrue(cli.err().contains("tokens of the data instead of 50"), cli.err());
        assertTrue(cli.err().contains("    | the "), cli.err());
        assertTrue(cli.out().contains(", bits per character "), cli.out());

        Cli.ok(train(run, text, run, "--resume", "--epochs=2", samples[0], samples[1], samples[2]));
        List<String> written =
                Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                        .filter(line -> line.contains("\"type\":\"sample\""))
                        .toList();
        assertEquals(2, written.size());
        assertNotEquals(written.get(0).replace("1", "2"), written.get(1));
        String report = Files.readString(run.resolve("report.html"));
        for (String part : List.of("Bits per character", "Perplexity", "class=\"sample\"")) {
            assertTrue(report.contains(part), part);
        }

        JsonNode found = Cli.ok("evaluate", run.toString(), "--data", text, "--json").json();
        double loss = found.get("loss").asDouble();
        assertEquals(Math.exp(loss), found.get("perplexity").asDouble(), 1e-9);
        // A character is a token.
        assertEquals(loss / Math.log(2), found.get("bitsPerCharacter").asDouble(), 1e-9);
    }

    @Test
    void anEvaluationTakesThePartThatTrainingHeldOut() throws IOException {
        Path run = folder.resolve("run");
        String text = "text:" + write("a.txt", TEXT);
        Path gpt = write("gpt.json", GPT);
        String[] few = {"--epochs=1", "--steps-per-epoch=2", "--sample-tokens=0"};
        Cli.ok(train(gpt, text, run, few[0], few[1], few[2], "--validation=0.3"));
        JsonNode epoch =
                new ObjectMapper()
                        .readTree(
                                Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                                        .filter(line -> line.contains("validationLoss"))
                                        .findFirst()
                                        .orElseThrow());
        for (Path model : List.of(run, run.resolve("model.safetensors"))) {
            Cli same = Cli.ok("evaluate", model.toString(), "--data", text, "--json");
            assertTrue(
                    same.err().contains("the share 0.3 is evaluated, which the model's training"));
            assertEquals(
                    epoch.get("validationLoss").asDouble(),
                    same.json().get("loss").asDouble(),
                    1e-5);
            Cli other =
                    Cli.ok(
                            "evaluate",
                            model.toString(),
                            "--data",
                            text,
                            "--validation=0.1",
                            "--json");
            assertTrue(other.err().contains("the share 0.1 is evaluated, which --validation asks"));
            assertTrue(
                    other.json().get("tokens").asInt() < same.json().get("tokens").asInt(),
                    other.out());
        }
        Path all = folder.resolve("all");
        Cli.ok(train(gpt, text, all, few[0], few[1], few[2], "--validation=0"));
        Cli none = Cli.run("evaluate", all.toString(), "--data", text);
        assertTrue(none.err().contains("held out nothing: give test data, or a share"), none.err());
        assertEquals(2, none.code());
        assertEquals(2, Cli.run("evaluate", "x", "--data", text, "--validation=1").code());
        String parts = "text:train=" + write("b.txt", TEXT) + ",test=" + write("c.txt", TEXT);
        Cli odd = Cli.run("evaluate", run.toString(), "--data", parts, "--validation=0.2");
        assertTrue(odd.err().contains("--validation is for data without a test"), odd.err());
    }

    @Test
    void nothingIsWrittenWhereNothingIsWanted() throws IOException {
        Path run = folder.resolve("run");
        String text = "text:" + write("a.txt", TEXT);
        String[] args =
                train(
                        write("gpt.json", GPT),
                        text,
                        run,
                        "--epochs=1",
                        "--steps-per-epoch=1",
                        "--sample-tokens=0");
        assertFalse(Cli.ok(args).err().contains("    | "));
        assertFalse(Files.readString(run.resolve("report.html")).contains("class=\"sample\""));
    }

    @Test
    void anEncoderThatFilledGapsTellsTextsApart() throws IOException {
        Path gaps = folder.resolve("gaps");
        String text = "text:" + write("a.txt", TEXT);
        Cli pretrained =
                Cli.ok(
                        train(
                                write("bert.json", BERT),
                                text,
                                gaps,
                                "--epochs=1",
                                "--steps-per-epoch=5"));
        assertTrue(pretrained.out().contains("share of gaps filled right"), pretrained.out());

        String labelled = "labelled:" + write("b.csv", rows());
        Path classes = folder.resolve("classes");
        Cli tuned = Cli.ok(train(gaps, labelled, classes, "--epochs=6", "--lr=0.003"));
        assertTrue(tuned.err().contains("weights from " + gaps), tuned.err());
        assertTrue(tuned.err().contains("the head: new, for 2 classes"), tuned.err());

        Cli people = Cli.ok("predict", classes.toString(), "--text", "an owl", "--top=1");
        assertEquals(2, people.out().lines().count(), people.out());
        JsonNode json =
                Cli.ok(
                                "predict",
                                classes.toString(),
                                "--text=the owl is late",
                                "--text=the train flies",
                                "--json")
                        .json();
        InputStream before = System.in;
        try {
            String lines = "the owl is late\nthe train flies\n";
            System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
            String[] piped = {"predict", classes.toString(), "--text", "-", "--format", "json"};
            assertEquals(json, Cli.ok(piped).json());
        } finally {
            System.setIn(before);
        }
        assertEquals("the owl is late", json.get(0).get("text").asText());
        assertEquals("animal", json.get(0).get("classes").get(0).get("name").asText());
        assertEquals("vehicle", json.get(1).get("classes").get(0).get("name").asText());
        double sum = 0;
        for (JsonNode guess : json.get(1).get("classes")) {
            sum += guess.get("probability").asDouble();
        }
        assertEquals(1, sum, 1e-6);

        JsonNode found =
                Cli.ok("evaluate", classes.toString(), "--data", labelled, "--json").json();
        assertEquals(1, found.get("top1").asDouble(), found.toString());
        // One of the two classes: labels match by name.
        String trains = "labelled:" + write("c.csv", rows().replaceAll("the owl .*\n", ""));
        JsonNode some = Cli.ok("evaluate", classes.toString(), "--data", trains, "--json").json();
        assertEquals(1, some.get("top1").asDouble(), some.toString());
        Cli cut =
                Cli.ok(
                        "evaluate",
                        classes.toString(),
                        "--data",
                        labelled,
                        "--context=4",
                        "--quiet",
                        "--json");
        String note = "texts have more than 4 tokens, and their ends are cut";
        assertTrue(cut.err().contains(note), cut.err());
        assertTrue(cut.json().get("warnings").get(0).asText().contains(note), cut.out());
        Cli inspected =
                Cli.ok(
                        "inspect",
                        classes.toString(),
                        "--what=lesion,signal",
                        "--data",
                        labelled,
                        "--context=4",
                        "--samples=2");
        assertTrue(inspected.err().contains(note), inspected.err());
    }

    /** The second word of a text determines its label. */
    private static String rows() {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 160; i++) {
            String end = List.of("is late", "flies", "is here", "waits").get(i / 2 % 4);
            rows.append(i % 2 == 0 ? "the owl " + end + ",animal" : "the train " + end + ",vehicle")
                    .append('\n');
        }
        return rows.toString();
    }

    @Test
    void failuresAreOneLineThatHelps() throws IOException {
        String gpt = write("gpt.json", GPT).toString();
        String bert = write("bert.json", BERT).toString();
        String text = write("a.txt", TEXT).toString();
        write("empty.txt", "");
        write("short.txt", "owl");
        write("bad.csv", "text,label\nan owl,animal\na train\n");
        Map<List<String>, String> failures =
                Map.of(
                        List.of("train", gpt, "--data", "text:" + folder.resolve("no.txt")),
                        "there is no file or folder",
                        List.of("train", gpt, "--data", "text:" + folder.resolve("empty.txt")),
                        "empty.txt: must contain text, but is empty",
                        List.of("train", gpt, "--data", "text:" + folder.resolve("short.txt")),
                        "must have at least 17 tokens",
                        List.of("train", bert, "--data", "labelled:" + folder.resolve("bad.csv")),
                        "bad.csv: line 3 must have 2 columns",
                        List.of("train", gpt, "--data", "text:" + text, "--sample-prompt=XYZ"),
                        "found 'X', U+0058",
                        List.of("train", bert, "--data", "text:" + text, "--sample-tokens=3"),
                        "are for language models",
                        List.of("train", "resnet20", "--data", "text:" + text),
                        "must read tokens to work on text, but resnet20 reads 3x32x32",
                        List.of("evaluate", gpt, "--data", "text:" + text),
                        "has no tokenizer; give one with --tokenizer",
                        List.of("predict", gpt, "--text", "an owl"),
                        "--text needs a head for classes, tags, answers or masks, but gpt has none",
                        List.of("predict", bert, "a.png", "--text", "an owl"),
                        "give either images, or texts with --text");
        failures.forEach(
                (args, message) -> {
                    Cli cli = Cli.run(args.toArray(String[]::new));
                    List<String> lines =
                            cli.err().lines().filter(l -> l.startsWith("residuum: ")).toList();
                    assertNotEquals(0, cli.code(), args::toString);
                    assertEquals(1, lines.size(), cli.err());
                    assertTrue(lines.get(0).contains(message), cli.err());
                });
    }

    @Test
    void embeddingsLearnFromPairs() throws IOException {
        Path bert = write("bert.json", BERT);
        StringBuilder rows = new StringBuilder("anchor,positive,negative\n");
        for (int i = 0; i < 40; i++) {
            rows.append("owl %s,flies %s,train %s\n".formatted(i, i, 40 - i));
        }
        String data = write("pairs.csv", rows.toString()).toString();
        Path run = folder.resolve("run");
        Cli cli = Cli.ok(train(bert, data, run, "--epochs=1", "--schedule=constant"));
        assertTrue(cli.err().contains("the head: the mean of the tokens' vectors"), cli.err());
        assertTrue(cli.err().contains("36 triplets to train on, 4 for validation"), cli.err());
        assertTrue(cli.out().contains("recall@1 "), cli.out());
        String recipe = Files.readString(run.resolve("recipe.json"));
        assertTrue(recipe.contains("\"grouped\"") && recipe.contains("\"infoNce\""), recipe);
        Cli.ok(train(run, data, run, "--resume", "--epochs=2"));

        JsonNode found = Cli.ok("evaluate", run.toString(), "--data", data, "--json").json();
        assertEquals(4, found.get("triplets").asInt());
        assertTrue(found.get("recall@1").asDouble() <= found.get("recall@5").asDouble());
        assertTrue(found.has("tripletAccuracy"), found.toString());
        JsonNode all =
                Cli.ok(
                                "evaluate",
                                run.toString(),
                                "--data",
                                "text-pairs:train=" + data + ",test=" + data,
                                "--json")
                        .json();
        assertEquals(40, all.get("triplets").asInt());

        Cli vectors = Cli.ok("embed", run.toString(), "--text", "owl 3", "--text", "train 4");
        assertEquals(1 + 2, vectors.out().lines().count());

        String scored =
                "text-pairs:"
                        + write(
                                "scored.jsonl",
                                "{\"text1\": \"owl\", \"text2\": \"train\", \"score\": 0.2}\n"
                                                .repeat(2)
                                        + "{\"text1\": \"late\", \"text2\": \"owl\", \"score\":"
                                        + " 0.9}\n");
        Cli whole = Cli.ok("evaluate", embedder().toString(), "--data", scored, "--json");
        assertEquals(3, whole.json().get("pairs").asInt());
        assertTrue(whole.json().has("spearman"), whole.out());
        Cli wrong = Cli.run("evaluate", run.toString(), "--data", scored, "--task=masked-lm");
        assertEquals(2, wrong.code(), wrong.err());
    }

    /** A saved embedder that no training wrote, so that no part of the data was held out. */
    private Path embedder() throws IOException {
        Path file = folder.resolve("embedder.safetensors");
        ModelSpec spec =
                SpecJson.standard()
                        .readModel(
                                write(
                                        "e.json",
                                        BERT.replace("\"maskedLm\"", "{\"type\": \"embedding\"}")));
        Tokenizer letters = CharTokenizer.of(TEXT).withUnknown();
        try (Network network =
                Network.create(
                        LanguageFamily.resized(spec, letters.vocabulary()),
                        Engines.backend(Engines.all().get(0)),
                        3)) {
            network.setMetadata(network.metadata().with(Tokenizer.METADATA, letters.json()));
            network.save(file);
        }
        return file;
    }
}
