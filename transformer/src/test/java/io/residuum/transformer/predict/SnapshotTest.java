package io.residuum.transformer.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.Export;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.dialect.ImportPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders as Hugging Face stores models: config.json, weights in one file or shards, tokenizer. */
class SnapshotTest {
    private static final CharTokenizer LETTERS = CharTokenizer.of("abcdefgh");
    private static final Backend BACKEND = Engines.backend(EngineChoice.MXNET);

    @TempDir private Path folder;

    private static String bert(String architecture) {
        return """
        {"model_type": "bert", "architectures": ["%s"], "hidden_size": 8, "num_hidden_layers": 2,
         "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 12,
         "max_position_embeddings": 6}
        """
                .formatted(architecture);
    }

    private Network random(String config) throws IOException {
        Files.writeString(folder.resolve("config.json"), config);
        return Network.create(ModelSource.of(folder.resolve("config.json")).spec(), BACKEND, 1);
    }

    private static void export(Network network, Path file) {
        Export.of(
                        Dialects.of("huggingface").forWriting(network.block()),
                        network.block(),
                        path -> Values.floats(network.state().get(path).getArray()))
                .write(file);
    }

    private static void copy(Path from, Path to, Predicate<String> names) {
        SafetensorsWriter writer = new SafetensorsWriter();
        try (Safetensors tensors = Safetensors.open(from)) {
            tensors.names().stream().filter(names).forEach(n -> writer.copy(n, tensors, n));
            writer.write(to);
        }
    }

    @Test
    void aFolderIsAModel() throws IOException {
        String config =
                """
                {"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 8, "vocab_size": %d,
                 "n_positions": 16}
                """
                        .formatted(LETTERS.vocabulary());
        Generator.Settings settings = Generator.Settings.DEFAULT.with(Sampling.PLAIN, 5);
        String expected;
        try (Network network = random(config);
                TextGenerator generator = TextGenerator.of(network, LETTERS)) {
            expected = generator.generate("abc", settings);
            export(network, folder.resolve("model.safetensors"));
        }
        assertEquals(Optional.of(folder), ModelSource.of(folder).weights());
        assertThrows(RuntimeException.class, () -> TextGenerator.open(folder.toString(), BACKEND));
        Files.writeString(folder.resolve("tokenizer.json"), LETTERS.json());
        assertGenerates(expected, settings);
        assertTrue(Tokenizers.of(ModelSource.of(folder)).isPresent());

        Path whole = folder.resolve("model.safetensors");
        Predicate<String> first = name -> name.contains(".h.0.");
        copy(whole, folder.resolve("model-00001-of-00002.safetensors"), first);
        copy(whole, folder.resolve("model-00002-of-00002.safetensors"), first.negate());
        StringBuilder map = new StringBuilder();
        try (Safetensors tensors = Safetensors.open(whole)) {
            for (String name : tensors.names()) {
                map.append(map.isEmpty() ? "" : ", ")
                        .append(
                                "\"%s\": \"model-0000%d-of-00002.safetensors\""
                                        .formatted(name, first.test(name) ? 1 : 2));
            }
        }
        Files.delete(whole);
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\": {}, \"weight_map\": {" + map + "}}");
        assertGenerates(expected, settings);
    }

    private void assertGenerates(String expected, Generator.Settings settings) {
        try (TextGenerator generator = TextGenerator.open(folder.toString(), BACKEND)) {
            assertEquals(expected, generator.generate("abc", settings));
        }
    }

    @Test
    void headsThatTheNetworkLacksAreLeftOut() throws IOException {
        try (Network pretraining = random(bert("BertForPreTraining"))) {
            export(pretraining, folder.resolve("model.safetensors"));
            Files.writeString(folder.resolve("config.json"), bert("BertForMaskedLM"));
            try (Network masked = ModelSource.of(folder).open(BACKEND, 2, this::leavesOutHeads)) {
                assertArrayEquals(
                        values(pretraining, "head.maskedLm.dense.weight"),
                        values(masked, "maskedLm.dense.weight"));
            }
            Files.writeString(folder.resolve("config.json"), bert("BertModel"));
            try (Network pooled = ModelSource.of(folder).open(BACKEND, 2, plan -> {})) {
                assertArrayEquals(
                        values(pretraining, "head.nextSentence.pooler.dense.weight"),
                        values(pooled, "pooler.dense.weight"));
            }
        }
    }

    private void leavesOutHeads(ImportPlan plan) {
        assertEquals(
                List.of(
                        "bert.pooler.dense.bias",
                        "bert.pooler.dense.weight",
                        "cls.seq_relationship.bias",
                        "cls.seq_relationship.weight"),
                plan.leftOut().stream().sorted().toList());
        assertTrue(plan.isComplete());
    }

    @Test
    void aMissingHeadNeedsPermission() throws IOException {
        try (Network masked = random(bert("BertForMaskedLM"))) {
            export(masked, folder.resolve("model.safetensors"));
            Files.writeString(folder.resolve("config.json"), bert("BertForSequenceClassification"));
            ModelSource source = ModelSource.of(folder);
            WeightsException e = assertThrows(WeightsException.class, () -> source.open(BACKEND));
            assertTrue(e.getMessage().contains("4 missing (pooler.dense."), e.getMessage());
            assertTrue(e.getMessage().contains("--allow-missing PATTERN"), e.getMessage());
            ModelSource allowed =
                    source.withOptions(
                            o -> o.withAllowMissing(List.of("pooler.*", "classifier.*")));
            try (Network network = allowed.open(BACKEND)) {
                assertArrayEquals(
                        values(masked, "embedding.token.weight"),
                        values(network, "embedding.token.weight"));
            }
        }
    }

    @Test
    void otherTensorsAreStillUnexpected() throws IOException {
        try (Network network = random(bert("BertModel"))) {
            Path file = folder.resolve("model.safetensors");
            Path more = folder.resolve("more.safetensors");
            export(network, file);
            SafetensorsWriter writer = new SafetensorsWriter();
            try (Safetensors tensors = Safetensors.open(file)) {
                tensors.names().forEach(n -> writer.copy(n, tensors, n));
                String extra = "encoder.layer.2.output.dense.bias";
                writer.add(extra, new long[] {8}, new float[8]).write(more);
            }
            ImportOptions options = ImportOptions.standard();
            WeightsException e =
                    assertThrows(WeightsException.class, () -> network.loadWeights(more, options));
            assertTrue(e.getMessage().contains("1 unexpected (encoder.layer.2"), e.getMessage());
            assertTrue(e.getMessage().contains("--allow-unexpected PATTERN"), e.getMessage());
            ImportOptions allowed = options.withAllowUnexpected(List.of("*layer.2.*"));
            assertEquals(1, network.loadWeights(more, allowed).unexpected().size());
            try (StateDict tensors = StateDict.open(more)) {
                assertTrue(tensors.names().contains("encoder.layer.2.output.dense.bias"));
            }
        }
    }

    private static float[] values(Network network, String path) {
        return Values.floats(network.state().get(path).getArray());
    }
}
