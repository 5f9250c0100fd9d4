package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.SharedData;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GenerateCommandTest {
    private static final String ALPHABET = "abcdefghijklm";

    private Path folder;
    private String spec;
    private String saved;
    private String bare;
    private String tokenizer;

    @BeforeAll
    void save(@TempDir Path temporary) throws IOException {
        folder = temporary;
        Path json =
                Files.writeString(
                        folder.resolve("small.json"),
                        """
                        {"format": "residuum/1", "name": "small",
                         "input": {"type": "tokens", "length": 16, "vocabulary": 13},
                         "network": {"type": "gpt", "vocabulary": 13, "width": 32, "depth": 2,
                                     "heads": 2, "dropout": 0}}
                        """);
        String letters = CharTokenizer.of(ALPHABET).json();
        tokenizer = Files.writeString(folder.resolve("letters.json"), letters).toString();
        Path model = folder.resolve("saved.safetensors");
        Path without = folder.resolve("bare.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(SpecJson.standard().readModel(json), backend, 3)) {
            network.save(without);
            network.setMetadata(ModelMetadata.EMPTY.with(Tokenizer.METADATA, letters));
            network.save(model);
        }
        spec = json.toString();
        saved = model.toString();
        bare = without.toString();
    }

    private String[] args(String model, String... more) {
        List<String> args = new ArrayList<>(List.of("generate", model, "--device", "cpu"));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    @Test
    void rulesForTokensDecide() {
        String only = text("-p", "a", "-n", "6", "--allowed-tokens", "1,2", "--temperature=2");
        assertTrue(only.strip().matches("a[bc]{6}"), only);
        String biased = text("-p", "a", "-n", "6", "--logit-bias", "4=100", "--logit-bias=1=-3");
        assertEquals("aeeeeee", biased.strip());
        Cli wrong = Cli.run(args(saved, "-p", "a", "--allowed-tokens", "13"));
        assertTrue(wrong.err().contains("must be in [0, 13), got 13"), wrong.err());
        assertEquals(2, Cli.run(args(saved, "-p", "a", "--logit-bias", "x=1")).code());
    }

    private String text(String... more) {
        return Cli.ok(args(saved, more)).out();
    }

    private JsonNode json(String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.add("--json");
        return Cli.ok(args(saved, all.toArray(String[]::new))).json();
    }

    @Test
    void aCacheOfAnotherTypeIsRefused() {
        Cli unknown = Cli.run(args(saved, "-p", "abc", "--cache-dtype", "bfloat16"));
        assertEquals(2, unknown.code());
        String message = "--cache-dtype must be one of float32, float16, got \"bfloat16\"";
        assertTrue(unknown.err().contains(message), unknown.err());
        Cli none = Cli.run(args(saved, "-p", "abc", "--cache-dtype", "float16", "--no-cache"));
        assertEquals(2, none.code());
        assertTrue(none.err().contains("leave out --no-cache"), none.err());
    }

    @Test
    void tellsTheStoryOfLlama2cFromHalfACache() throws IOException {
        Path data = SharedData.require("stories260K");
        String[] options = {
            "--weights",
            data.resolve("stories260K.bin").toString(),
            "--tokenizer",
            data.resolve("tok512.bin").toString(),
            "--temperature=0",
            "--cache-dtype=float16",
            "-n",
            "60"
        };
        Cli cli = Cli.ok(args("stories260k", options));
        String story = Files.readString(data.resolve("expected_greedy.txt"));
        assertTrue(story.startsWith(cli.out().stripTrailing()), cli.out());
    }

    @Test
    void onePromptIsContinuedOnItsLine() {
        Cli cli = Cli.ok(args(saved, "--prompt", "abc", "-n", "40"));
        assertTrue(cli.out().matches("abc[a-m]{40}\\R"), cli.out());
        String note = cli.err().lines().reduce((a, b) -> b).orElseThrow();
        assertTrue(
                note.matches(
                        "40 tokens after 3 in [\\d.]+ s: the first after [\\d.]+ s, then [\\d.]+"
                                + " ms/token, [\\d.]+ tokens/s"),
                note);
        assertEquals("", Cli.ok(args(saved, "-p", "abc", "--quiet")).err());
    }

    @Test
    void severalPromptsAreContinuedSideBySide() {
        String both = text("-p", "abc", "-p", "defghi", "-n", "9", "--temperature", "0");
        List<String> lines = both.lines().toList();
        assertEquals(List.of("--- 1", "--- 2"), List.of(lines.get(0), lines.get(2)));
        assertEquals(text("-p", "abc", "-n", "9", "--temperature=0").strip(), lines.get(1));
        assertEquals(text("-p", "defghi", "-n", "9", "--temperature=0").strip(), lines.get(3));
    }

    @Test
    void promptsMayComeFromFilesAndFromTheStandardInput() throws IOException {
        Path file = Files.writeString(folder.resolve("prompt.txt"), "cab\r\n");
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("bed\n".getBytes(StandardCharsets.UTF_8)));
        try {
            JsonNode texts =
                    json("-p", "a", "-p", "-", "--prompt-file", file.toString(), "-n1")
                            .get("texts");
            assertEquals(3, texts.size());
            assertEquals("a", texts.get(0).get("prompt").asText());
            assertEquals("bed", texts.get(1).get("prompt").asText());
            assertEquals("cab", texts.get(2).get("prompt").asText());
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void jsonHasAll() {
        JsonNode r = json("-p", "ab", "-p", "c", "-n", "5", "--seed", "4", "--top-k", "6");
        assertEquals("saved", r.get("model").asText());
        assertEquals(3, r.get("promptTokens").asInt());
        assertEquals(10, r.get("tokens").asInt());
        assertEquals(5, r.get("settings").get("maxTokens").asInt());
        JsonNode sampling = r.get("settings").get("sampling");
        assertEquals(0.8, sampling.get("temperature").asDouble());
        assertEquals(6, sampling.get("topK").asInt());
        assertEquals(4, sampling.get("seed").asInt());
        assertEquals("max-tokens", r.get("texts").get(0).get("reason").asText());
        assertEquals(5, r.get("texts").get(1).get("tokens").size());
        assertEquals(5, r.get("texts").get(1).get("text").asText().length());
        assertTrue(r.get("millisPerToken").asDouble() > 0);
        assertTrue(r.get("tokensPerSecond").asDouble() > 0);
        assertTrue(json("-p", "a", "-n1").get("millisPerToken").isNull());
    }

    /** Each option must change the choice of tokens. */
    @Test
    void theChoiceFollowsTheOptions() {
        String[] plain = {"-p", "abc", "-n", "60", "--temperature", "5"};
        String drawn = text(plain);
        assertEquals(drawn, text(plain));
        assertNotEquals(drawn, text("-p", "abc", "-n", "60", "--temperature=5", "--seed=1"));
        assertNotEquals(drawn, text("-p", "abc", "-n", "60", "--temperature=0.1"));
        for (String penalty : List.of("repetition", "presence", "frequency")) {
            String option = "--" + penalty + "-penalty=3";
            assertNotEquals(
                    drawn, text("-p", "abc", "-n", "60", "--temperature=5", option), option);
        }

        String greedy = text("-p", "abc", "-n", "60", "--temperature", "0");
        for (String one : List.of("--top-k=1", "--top-p=0.00001", "--min-p=1")) {
            assertEquals(greedy, text("-p", "abc", "-n", "60", "--temperature=5", one), one);
        }
        assertNotEquals(drawn, greedy);
    }

    @Test
    void beamsAreSearchedWithoutSampling() {
        String[] args = {"-p", "abc", "-n", "12", "--beams", "3", "--early-stopping", "full"};
        JsonNode r = json(args);
        assertEquals(0, r.get("settings").get("sampling").get("temperature").asDouble());
        JsonNode search = r.get("settings").get("search");
        assertEquals(3, search.get("beams").asInt());
        assertEquals("full", search.get("earlyStopping").asText());
        assertEquals("abc" + r.get("texts").get(0).get("text").asText(), text(args).strip());

        String unique = text("-p", "a", "-n", "12", "--beams", "2", "--no-repeat-ngram", "1");
        assertEquals(13, unique.strip().chars().distinct().count(), unique);

        String only = text("-p", "a", "-n", "6", "--beams", "2", "--allowed-tokens", "1,2");
        assertTrue(only.strip().matches("a[bc]{6}"), only);
        Cli none =
                Cli.run(args(saved, "-p=a", "-n=6", "--allowed-tokens=1,2", "--no-repeat-ngram=1"));
        assertTrue(none.err().contains("the allowed tokens [1, 2]"), none.err());

        Cli alone = Cli.run(args(saved, "-p", "abc", "--length-penalty", "2"));
        assertEquals(2, alone.code());
        assertTrue(alone.err().contains("with --beams only"), alone.err());
        Cli drawn = Cli.run(args(saved, "-p", "abc", "--beams=2", "--temperature=0.5"));
        assertTrue(drawn.err().contains("beams must be 1 with stop strings"), drawn.err());
        assertNotEquals(0, drawn.code());
    }

    @Test
    void theCacheChangesNothing() {
        String[] args = {"-p", "abc", "-n", "30", "--json"};
        JsonNode with = Cli.ok(args(saved, args)).json();
        String[] more = {"-p", "abc", "-n", "30", "--json", "--no-cache"};
        JsonNode without = Cli.ok(args(saved, more)).json();
        assertEquals(with.get("texts"), without.get("texts"));
        assertTrue(with.get("settings").get("cached").asBoolean());
        assertTrue(!without.get("settings").get("cached").asBoolean());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mxnet", "pytorch"})
    void enginesAgree(String engine) {
        assertEquals(text("-p", "abc"), text("-p", "abc", "--engine", engine));
        assertEquals(text("-p", "abc"), text("-p", "abc", "--engine", engine, "--no-compile"));
    }

    @Test
    void tokensAreComputedIn16Bits() {
        String[] low = {"-p", "abc", "-n", "40", "--engine=pytorch", "--compute=bfloat16"};
        Cli made = Cli.ok(args(saved, low));
        assertTrue(made.out().startsWith("abc") && made.out().length() > 40, made.out());
        assertFalse(made.err().contains("compiled"), made.err());

        Cli mxnet = Cli.ok(args(saved, "-p", "abc", "--engine=mxnet", "--compute=bfloat16"));
        assertEquals(text("-p", "abc"), mxnet.out());
        assertTrue(mxnet.err().contains("not compiled: bfloat16 needs the PyTorch engine"));

        Cli without = Cli.run(args(saved, "-p", "abc", "--compute=bfloat16", "--no-cache"));
        assertEquals(2, without.code());
        assertTrue(without.err().contains("leave out --no-cache"), without.err());
    }

    @Test
    void aStopTextEndsAText() {
        String all = text("-p", "abc", "-n", "30").strip().substring(3);
        String stop = all.substring(4, 6);
        String expected = "abc" + all.substring(0, all.indexOf(stop));
        assertEquals(expected, text("-p", "abc", "-n", "30", "--stop", stop).strip());
        JsonNode r = json("-p", "abc", "-n", "30", "--stop", "nothing", "--stop", stop);
        assertEquals("stop-text", r.get("texts").get(0).get("reason").asText());
    }

    @Test
    void weightsAndTokenizerMayComeFromElsewhere() {
        String expected = text("-p", "abc");
        String[] bareArgs = args(bare, "-p", "abc", "--tokenizer", tokenizer);
        assertEquals(expected, Cli.ok(bareArgs).out());
        assertEquals(expected, Cli.ok(args(spec, "-p", "abc", "--weights", saved)).out());
        Cli random = Cli.ok(args(spec, "-p", "abc", "--tokenizer", tokenizer));
        assertTrue(random.err().contains("warning: the weights of small are random"), random.err());
        assertNotEquals(expected, random.out());
    }

    @Test
    void theTokenizerInTheFolderOfTheWeightsIsTaken() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Path weights = Files.copy(Path.of(bare), model.resolve("model.safetensors"));
        Files.copy(Path.of(tokenizer), model.resolve("tokenizer.json"));
        assertEquals(text("-p", "abc"), Cli.ok(args(weights.toString(), "-p", "abc")).out());
    }

    @Test
    void tellsTheStoryOfLlama2c() throws IOException {
        Path data = SharedData.require("stories260K");
        Cli cli =
                Cli.ok(
                        args(
                                "stories260k",
                                "--weights",
                                data.resolve("stories260K.bin").toString(),
                                "--tokenizer",
                                data.resolve("tok512.bin").toString(),
                                "--temperature=0",
                                "-n",
                                "60"));
        String story = Files.readString(data.resolve("expected_greedy.txt"));
        assertTrue(story.startsWith(cli.out().stripTrailing()), cli.out());
        assertTrue(cli.out().length() > 100, cli.out());
    }

    @Test
    void aModelThatWasTrainedHereIsTakenFromItsRun() throws IOException {
        Path data = Files.writeString(folder.resolve("keys.txt"), "abcdefgh\n".repeat(200));
        Path run = folder.resolve("run");
        Cli.ok(
                "train",
                spec,
                "--data",
                "text:" + data,
                "--out",
                run.toString(),
                "--epochs=1",
                "--steps-per-epoch=40",
                "--lr=0.01",
                "--device=cpu");
        Cli cli = Cli.ok(args(run.toString(), "-p", "abc", "-n", "11", "--temperature", "0"));
        assertEquals("abcdefgh\nabcde" + System.lineSeparator(), cli.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mxnet", "pytorch"})
    @DisabledOnOs(OS.WINDOWS)
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void aSignalEndsTheTextInGoodOrder(String engine) throws Exception {
        String[] args = args(saved, "-p", "abc", "-n", "10000000", "--engine", engine);
        Process process = Cli.start(folder, e -> true, args);
        try {
            Path out = folder.resolve("out.txt");
            while (process.isAlive() && Files.size(out) < 10) {
                Thread.sleep(50);
            }
            process.destroy();
            // 128 and the number of SIGTERM; Ctrl-C is SIGINT and gives 130.
            assertEquals(143, process.waitFor(), Files.readString(folder.resolve("err.txt")));
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(folder.resolve("out.txt"));
        assertTrue(text.startsWith("abc") && text.endsWith("\n"), text);
        String error = Files.readString(folder.resolve("err.txt"));
        assertTrue(error.contains(" tokens/s"), error);
    }

    @Test
    void wrongUseIsSaidInOneLine() {
        refused(2, "--max-tokens must be 1 or more", saved, "-n", "0");
        refused(2, "temperature must be 0 or more", saved, "--temperature", "-1");
        refused(2, "temperature must be 0 or more", saved, "--temperature", "NaN");
        refused(2, "topP must be in (0, 1]", saved, "--top-p", "0");
        refused(2, "minP must be in [0, 1]", saved, "--min-p", "2");
        refused(2, "topK", saved, "--top-k", "-1");
        refused(2, "repetitionPenalty must be positive", saved, "--repetition-penalty", "0");
        refused(2, "need a --temperature above 0", saved, "--top-k=5", "--temperature=0");
        refused(2, "need a --temperature above 0", saved, "--top-p=0.5", "--beams=2");
        refused(2, "--min-tokens must be at most", saved, "--min-tokens=9", "-n", "8");
        refused(2, "--runtime auto needs the KV cache", saved, "--runtime=auto", "--no-cache");
        refused(2, "--seed", saved, "--seed", "x");
        refused(2, "stop strings must not be empty", saved, "--stop", "");
        refused(2, "give it once", saved, "-p", "-", "-p", "-");
        refused(2, "no such file", saved, "--prompt-file", "nowhere.txt");
        refused(2, "no such file", saved, "--weights", "nowhere.bin");
        refused(2, "come without a tokenizer", bare, "-p", "a");
        refused(2, "has no tokenizer", spec, "-p", "a");
        refused(2, "must read tokens", "resnet20", "-p", "a", "--tokenizer", tokenizer);
        refused(2, "1 to 16 tokens, the context of the model, got 17", saved, "-p", "a".repeat(17));
        refused(2, "no token that begins a text", saved);
        refused(1, "no such file or folder", saved, "--tokenizer", "nowhere.json");
        refused(1, "'z', U+007A", saved, "-p", "xyz".substring(2));
    }

    @Test
    void anotherModelsTokenizerIsRefused() throws IOException {
        Path larger = folder.resolve("larger.json");
        Files.writeString(larger, CharTokenizer.of(ALPHABET + "nop").json());
        refused(2, "the 13 tokens of the model, got 16", saved, "--tokenizer", larger.toString());
        Path smaller = folder.resolve("smaller.json");
        Files.writeString(smaller, CharTokenizer.of("abc").json());
        Cli cli = Cli.ok(args(saved, "-p", "a", "--tokenizer", smaller.toString()));
        assertTrue(cli.err().contains("the tokenizer has 3 of the model's 13 tokens"), cli.err());
        assertTrue(cli.out().matches("[a-c]+\\R"), cli.out());
    }

    @Test
    void aPromptThatIsNoTextIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("bytes.txt"), new byte[] {'a', (byte) 0xFF});
        refused(1, "must be text in UTF-8", saved, "--prompt-file", file.toString());
    }

    private void refused(int code, String part, String model, String... more) {
        Cli cli = Cli.run(args(model, more));
        assertEquals(code, cli.code(), cli.err());
        assertEquals("", cli.out());
        String error =
                cli.err().lines().filter(l -> l.startsWith("residuum: ")).findAny().orElseThrow();
        assertTrue(cli.err().contains(part), error);
    }
}
