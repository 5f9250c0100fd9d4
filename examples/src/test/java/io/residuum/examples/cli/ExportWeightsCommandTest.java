package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.Presets;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.Safetensors;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.Export;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExportWeightsCommandTest {
    private Path folder;
    private String saved;

    @BeforeAll
    void save(@TempDir Path temporary) {
        folder = temporary;
        ModelSpec spec = Presets.find("resnet20-b").orElseThrow().spec();
        Path file = folder.resolve("saved.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(spec, backend, 3)) {
            network.save(file);
        }
        saved = file.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "torchvision, layer2.0.downsample.0.weight, fc.bias",
        "timm, layer2.0.downsample.0.weight, fc.bias",
        "cifar-resnet, layer2.0.shortcut.0.weight, linear.bias",
        "residuum, stage2.0.shortcut.conv.weight, head.fc.bias"
    })
    void writesTheNamesOfEachLibrary(String dialect, String projection, String bias) {
        Path out = folder.resolve("out.safetensors");
        Cli cli = Cli.ok("export-weights", saved, "--dialect", dialect, "-o", out.toString());
        assertEquals("wrote    %s, dialect %s".formatted(out, dialect), cli.err().strip());
        try (Safetensors file = Safetensors.open(out);
                Safetensors before = Safetensors.open(Path.of(saved))) {
            assertTrue(file.names().containsAll(List.of(projection, bias)), file.names()::toString);
            assertEquals(before.names().size(), file.names().size());
            // transformers requires this of a PyTorch file.
            assertEquals("pt", file.metadata().get("format"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, must have names for all parameters, SAVED llama2.c",
        "2, a dialect must be a JSON file or one of, SAVED nobody",
        "2, MODEL must have weights, resnet20 timm",
        "2, no such file, missing.safetensors timm"
    })
    void whatCannotBeWrittenIsSaidInALine(int code, String message, String args) {
        String[] words = args.replace("SAVED", saved).split(" ");
        Path out = folder.resolve("never.safetensors");
        Cli cli = Cli.run("export-weights", words[0], "--dialect", words[1], "-o", out.toString());
        assertEquals(code, cli.code(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        assertTrue(cli.err().contains(message), cli.err());
        assertFalse(Files.exists(out));
    }

    /** Several tables of transformers name all parameters of this network. */
    @Test
    void theNamesAreThoseThatWereRead() throws IOException {
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                """
                {"model_type": "electra", "architectures": ["ElectraForSequenceClassification"],
                 "vocab_size": 11, "hidden_size": 8, "embedding_size": 8, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 6}
                """);
        Path theirs = folder.resolve("electra.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = ModelSource.of(config).open(backend)) {
            Dialect electra =
                    Dialects.of("huggingface")
                            .preferring("huggingface (electra)")
                            .forWriting(network.block());
            Export.of(
                            electra,
                            network.block(),
                            path -> Values.floats(network.state().get(path).getArray()))
                    .write(theirs);
        }
        Path own = folder.resolve("own.safetensors");
        Path back = folder.resolve("back.safetensors");
        Cli.ok("import", theirs.toString(), "--as", config.toString(), "-o", own.toString());
        Cli.ok("export-weights", own.toString(), "--dialect", "huggingface", "-o", back.toString());
        try (Safetensors before = Safetensors.open(theirs);
                Safetensors after = Safetensors.open(back)) {
            assertTrue(before.names().contains("classifier.out_proj.weight"));
            assertTrue(before.names().stream().anyMatch(name -> name.startsWith("electra.")));
            assertEquals(before.names(), after.names());
        }
    }

    /** transformers has Mixtral's experts in one tensor in memory, and in files one by one. */
    @Test
    void theNamesOfFilesAreThoseOfTheModelType() throws IOException {
        Path config = folder.resolve("mixtral.json");
        Files.writeString(
                config,
                """
                {"model_type": "mixtral", "vocab_size": 11, "hidden_size": 8, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "num_key_value_heads": 2, "intermediate_size": 8,
                 "num_local_experts": 2, "num_experts_per_tok": 1, "max_position_embeddings": 6}
                """);
        Path table = folder.resolve("mixtral-modules.json");
        Files.writeString(
                table,
                """
                {"format": "residuum-dialect/1", "name": "modules", "family": "llama",
                 "extends": "huggingface", "rules": [
                 {"ours": ["blocks.{b}.mlp.branch.experts.{e}.gate.weight",
                           "blocks.{b}.mlp.branch.experts.{e}.up.weight"],
                  "theirs": "layers.{b}.mlp.experts.gate_up_proj",
                  "each": "e", "rearrange": "e r c -> (e r) c"},
                 {"ours": "blocks.{b}.mlp.branch.experts.{e}.down.weight",
                  "theirs": "layers.{b}.mlp.experts.down_proj",
                  "each": "e", "rearrange": "e r c -> (e r) c"}]}
                """);
        Dialect modules = Dialects.read(table).all().get(0);
        Path theirs = folder.resolve("modules.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = ModelSource.of(config).open(backend)) {
            Export.of(
                            modules,
                            network.block(),
                            path -> Values.floats(network.state().get(path).getArray()))
                    .write(theirs);
        }
        Path own = folder.resolve("mixtral-own.safetensors");
        Path back = folder.resolve("mixtral-back.safetensors");
        Cli.ok("import", theirs.toString(), "--as", config.toString(), "-o", own.toString());
        Cli.ok("export-weights", own.toString(), "--dialect", "huggingface", "-o", back.toString());
        try (Safetensors before = Safetensors.open(theirs);
                Safetensors after = Safetensors.open(back)) {
            float[] both = before.floats("model.layers.0.mlp.experts.gate_up_proj");
            float[] gate = after.floats("model.layers.0.block_sparse_moe.experts.0.w1.weight");
            assertArrayEquals(Arrays.copyOf(both, gate.length), gate);
            assertTrue(after.names().contains("model.layers.0.block_sparse_moe.gate.weight"));
        }
    }

    @Test
    void denseLayersOfSentenceTransformersHaveFilesOfTheirOwn() throws IOException {
        Path model =
                Path.of("../transformer/src/test/resources/io/residuum/transformer/predict")
                        .resolve("sentences/dense");
        Path out = Files.createDirectory(folder.resolve("dense")).resolve("model.safetensors");
        Cli cli =
                Cli.ok(
                        "export-weights",
                        model.toString(),
                        "--dialect",
                        "huggingface",
                        "-o",
                        out.toString());
        for (String name :
                List.of(
                        "model.safetensors",
                        "2_Dense/model.safetensors",
                        "3_Dense/model.safetensors")) {
            try (Safetensors theirs = Safetensors.open(model.resolve(name));
                    Safetensors written = Safetensors.open(out.resolveSibling(name))) {
                for (String tensor : written.names()) {
                    assertArrayEquals(theirs.floats(tensor), written.floats(tensor), tensor);
                }
                assertTrue(theirs.names().containsAll(written.names()), name);
                assertEquals(name.contains("Dense"), written.names().contains("linear.weight"));
            }
            assertTrue(cli.err().contains(out.resolveSibling(name).toString()), cli.err());
        }
    }

    @Test
    void theFileMayBeTheModelItself() {
        Path file = folder.resolve("same.safetensors");
        Cli.ok("export-weights", saved, "--dialect", "residuum", "-o", file.toString());
        Cli.ok("import", file.toString(), "--as", "resnet20-b", "-o", file.toString());
        Cli.ok("export-weights", file.toString(), "--dialect", "timm", "-o", file.toString());
        try (Safetensors after = Safetensors.open(file)) {
            assertTrue(after.names().contains("conv1.weight"), after.names()::toString);
        }
    }
}
