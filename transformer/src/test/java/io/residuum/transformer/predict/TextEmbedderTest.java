package io.residuum.transformer.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.residuum.data.DataException;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.hub.FakeHub;
import io.residuum.hub.Hub;
import io.residuum.hub.TransferListener;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Npy;
import io.residuum.testing.SharedData;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.family.TextEmbedding;
import io.residuum.transformer.layers.Pooling;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.weights.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with sentence-transformers; {@code sentences/make.py} writes its models and vectors. */
class TextEmbedderTest {
    private static final List<String> MODELS =
            List.of("mean", "cls-max", "weighted", "dense", "t5");

    @TempDir private Path scratch;

    private static Path folder(String model) {
        try {
            return Path.of(
                    Objects.requireNonNull(TextEmbedderTest.class.getResource("sentences/" + model))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> texts() throws Exception {
        return JsonReader.read(folder("texts.json")).strings().orElseThrow();
    }

    private static float[] expected(String model) {
        return expected(model, Embeddings.TENSOR);
    }

    private static float[] expected(String model, String tensor) {
        try (Safetensors file = Safetensors.open(folder(model).resolve("expected.safetensors"))) {
            return file.floats(tensor);
        }
    }

    static Stream<Arguments> models() {
        return Engines.with(MODELS);
    }

    @ParameterizedTest
    @MethodSource("models")
    void sameVectorsAsSentenceTransformers(EngineChoice engine, String model) throws Exception {
        try (TextEmbedder embedder =
                TextEmbedder.open(folder(model).toString(), Engines.backend(engine))) {
            for (int batch : new int[] {1, 2, 32}) {
                Embeddings found = embedder.embed(texts(), batch);
                assertArrayEquals(expected(model), found.values(), 1e-5f, "batch " + batch);
            }
            List<Integer> cut = new ArrayList<>();
            embedder.withPrompt("").embed(texts(), 2, cut::add);
            assertEquals(List.of(4), cut, "10 words exceed 9 tokens");
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aSavedModelGivesTheSameVectors(EngineChoice engine, String model) throws Exception {
        Path saved = scratch.resolve("saved.safetensors");
        try (Network network = ModelSource.of(folder(model)).open(Engines.backend(engine));
                Tokenizer tokenizer = Tokenizers.open(folder(model))) {
            network.setMetadata(network.metadata().with(Tokenizer.METADATA, tokenizer.json()));
            network.save(saved);
        }
        try (TextEmbedder embedder = TextEmbedder.open(saved.toString(), Engines.backend(engine))) {
            assertArrayEquals(expected(model), embedder.embed(texts()).values(), 1e-5f);
        }
    }

    @Test
    void promptsPrecedeTexts() throws Exception {
        Backend backend = Engines.backend(Engines.all().get(0));
        Path saved = scratch.resolve("saved.safetensors");
        try (Network network = ModelSource.of(folder("dense")).open(backend);
                Tokenizer tokenizer = Tokenizers.open(folder("dense"))) {
            network.setMetadata(network.metadata().with(Tokenizer.METADATA, tokenizer.json()));
            network.save(saved);
        }
        for (Path model : List.of(folder("dense"), saved)) {
            try (TextEmbedder embedder = TextEmbedder.open(model.toString(), backend)) {
                assertEquals("cat ", embedder.prompt());
                Map<String, TextEmbedder> prompted =
                        Map.of(
                                "queries", embedder.forQueries(),
                                "passages", embedder.forDocuments(),
                                "without", embedder.withPrompt(""));
                for (Map.Entry<String, TextEmbedder> one : prompted.entrySet()) {
                    assertArrayEquals(
                            expected("dense", one.getKey()),
                            one.getValue().embed(texts()).values(),
                            1e-5f,
                            one.getKey());
                }
                assertEquals("a mat ", embedder.prompts().named("passage"));
                DataException e =
                        assertThrows(
                                DataException.class, () -> embedder.prompts().named("document2"));
                assertTrue(e.getMessage().contains("[cats, "), e.getMessage());
            }
        }
        try (TextEmbedder plain = TextEmbedder.open(folder("mean").toString(), backend)) {
            assertEquals("", plain.forQueries().prompt() + plain.forDocuments().prompt());
        }
        Prompts empty = new Prompts(Map.of("query", "", "passage", "p: "), "passage");
        assertEquals("", empty.query(), "an empty prompt is one, as in sentence-transformers");
        assertEquals("p: ", empty.document());
    }

    @EachEngine
    void criteriaOfDjlLoadAnEmbedder(EngineChoice engine) throws Exception {
        String url = "residuum:" + folder("dense") + "?backend=" + engine.name();
        Criteria<String, float[]> criteria =
                Criteria.builder().setTypes(String.class, float[].class).optModelUrls(url).build();
        Criteria<Input, Output> requests =
                Criteria.builder().setTypes(Input.class, Output.class).optModelUrls(url).build();
        Input request = new Input();
        request.addProperty("Content-Type", "application/json");
        request.add("{\"inputs\": [\"a cat\", \"the dog slept\"]}");
        Embeddings expected = new Embeddings(5, expected("dense"));
        try (ZooModel<String, float[]> loaded = criteria.loadModel();
                Predictor<String, float[]> predictor = loaded.newPredictor();
                ZooModel<Input, Output> server = requests.loadModel();
                Predictor<Input, Output> answers = server.newPredictor()) {
            List<float[]> found = predictor.batchPredict(texts());
            for (int i = 0; i < found.size(); i++) {
                assertArrayEquals(expected.get(i), found.get(i), 1e-5f);
            }
            Json both =
                    JsonReader.parse(answers.predict(request).getData().getAsString(), "answer");
            assertEquals(
                    expected.get(1)[4], Double.parseDouble(both.get(1).get(4).compact()), 1e-5);
        }
    }

    @Test
    void anotherSimilarityThanTheCosineIsNamed() throws Exception {
        Path model = scratch.resolve("dot");
        Files.createDirectories(model.resolve("1_Pooling"));
        for (String file : List.of("config.json", "1_Pooling/config.json")) {
            Files.copy(folder("weighted").resolve(file), model.resolve(file));
        }
        Path modules = folder("weighted").resolve("modules.json");
        Path settings = model.resolve("config_sentence_transformers.json");
        Files.writeString(settings, "{\"similarity_fn_name\": \"dot\"}");
        Files.copy(modules, model.resolve("modules.json"));
        assertEquals(List.of(), ModelSource.of(model).warnings(), "vectors have length 1");
        Files.writeString(
                model.resolve("modules.json"),
                """
                [{"path": "", "type": "sentence_transformers.models.Transformer"},
                 {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
                """);
        List<String> warnings = ModelSource.of(model).warnings();
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("similarity_fn_name is \"dot\""), warnings.get(0));
    }

    @Test
    void aPoolingReplacesDenseLayers() throws Exception {
        TextEmbedding mean = new TextEmbedding(Pooling.MEAN, true);
        Backend backend = Engines.backend(Engines.all().get(0));
        try (TextEmbedder pooled = TextEmbedder.open(folder("dense").toString(), backend, mean);
                TextEmbedder plain = TextEmbedder.open(folder("mean").toString(), backend)) {
            float[] expected = plain.embed(texts().get(0));
            assertArrayEquals(expected, pooled.withPrompt("").embed(texts().get(0)), 1e-5f);
        }
    }

    @Test
    void settingsOfDenseLayersAreRefusedByName() throws IOException {
        for (String[] wrong :
                new String[][] {
                    {"\"activation_function\": \"mine.Cube\"", "activation_function"},
                    {"\"activation_function\": \"torch.nn.GLU\"", "activation_function"},
                    {"\"module_input_name\": \"token_embeddings\"", "module_input_name"},
                    {"\"use_residual\": true", "use_residual"},
                    {"\"init\": 1", "init"},
                    {"\"out_features\": null", "out_features"}
                }) {
            Path model = Files.createTempDirectory(scratch, "dense");
            Files.createDirectory(model.resolve("1_Pooling"));
            Files.createDirectory(model.resolve("2_Dense"));
            for (String file : List.of("config.json", "modules.json", "1_Pooling/config.json")) {
                Files.copy(folder("dense").resolve(file), model.resolve(file));
            }
            Files.writeString(
                    model.resolve("2_Dense/config.json"),
                    "{\"in_features\": 16, \"out_features\": 6, %s}"
                            .formatted(wrong[0])
                            .replace("\"out_features\": 6, \"out_features\"", "\"out_features\""));
            SpecException e = assertThrows(SpecException.class, () -> ModelSource.of(model));
            assertTrue(e.getMessage().contains(wrong[1]), e.getMessage());
        }
    }

    @Test
    void aPoolingMakesAnEmbedderOfAnyEncoder() throws Exception {
        Path plain = scratch.resolve("plain");
        Files.createDirectory(plain);
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(folder("mean").resolve(file), plain.resolve(file));
        }
        String model = plain.toString();
        TextEmbedding mean = new TextEmbedding(Pooling.MEAN, true);
        try (TextEmbedder embedder =
                TextEmbedder.open(model, Engines.backend(Engines.all().get(0)), mean)) {
            String text = texts().get(1);
            assertArrayEquals(
                    new Embeddings(8, expected("mean")).get(1), embedder.embed(text), 1e-5f);
        }
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () ->
                                TextEmbedder.of(
                                        Network.create(
                                                ModelSource.of(plain).spec(),
                                                Engines.backend(Engines.all().get(0)),
                                                1)));
        assertTrue(e.getMessage().contains("tokenizer"), e.getMessage());
    }

    @Test
    void anUnknownModuleIsRefusedByName() throws IOException {
        Path other = scratch.resolve("other");
        Files.createDirectory(other);
        Files.copy(folder("mean").resolve("config.json"), other.resolve("config.json"));
        Files.writeString(
                other.resolve("modules.json"),
                """
                [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "path": "1_LSTM", "type": "sentence_transformers.models.LSTM"}]
                """);
        SpecException e = assertThrows(SpecException.class, () -> ModelSource.of(other));
        assertTrue(e.getMessage().contains("[1].type"), e.getMessage());
        assertTrue(e.getMessage().contains("models.LSTM"), e.getMessage());
        for (Map.Entry<String, String> wrong :
                Map.of(
                                "[]",
                                "must have a module Pooling",
                                "[0]",
                                "must hold an array of objects",
                                "[{\"type\": \"custom_st.Transformer\"}]",
                                "[0].type",
                                "[{\"type\": \"sentence_transformers.models.Transformer\","
                                        + " \"kwargs\": [\"task\"]}]",
                                "[0].kwargs")
                        .entrySet()) {
            Files.writeString(other.resolve("modules.json"), wrong.getKey());
            e = assertThrows(SpecException.class, () -> ModelSource.of(other));
            assertTrue(e.getMessage().contains(wrong.getValue()), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mean", "dense"})
    void aModelOnAHubHasItsPooling(String name) throws Exception {
        Path model = folder(name);
        Backend backend = Engines.backend(Engines.all().get(0));
        try (FakeHub server = new FakeHub();
                Tokenizer tokenizer = Tokenizers.open(model);
                Stream<Path> files = Files.walk(model)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String path = model.relativize(file).toString().replace('\\', '/');
                server.put("me/mean", path, Files.readAllBytes(file));
            }
            Hub hub = new Hub(server.settings(scratch), TransferListener.NONE);
            ModelSource source = ModelSource.of("hf:me/mean", hub);
            TextEmbedding mean = new TextEmbedding(Pooling.MEAN, true);
            try (Network network = TextEmbedder.pooled(source, mean).open(backend);
                    TextEmbedder embedder = TextEmbedder.of(network, tokenizer).withPrompt("")) {
                float[] found = embedder.embed(texts()).values();
                assertArrayEquals(expected("mean"), found, 1e-5f);
            }
            try (Network network = source.open(backend);
                    TextEmbedder embedder = TextEmbedder.of(network, tokenizer)) {
                assertArrayEquals(expected(name), embedder.embed(texts()).values(), 1e-5f);
            }
        }
    }

    @Test
    void aPoolingReplacesAnyHead() {
        Path saved = scratch.resolve("head.safetensors");
        TextEmbedding mean = new TextEmbedding(Pooling.MEAN, true);
        Backend backend = Engines.backend(Engines.all().get(0));
        for (String head :
                List.of(
                        "'none'",
                        "'pooler'",
                        "'maskedLm'",
                        "'pretraining'",
                        "{'type': 'classes', 'count': 3}",
                        "{'type': 'denseClasses', 'count': 3}",
                        "{'type': 'tokenClasses', 'count': 3}",
                        "'spans'",
                        "'replacedTokens'")) {
            String json =
                    """
                    {'format': 'residuum/1', 'name': 'bert',
                     'input': {'type': 'tokens', 'length': 5, 'vocabulary': 11}, 'network':
                     {'type': 'bert', 'vocabulary': 11, 'width': 8, 'depth': 1, 'heads': 2,
                      'head': %s}}
                    """
                            .formatted(head)
                            .replace('\'', '"');
            ModelSpec spec = SpecJson.standard().parse(json, "bert", ModelSpec.class);
            try (Network network = Network.create(spec, backend, 1)) {
                network.save(saved);
            }
            try (Network pooled = TextEmbedder.pooled(ModelSource.of(saved), mean).open(backend)) {
                assertEquals(new Shape(-1, 8), pooled.outputShape(), head);
            }
        }
    }

    @Test
    void aShortInputKeepsTheTableOfPositionsOfRoberta() throws Exception {
        Path peer =
                Path.of(
                        Objects.requireNonNull(Bert.class.getResource("peers/roberta/config.json"))
                                .toURI());
        Path roberta = scratch.resolve("roberta");
        Files.createDirectories(roberta.resolve("1_Pooling"));
        Files.copy(peer, roberta.resolve("config.json"));
        Files.copy(
                peer.resolveSibling("weights.safetensors"), roberta.resolve("model.safetensors"));
        for (String file : List.of("modules.json", "1_Pooling/config.json")) {
            Files.copy(folder("mean").resolve(file), roberta.resolve(file));
        }
        Files.writeString(roberta.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 4}");
        try (Network network =
                ModelSource.of(roberta).open(Engines.backend(Engines.all().get(0)))) {
            assertEquals(4, ((InputSpec.Tokens) network.spec().input()).length());
        }
    }

    @Test
    void severalThreadsEmbedAtOnce() throws Exception {
        try (TextEmbedder embedder =
                TextEmbedder.open(
                        folder("mean").toString(), Engines.backend(Engines.all().get(0)))) {
            List<String> texts = texts();
            List<CompletableFuture<float[]>> running =
                    IntStream.range(0, 40)
                            .mapToObj(
                                    i ->
                                            CompletableFuture.supplyAsync(
                                                    () -> embedder.embed(texts.get(i % 5))))
                            .toList();
            Embeddings expected = new Embeddings(8, expected("mean"));
            for (int i = 0; i < running.size(); i++) {
                assertArrayEquals(expected.get(i % 5), running.get(i).get(), 1e-5f);
            }
        }
    }

    @Test
    void theNearestVectorsComeFirst() {
        Embeddings found = new Embeddings(2, new float[] {0, 2, 1, 1, 3, 0, 0, 0, 5, 0});
        assertEquals(Math.sqrt(0.5), found.cosine(0, 1), 1e-7);
        assertEquals(0, found.cosine(0, 3));
        assertEquals(
                List.of(2, 4, 1),
                found.nearest(new float[] {1, 0.1f}, 3).stream()
                        .map(Embeddings.Match::index)
                        .toList(),
                "of equal cosines the first");
        assertThrows(SpecException.class, () -> found.nearest(new float[3], 1));
        assertThrows(SpecException.class, () -> found.cosine(new float[1], 0));
        List<float[]> uneven = List.of(new float[2], new float[4]);
        assertThrows(SpecException.class, () -> Embeddings.of(uneven));
        assertThrows(SpecException.class, () -> new Embeddings(2, new float[3]));
    }

    @Test
    void theTrainedMiniLmGivesThePublishedVectors() throws IOException {
        Path model = SharedData.require("all-MiniLM-L6-v2");
        List<String> sentences = Files.readAllLines(model.resolve("sentences.txt"));
        TextEmbedding mean = new TextEmbedding(Pooling.MEAN, true);
        for (EngineChoice engine : Engines.all()) {
            try (TextEmbedder embedder =
                    TextEmbedder.open(model.toString(), Engines.backend(engine), mean)) {
                Embeddings found = embedder.embed(sentences);
                float[] expected = Npy.read(model.resolve("expected_embeddings.npy")).floats();
                assertArrayEquals(expected, found.values(), 1e-5f);
                assertEquals(0.9429, found.cosine(2, 3), 5e-5);
                assertEquals(0.6946, found.cosine(2, 4), 5e-5);
                assertEquals(0.2569, found.cosine(2, 5), 5e-5);
            }
        }
    }
}
