package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.hub.FakeHub;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models and weights by their names on a hub of this machine. */
class RemoteModelsTest {
    private static final String ENDPOINT = "residuum.hub.endpoint";
    private static final String CACHE = "residuum.cache";
    private static final String OFFLINE = "residuum.offline";

    /** A BERT of transformers, without weights. */
    private static final String BERT =
            """
            {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 20,
             "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16, "max_position_embeddings": 16}
            """;

    @TempDir private Path folder;
    private FakeHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub();
        System.setProperty(ENDPOINT, hub.endpoint().toString());
        System.setProperty(CACHE, folder.resolve("cache").toString());
    }

    @AfterEach
    void stop() {
        List.of(ENDPOINT, CACHE, OFFLINE).forEach(System::clearProperty);
        hub.close();
    }

    private Path saved() throws IOException {
        Path file = folder.resolve("saved.safetensors");
        try (Backend backend = Backend.open();
                Network network =
                        Network.create(ModelSource.of(Cli.tiny(folder)).spec(), backend, 7)) {
            network.save(file);
        }
        return file;
    }

    @Test
    void aRunOfAHubIsAModel() throws IOException {
        hub.put("me/run", "model.safetensors", Files.readAllBytes(saved()));
        Cli shown = Cli.ok("show", "hf:me/run", "--json");
        assertTrue(shown.err().contains("download http://127.0.0.1"), shown.err());
        assertTrue(shown.err().contains("model.safetensors (0.0 MB)"), shown.err());
        Cli again = Cli.ok("show", "hf:me/run", "--json", "--offline");
        assertEquals(shown.out(), again.out());
        assertEquals("", again.err());
        hub.put("me/run", "config.json", BERT)
                .put("me/run", "spec.json", Files.readString(Cli.tiny(folder)));
        assertEquals(shown.out(), Cli.ok("show", "hf:me/run", "--json").out(), "as a folder");
    }

    @Test
    void weightsAndFilesOfAHubAreImported() throws IOException {
        byte[] weights = Files.readAllBytes(saved());
        hub.put("me/parts", "sub/first.safetensors", weights)
                .put("me/parts", "model.safetensors.index.json", index("model-1.safetensors"))
                .put("me/parts", "model-1.safetensors", weights);
        String spec = Cli.tiny(folder).toString();
        for (String name :
                List.of(
                        "hf:me/parts",
                        "hf:me/parts@" + FakeHub.COMMIT,
                        "hf:me/parts/sub/first.safetensors",
                        hub.endpoint() + "/me/parts/sub/first.safetensors")) {
            Cli cli = Cli.ok("import", name, "--as", spec, "--dry-run");
            assertTrue(cli.out().contains("missing      0"), name + cli.out());
            String graph = folder.resolve("out.onnx").toString();
            Cli exported =
                    Cli.ok("export", spec, "--weights", name, "--format", "onnx", "-o", graph);
            assertTrue(exported.err().contains("weights  "), exported.err());
        }
    }

    private static String index(String shard) {
        return """
        {"weight_map": {"stem.weight": "%1$s", "unit.before.norm.weight": "%1$s",
         "unit.before.norm.bias": "%1$s", "unit.before.norm.running_mean": "%1$s",
         "unit.before.norm.running_var": "%1$s", "unit.branch.conv.weight": "%1$s",
         "unit.branch.conv.bias": "%1$s", "head.weight": "%1$s", "head.bias": "%1$s"}}
        """
                .formatted(shard);
    }

    /** An index of a stranger must not write outside the cache. */
    @Test
    void hostileShardIsAnError() {
        hub.put("me/bad", "model.safetensors.index.json", index("../../x.safetensors"));
        Cli cli = Cli.run("import", "hf:me/bad", "--as", "resnet18", "--dry-run");
        assertEquals(1, cli.code());
        assertTrue(
                cli.err().contains("a shard must be a .bin or .safetensors file beside the index"),
                cli.err());
    }

    @Test
    void modelWithoutWeightsIsItsConfig() {
        hub.put("me/bert", "config.json", BERT).put("me/bert", "vocab.txt", "[UNK]\n");
        Cli cli = Cli.ok("show", "hf:me/bert");
        assertTrue(cli.out().startsWith("bert: input (N, 16)"), cli.out());
        assertTrue(Files.exists(folder.resolve("cache")), "the cache");
    }

    @Test
    void modulesOfSentenceTransformersComeWithTheModel() {
        hub.put("me/sentences", "config.json", BERT)
                .put(
                        "me/sentences",
                        "modules.json",
                        """
                        [{"type": "sentence_transformers.models.Transformer", "path": ""},
                         {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]
                        """)
                .put("me/sentences", "1_Pooling/config.json", "{\"pooling_mode\": \"mean\"}")
                .put("me/sentences", "onnx/model.onnx", "unused");
        Cli cli = Cli.ok("show", "hf:me/sentences");
        assertTrue(cli.out().startsWith("sentences: input (N, 16)"), cli.out());
        assertFalse(cli.err().contains("model.onnx"), cli.err());
    }

    @Test
    void aFileThatIsNotInTheCacheIsNamed() {
        hub.put("me/bert", "sub/a.safetensors", "").put("me/bert", "config.json", BERT);
        Cli.ok("show", "hf:me/bert");
        String name = "hf:me/bert/sub/a.safetensors";
        Cli cli = Cli.run("import", name, "--as", "resnet18", "--dry-run", "--offline");
        assertTrue(cli.err().contains(" " + name + ": must be in the cache"), cli.err());
    }

    @Test
    void mistakesAreUsageErrorsAndFailuresAreFailures() {
        Cli name = Cli.run("show", "hf:me/..");
        assertEquals(2, name.code());
        assertTrue(name.err().contains("a repository must be named org/model"), name.err());
        Cli plain =
                Cli.run(
                        "evaluate",
                        "resnet20",
                        "--data",
                        "digits",
                        "--weights",
                        "http://example.org/a.pth");
        assertEquals(2, plain.code());
        assertTrue(plain.err().contains("must begin with https://"), plain.err());
        Cli none = Cli.run("show", "hf:me/none");
        assertEquals(1, none.code());
        assertTrue(none.err().contains("there is no such public repository"), none.err());
        Cli offline = Cli.run("show", "hf:me/none", "--offline");
        assertEquals(1, offline.code());
        assertTrue(offline.err().contains("to be used offline"), offline.err());
    }
}
