package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.Presets;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversion of names in both directions, and the report of mismatches. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImportCommandTest {
    private static final int TENSORS = 97;

    private Path folder;
    private String saved;

    /** The weights of a resnet20 with the names of common CIFAR code. */
    private Path foreign;

    @BeforeAll
    void save(@TempDir Path temporary) {
        folder = temporary;
        saved = save("resnet20");
        foreign = folder.resolve("foreign.safetensors");
        Cli.ok("export-weights", saved, "--dialect", "cifar-resnet", "-o", foreign.toString());
    }

    private String save(String preset) {
        ModelSpec spec = Presets.find(preset).orElseThrow().spec();
        Path file = folder.resolve(preset + ".safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(spec, backend, 3)) {
            network.save(file);
        }
        return file.toString();
    }

    /** Renames the foreign tensors. A tensor with an empty new name is left out. */
    private Path renamed(UnaryOperator<String> names) {
        Path file = folder.resolve("renamed.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        try (Safetensors tensors = Safetensors.open(foreign)) {
            for (String name : tensors.names()) {
                if (!names.apply(name).isEmpty()) {
                    writer.copy(names.apply(name), tensors, name);
                }
            }
            writer.write(file);
        }
        return file;
    }

    private static Cli refused(int code, String... args) {
        Cli cli = Cli.run(args);
        assertEquals(code, cli.code(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        return cli;
    }

    private static void assertSame(Path expected, Path found) {
        try (Safetensors a = Safetensors.open(expected);
                Safetensors b = Safetensors.open(found)) {
            assertEquals(a.names(), b.names());
            a.names().forEach(n -> assertArrayEquals(a.floats(n), b.floats(n), 0, n));
        }
    }

    @Test
    void importUndoesExport() {
        Path out = folder.resolve("back.safetensors");
        Cli cli = Cli.ok("import", foreign.toString(), "--as", "resnet20", "-o", out.toString());
        assertEquals(
                List.of(
                        "matched      " + TENSORS,
                        "missing      0",
                        "unexpected   0",
                        "wrong shape  0",
                        "ignored      0"),
                cli.out().lines().skip(1).toList());
        assertTrue(cli.out().startsWith("dialect      cifar-resnet (resnet): "), cli.out());
        assertEquals("wrote    " + out, cli.err().strip());
        assertSame(Path.of(saved), out);
    }

    /** What a folder of transformers says beside the weights must not be lost. */
    @Test
    void aTextModelKeepsItsTokenizerAndSettings() throws IOException {
        Path home = Files.createDirectory(folder.resolve("text"));
        Path config = home.resolve("config.json");
        Files.writeString(
                config,
                """
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 16,
                 "n_layer": 1, "n_head": 2, "n_positions": 16, "vocab_size": 12}
                """);
        Files.writeString(home.resolve("generation_config.json"), "{\"eos_token_id\": [3, 4]}");
        String tokenizer = CharTokenizer.of("abcdefghijkl").json();
        Path weights = home.resolve("model.safetensors");
        Path own = folder.resolve("own.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(ModelSource.of(config).spec(), backend, 3)) {
            network.save(own);
        }
        Cli.ok(
                "export-weights",
                own.toString(),
                "--dialect",
                "huggingface",
                "-o",
                weights.toString());
        Files.writeString(home.resolve("tokenizer.json"), tokenizer);
        Path out = folder.resolve("text.safetensors");
        String[] command = {
            "import", weights.toString(), "--as", config.toString(), "-o", out.toString()
        };
        Cli.ok(command);
        ModelMetadata metadata = ModelSource.of(out).metadata();
        assertEquals(Optional.of(tokenizer), metadata.entry(Tokenizer.METADATA));
        assertEquals(
                Optional.of("{\"eos_token_id\":[3,4]}"), metadata.entry(ModelMetadata.GENERATION));
        Cli.ok("generate", out.toString(), "-p", "abc", "-n", "2");

        String larger = CharTokenizer.of("abcdefghijklm").json();
        Files.writeString(home.resolve("tokenizer.json"), larger);
        Cli cli = Cli.ok(command);
        assertTrue(cli.err().contains("at most the 12 tokens of the model, got 13"), cli.err());
        assertFalse(ModelSource.of(out).metadata().entries().containsKey(Tokenizer.METADATA));
    }

    @Test
    void aDryRunSaysWhereEachTensorGoes() {
        Cli cli = Cli.ok("import", foreign.toString(), "--as", "resnet20", "--dry-run");
        assertEquals(6 + TENSORS, cli.out().lines().count());
        assertTrue(
                cli.out().contains("\n  stage2.0.branch.norm1.bias <- layer2.0.bn1.bias\n"),
                cli.out());
    }

    @Test
    void wrongNamesComeWithTheNearest() {
        Path file = renamed(name -> name.replace("layer3.2.conv2.weight", "layer3.2.convB.weight"));
        Path out = folder.resolve("never.safetensors");
        Cli cli = refused(1, "import", file.toString(), "--as", "resnet20", "-o", out.toString());
        assertEquals(
                List.of(
                        "missing      1",
                        "  stage3.2.branch.conv2.weight: no layer3.2.conv2.weight, perhaps"
                                + " layer3.2.convB.weight",
                        "unexpected   1",
                        "  layer3.2.convB.weight, perhaps layer3.2.conv2.weight"),
                cli.out().lines().skip(2).limit(4).toList());
        assertTrue(
                cli.err()
                        .contains(
                                "1 missing (stage3.2.branch.conv2.weight: no"
                                        + " layer3.2.conv2.weight, perhaps layer3.2.convB.weight)"),
                cli.err());
        assertFalse(Files.exists(out));
    }

    @Test
    void whatMayMissIsRandomAndTheRestIsTheFiles() {
        Path file = renamed(name -> name.startsWith("linear.") ? "" : name);
        Path out = folder.resolve("partly.safetensors");
        String[] args = {"import", file.toString(), "--as", "resnet20", "-o", out.toString()};
        refused(1, args);
        refused(1, with(args, "--allow-missing", "head.fc.bias"));
        Cli cli = Cli.ok(with(args, "--allow-missing", "head.*"));
        assertTrue(cli.err().contains("random   2 of 97 tensors (seed 0)"), cli.err());
        try (Safetensors before = Safetensors.open(Path.of(saved));
                Safetensors after = Safetensors.open(out)) {
            assertEquals(before.names(), after.names());
            String kept = "stage1.0.branch.conv1.weight";
            assertArrayEquals(before.floats(kept), after.floats(kept), 0);
        }
    }

    @Test
    void whatMayRemainIsLeftOut() {
        Path file = folder.resolve("more.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        try (Safetensors tensors = Safetensors.open(foreign)) {
            tensors.names().forEach(name -> writer.copy(name, tensors, name));
            writer.add("projector.weight", new long[] {2}, new float[] {1, 2}).write(file);
        }
        Path out = folder.resolve("less.safetensors");
        String[] args = {"import", file.toString(), "--as", "resnet20", "-o", out.toString()};
        assertTrue(refused(1, args).err().contains("1 unexpected (projector.weight)"));
        Cli.ok(with(args, "--allow-unexpected", "projector.*"));
        assertSame(Path.of(saved), out);
    }

    @Test
    void prefixesAreFoundOrGiven() {
        Path file = renamed("model."::concat);
        Cli found = Cli.ok("import", file.toString(), "--as", "resnet20", "--dry-run");
        assertTrue(found.out().contains("\nprefix       model. removed\n"), found.out());
        Path mixed = renamed(name -> (name.startsWith("linear.") ? "head." : "model.") + name);
        String[] args = {"import", mixed.toString(), "--as", "resnet20", "--dry-run"};
        assertTrue(refused(1, args).err().contains("fit no dialect"));
        String[] given = with(args, "--prefix", "model.", "--allow-missing", "head.*");
        Cli only = Cli.ok(given);
        assertTrue(only.out().contains("\nbeside       2: head.linear."), only.out());
        Path out = folder.resolve("stripped.safetensors");
        Path partly = renamed(name -> (name.startsWith("linear.") ? "" : "model.") + name);
        Cli.ok(
                "import",
                partly.toString(),
                "--as",
                "resnet20",
                "--strip-prefix",
                "model.",
                "-o",
                out.toString());
        assertSame(Path.of(saved), out);
        assertTrue(refused(1, with(args, "--prefix", "net.")).err().contains("prefix \"net.\""));
    }

    /** Every command that reads weights makes the same exceptions. */
    @Test
    void weightsMayMissInEveryCommand() throws IOException {
        Path file = renamed(name -> name.startsWith("linear.") ? "" : name);
        Path image = folder.resolve("image.png");
        BufferedImage black = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(black, "png", image.toFile());
        String[] args = {"predict", "resnet20", "--weights", file.toString(), image.toString()};
        Cli strict = Cli.run(args);
        assertEquals(1, strict.code(), strict.err());
        assertTrue(strict.err().contains("--allow-missing PATTERN"), strict.err());
        Cli cli = Cli.ok(with(args, "--allow-missing", "head.*"));
        assertTrue(
                cli.err().contains("2 parameters are random, as --allow-missing says: head.fc."),
                cli.err());
    }

    private static String[] with(String[] args, String... more) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void anotherNumberOfClassesNeedsANewHead() throws IOException {
        Path spec = folder.resolve("five.json");
        Files.writeString(
                spec,
                Cli.ok("show", "resnet20", "--expanded")
                        .out()
                        .replace("\"units\": 10", "\"units\": 5"));
        Path out = folder.resolve("five.safetensors");
        String[] args = {"import", foreign.toString(), "--as", spec.toString()};
        Cli wrong = refused(1, with(args, "--dry-run"));
        assertTrue(
                wrong.out()
                        .contains(
                                "\n"
                                    + "  head.fc.weight <- linear.weight: is (10, 64), must be (5,"
                                    + " 64)\n"),
                wrong.out());
        Cli cli =
                Cli.ok(
                        "import",
                        foreign.toString(),
                        "--as",
                        "resnet20",
                        "--reset-head",
                        "5",
                        "-o",
                        out.toString());
        assertEquals(
                List.of("new head     2", "  head.fc.bias", "  head.fc.weight", "missing      0"),
                cli.out().lines().skip(2).limit(4).toList());
        try (Safetensors after = Safetensors.open(out)) {
            assertEquals(List.of(5L, 64L), after.info("head.fc.weight").shape());
        }
    }

    @Test
    void aTableOfOnesOwnIsReadStrictly() throws IOException {
        Path table = folder.resolve("own.json");
        String json =
                """
                {"format": "residuum-dialect/1", "name": "mine",
                 "rules": [{"ours": "*", "theirs": "net/*"}]}
                """;
        Files.writeString(table, json);
        Path file = folder.resolve("slashed.safetensors");
        Cli.ok("export-weights", saved, "--dialect", table.toString(), "-o", file.toString());
        String[] args = {"import", file.toString(), "--as", "resnet20", "--dry-run"};
        assertTrue(refused(1, args).err().contains("fit no dialect for this network"));
        Cli cli = Cli.ok(with(args, "--dialect", table.toString()));
        assertTrue(cli.out().contains("\n  head.fc.bias <- net/head.fc.bias\n"), cli.out());

        Files.writeString(table, json.replace("rules", "rulez"));
        Cli bad = refused(2, with(args, "--dialect", table.toString()));
        assertTrue(bad.err().contains("own.json:2: "), bad.err());
        assertTrue(refused(2, with(args, "--dialect", "nobody")).err().contains("got \"nobody\""));
    }

    @Test
    void aConfigurationOfTransformersIsAModel() throws IOException {
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                """
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 2,
                 "n_head": 2, "n_embd": 8, "vocab_size": 20, "n_positions": 6}
                """);
        SafetensorsWriter writer = new SafetensorsWriter();
        Random random = new Random(1);
        String block = "transformer.h.%d.";
        tensor(writer, random, "transformer.wte.weight", 20, 8);
        tensor(writer, random, "transformer.wpe.weight", 6, 8);
        for (int b = 0; b < 2; b++) {
            String at = block.formatted(b);
            for (String norm : List.of("ln_1", "ln_2")) {
                tensor(writer, random, at + norm + ".weight", 8);
                tensor(writer, random, at + norm + ".bias", 8);
            }
            tensor(writer, random, at + "attn.c_attn.weight", 8, 24);
            tensor(writer, random, at + "attn.c_attn.bias", 24);
            tensor(writer, random, at + "attn.c_proj.weight", 8, 8);
            tensor(writer, random, at + "attn.c_proj.bias", 8);
            tensor(writer, random, at + "mlp.c_fc.weight", 8, 32);
            tensor(writer, random, at + "mlp.c_fc.bias", 32);
            tensor(writer, random, at + "mlp.c_proj.weight", 32, 8);
            tensor(writer, random, at + "mlp.c_proj.bias", 8);
        }
        tensor(writer, random, "transformer.ln_f.weight", 8);
        tensor(writer, random, "transformer.ln_f.bias", 8);
        Path weights = folder.resolve("gpt2.safetensors");
        writer.write(weights);
        Path out = folder.resolve("ours.safetensors");
        Cli.ok("import", weights.toString(), "--as", config.toString(), "-o", out.toString());
        Path again = folder.resolve("theirs.safetensors");
        Cli.ok(
                "export-weights",
                out.toString(),
                "--dialect",
                "huggingface",
                "-o",
                again.toString());
        try (Safetensors before = Safetensors.open(weights);
                Safetensors after = Safetensors.open(again)) {
            before.names().forEach(n -> assertArrayEquals(before.floats(n), after.floats(n), 0, n));
            // With strict=True the peer wants the tied head, too.
            assertArrayEquals(
                    before.floats("transformer.wte.weight"), after.floats("lm_head.weight"), 0);
            assertEquals(before.names().size() + 1, after.names().size());
        }
    }

    private static void tensor(SafetensorsWriter to, Random random, String name, long... shape) {
        int size = 1;
        for (long d : shape) {
            size *= (int) d;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        to.add(name, shape, values);
    }

    @Test
    void shardsAreOneModel() throws IOException {
        StringBuilder map = new StringBuilder();
        SafetensorsWriter even = new SafetensorsWriter();
        SafetensorsWriter odd = new SafetensorsWriter();
        try (Safetensors tensors = Safetensors.open(foreign)) {
            int i = 0;
            for (String name : tensors.names()) {
                boolean first = i++ % 2 == 0;
                (first ? even : odd).copy(name, tensors, name);
                map.append(map.isEmpty() ? "" : ",")
                        .append("\"%s\": \"%s.safetensors\"".formatted(name, first ? "a" : "b"));
            }
            even.write(folder.resolve("a.safetensors"));
            odd.write(folder.resolve("b.safetensors"));
        }
        Path index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"metadata\": {}, \"weight_map\": {" + map + "}}");
        Path out = folder.resolve("sharded.safetensors");
        String[] args = {"import", index.toString(), "--as", "resnet20", "-o", out.toString()};
        Cli.ok(args);
        assertSame(Path.of(saved), out);
        Files.delete(folder.resolve("b.safetensors"));
        Cli cli = refused(1, args);
        assertTrue(cli.err().contains("b.safetensors"), cli.err());
    }

    @ParameterizedTest
    @CsvSource({
        "give either --output FILE or --dry-run, FILE --as resnet20",
        "give either --output FILE or --dry-run, FILE --as resnet20 --dry-run -o x.safetensors",
        "no such file, missing.safetensors --as resnet20 --dry-run",
        "the nearest presets are, FILE --as resnet21 --dry-run",
        "'--reset-head must be 1 or more, got 0', FILE --as resnet20 --dry-run --reset-head 0",
        "Missing required option, FILE --dry-run"
    })
    void wrongUseIsSaidInALine(String message, String args) {
        String[] words = ("import " + args.replace("FILE", foreign.toString())).split(" ");
        Cli cli = refused(2, words);
        assertTrue(cli.err().contains(message), cli.err());
    }

    @Test
    void anotherModelIsNamedAsTheLikelyReason() {
        Cli cli = refused(1, "import", foreign.toString(), "--as", "resnet32", "--dry-run");
        assertTrue(cli.err().endsWith(": is this the right model?\n"), cli.err());
        Cli other = refused(1, "import", foreign.toString(), "--as", "vit-ti-16", "--dry-run");
        assertTrue(other.err().contains("the tensors' names fit no dialect"), other.err());
    }
}
