package io.residuum.transformer.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.Classification;
import io.residuum.model.FeatureExtractor;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.TrainingException;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.generate.TextListener;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTasksTest {
    private static final Tokenizer LETTERS = CharTokenizer.of("abcdefghijklm ").withUnknown();
    private static final List<String> NAMES = List.of("animal", "vehicle");
    private static final String CLASSES = "{\"type\": \"classes\", \"count\": 2}";
    private static final List<String> TEXTS = List.of("a cab", "", "a hijacked cable", "dig");
    private static final Generator.Settings SHORT =
            new Generator.Settings(Sampling.PLAIN.withSeed(3), 6, List.of(), true);

    @TempDir private Path folder;

    private static ModelSpec bert(String head) {
        return parse("\"type\": \"bert\", \"head\": " + head);
    }

    private static ModelSpec decoder() {
        return parse("\"type\": \"gpt\", \"head\": " + CLASSES);
    }

    private static ModelSpec gpt() {
        return parse("\"type\": \"gpt\"");
    }

    private static ModelSpec parse(String network) {
        String json =
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "tokens", "length": 12, "vocabulary": %1$d},
                 "network": {%2$s, "vocabulary": %1$d, "width": 16, "depth": 1, "heads": 2}}
                """
                        .formatted(LETTERS.vocabulary(), network);
        return SpecJson.standard().parse(json, "tiny", ModelSpec.class);
    }

    private static Network network(ModelSpec spec, EngineChoice engine) {
        Network network = Network.create(spec, Engines.backend(engine), 4);
        network.setMetadata(ModelMetadata.EMPTY.withClassNames(NAMES));
        return network;
    }

    private String saved(ModelSpec spec, boolean tokenizer) {
        Path file = folder.resolve("saved.safetensors");
        try (Network network = network(spec, Engines.all().get(0))) {
            if (tokenizer) {
                network.setMetadata(network.metadata().with(Tokenizer.METADATA, LETTERS.json()));
            }
            network.save(file);
        }
        return file.toString();
    }

    private static double animal(Classification classification) {
        return classification.classes().stream()
                .filter(c -> c.name().equals("animal"))
                .findFirst()
                .orElseThrow()
                .probability();
    }

    @EachEngine
    void aTextHasTheSameClassesInAnyBatch(EngineChoice engine) {
        aTextHasTheSameClassesInAnyBatch(engine, bert(CLASSES));
        aTextHasTheSameClassesInAnyBatch(engine, decoder());
    }

    private void aTextHasTheSameClassesInAnyBatch(EngineChoice engine, ModelSpec spec) {
        try (Network network = network(spec, engine);
                TextClassifier classifier = TextClassifier.of(network, LETTERS)) {
            List<Classification> together = classifier.classify(TEXTS);
            List<Classification> some = classifier.classify(TEXTS, 3);
            for (int i = 0; i < TEXTS.size(); i++) {
                double alone = animal(classifier.classify(TEXTS.get(i)));
                assertEquals(alone, animal(together.get(i)), 1e-5, TEXTS.get(i));
                assertEquals(alone, animal(some.get(i)), 1e-5, TEXTS.get(i));
            }
            assertEquals(
                    animal(classifier.classify("a hijacked c")),
                    animal(classifier.classify("a hijacked cable")),
                    "a text is cut to 12 tokens");
        }
    }

    @EachEngine
    void aPredictorOfDjlEncodesTextsAsTheClassifier(EngineChoice engine) throws Exception {
        try (Network network = network(bert(CLASSES), engine);
                TextClassifier classifier = TextClassifier.of(network, LETTERS)) {
            Backend backend = network.backend();
            try (Model model =
                    Model.newInstance("tiny", backend.device(), backend.engine().getEngineName())) {
                model.setBlock(network.block());
                try (Predictor<String, Classifications> predictor =
                        model.newPredictor(classifier.translator())) {
                    List<Classifications> found = predictor.batchPredict(TEXTS);
                    for (int i = 0; i < TEXTS.size(); i++) {
                        double alone = animal(classifier.classify(TEXTS.get(i)));
                        assertEquals(alone, found.get(i).get("animal").getProbability(), 1e-5);
                    }
                }
            }
        }
    }

    @Test
    void savedModelsBringTheirTokenizerAndNames() {
        Backend backend = Engines.backend(Engines.all().get(0));
        String model = saved(bert(CLASSES), true);
        try (TextClassifier classifier = TextClassifier.open(model, backend)) {
            assertTrue(NAMES.contains(classifier.classify("a cab").best().name()));
        }
        String without = saved(bert(CLASSES), false);
        SpecException e =
                assertThrows(SpecException.class, () -> TextClassifier.open(without, backend));
        assertTrue(e.getMessage().contains("comes without one"), e.getMessage());
    }

    @EachEngine
    void textsAreStreamedAsTheyAreReturned(EngineChoice engine) {
        try (Network network = network(gpt(), engine);
                TextGenerator generator = TextGenerator.of(network, LETTERS)) {
            StringBuilder heard = new StringBuilder();
            Continuation text =
                    generator.generate("abc", SHORT, (index, piece) -> heard.append(piece));
            assertEquals(6, text.tokens().size());
            assertEquals(text.text(), heard.toString());
            assertEquals(text.text(), generator.generate("abc", SHORT));
            Generator.Batch batch =
                    generator.generate(List.of("abc", "dig"), SHORT, TextListener.NONE);
            assertEquals(text, batch.continuations().get(0));
            assertEquals(2, batch.continuations().size());
            assertEquals(100, generator.generate("abc").length());
            List<String> threads =
                    IntStream.range(0, 4)
                            .parallel()
                            .mapToObj(i -> generator.generate("abc", SHORT))
                            .toList();
            threads.forEach(found -> assertEquals(text.text(), found));
        }
    }

    @Test
    void savedLanguageModelsGenerate() {
        Backend backend = Engines.backend(Engines.all().get(0));
        String model = saved(gpt(), true);
        try (TextGenerator generator = TextGenerator.open(model, backend)) {
            assertEquals(6, generator.generate("abc", SHORT).length());
            SpecException e =
                    assertThrows(
                            SpecException.class, () -> generator.generate("abcdefghijklm", SHORT));
            assertTrue(e.getMessage().contains("1 to 12 tokens"), e.getMessage());
        }
    }

    @Test
    void networksThatDoNotFitAreRefused() {
        EngineChoice engine = Engines.all().get(0);
        Tokenizer large = CharTokenizer.of("abcdefghijklmnopqrstuvwxyz");
        try (Network gpt = network(gpt(), engine);
                Network pooled = network(bert("\"pooler\""), engine);
                Network classes = network(bert(CLASSES), engine)) {
            for (Network network : List.of(gpt, pooled)) {
                SpecException e =
                        assertThrows(
                                SpecException.class, () -> TextClassifier.of(network, LETTERS));
                assertTrue(e.getMessage().contains("head for classes"), e.getMessage());
            }
            assertThrows(SpecException.class, () -> TextGenerator.of(classes, LETTERS));
            TrainingException e =
                    assertThrows(TrainingException.class, () -> TextClassifier.of(classes, large));
            assertTrue(e.getMessage().contains("26 ids"), e.getMessage());
        }
    }

    @Test
    void featuresOfTokensAreChecked() {
        try (Network network = network(gpt(), Engines.all().get(0));
                FeatureExtractor extractor = FeatureExtractor.of(network, "")) {
            Shape shape = new Shape(1, 3);
            assertEquals(
                    new Shape(1, 3, LETTERS.vocabulary()),
                    extractor.extract(new long[] {1, 2, 3}, shape).get("").shape());
            SpecException id =
                    assertThrows(
                            SpecException.class,
                            () -> extractor.extract(new long[] {1, 2, 99}, shape));
            assertTrue(id.getMessage().contains("found 99"), id.getMessage());
            SpecException length =
                    assertThrows(
                            SpecException.class,
                            () -> extractor.extract(new long[13], new Shape(1, 13)));
            assertTrue(length.getMessage().contains("at most 12 tokens"), length.getMessage());
            IllegalArgumentException floats =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> extractor.extract(new float[3], shape));
            assertTrue(floats.getMessage().contains("found float32"), floats.getMessage());
        }
    }

    @EachEngine
    void criteriaOfDjlLoadTextClassifiers(EngineChoice engine) throws Exception {
        String model = saved(bert(CLASSES), true);
        String url = "residuum:" + model + "?backend=" + engine.name();
        Criteria<String, Classifications> criteria =
                Criteria.builder()
                        .setTypes(String.class, Classifications.class)
                        .optModelUrls(url)
                        .build();
        Criteria<Input, Output> requests =
                Criteria.builder().setTypes(Input.class, Output.class).optModelUrls(url).build();
        Input request = new Input();
        request.addProperty("Content-Type", "application/json");
        request.add("{\"inputs\": [\"a cab\", \"dig\"]}");
        try (TextClassifier classifier = TextClassifier.open(model, Engines.backend(engine));
                ZooModel<String, Classifications> loaded = criteria.loadModel();
                Predictor<String, Classifications> predictor = loaded.newPredictor();
                ZooModel<Input, Output> server = requests.loadModel();
                Predictor<Input, Output> answers = server.newPredictor()) {
            for (String text : TEXTS) {
                assertEquals(
                        animal(classifier.classify(text)),
                        predictor.predict(text).get("animal").getProbability(),
                        1e-5);
            }
            Json both =
                    JsonReader.parse(answers.predict(request).getData().getAsString(), "answer");
            assertEquals(2, both.items().size(), both.compact());
            assertEquals(
                    classifier.classify("dig").best().name(),
                    both.get(1).get(0).get("className").string(""));
        }
    }
}
