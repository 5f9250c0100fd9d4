package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.model.Classification;
import io.residuum.model.FeatureExtractor;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.ImagePreprocessor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Residuum from Java", and the one of the first page. */
class JavaApiTest {
    private static final String TOKENS =
            """
            {"format": "residuum/1", "name": "tiny",
             "input": {"type": "tokens", "length": 32, "vocabulary": %1$d},
             "network": {"type": %2$s, "vocabulary": %1$d, "width": 16, "depth": 1, "heads": 2}}
            """;
    private static final CharTokenizer LETTERS =
            CharTokenizer.of("abcdefghijklmnopqrstuvwxyzTB ,.").withUnknown();

    @TempDir static Path folder;

    private static String run;
    private static String seven;

    @BeforeAll
    static void save() throws IOException {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/my-net.json"));
        run = Files.createDirectory(folder.resolve("run")).toString();
        List<String> digits = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        save(spec, ModelMetadata.EMPTY.withClassNames(digits), Path.of(run, "model.safetensors"));
        BufferedImage picture = new BufferedImage(40, 40, BufferedImage.TYPE_BYTE_GRAY);
        seven = folder.resolve("seven.png").toString();
        ImageIO.write(picture, "png", Path.of(seven).toFile());
    }

    private static void save(ModelSpec spec, ModelMetadata metadata, Path file) {
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 0)) {
            network.setMetadata(metadata);
            network.save(file);
        }
    }

    private static String text(String network, List<String> classes) {
        String json = TOKENS.formatted(LETTERS.vocabulary(), network);
        Path file = folder.resolve("text.safetensors");
        save(
                SpecJson.standard().parse(json, "a test", ModelSpec.class),
                ModelMetadata.EMPTY
                        .withClassNames(classes)
                        .with(Tokenizer.METADATA, LETTERS.json()),
                file);
        return file.toString();
    }

    @Test
    void anImageIsClassified() {
        // tag::first
        try (Backend backend = Backend.open();
                Network network = Network.open(run, backend);
                ImageClassifier classifier = ImageClassifier.of(network)) {
            Classification digit = classifier.classify(Path.of(seven));
            System.out.println(digit.best()); // 7 (99.8%)
            System.out.println(digit.top(3)); // [7 (99.8%), 1 (0.1%), 2 (0.0%)]
        }
        // end::first
    }

    @Test
    void imagesAreClassifiedInBatches() {
        List<Path> files = List.of(Path.of(seven), Path.of(seven));
        // tag::images
        try (ImageClassifier classifier = ImageClassifier.open(run)) {
            List<ImageInput> images = files.stream().map(ImageInput::of).toList();
            List<Classification> classes = classifier.classify(images);
            // end::images
            assertEquals(2, classes.size());
            // tag::images
        }
        // end::images
    }

    @Test
    void aTextIsClassified() {
        String topics =
                text(
                        "\"bert\", \"head\": {\"type\": \"classes\", \"count\": 2}",
                        List.of("animals", "travel"));
        // tag::text
        try (TextClassifier classifier = TextClassifier.open(topics)) {
            String topic = classifier.classify("The train is late.").best().name();
            // end::text
            assertTrue(List.of("animals", "travel").contains(topic));
            // tag::text
        }
        // end::text
    }

    @Test
    void textsAreGenerated() {
        String plays = text("\"gpt\"", List.of());
        // tag::generate
        Sampling sampling = Sampling.PLAIN.withTemperature(0.8).withSeed(1);
        try (TextGenerator generator = TextGenerator.open(plays)) {
            String text = generator.generate("To be");
            generator.generate(
                    "To be, or",
                    Generator.Settings.DEFAULT.with(sampling, 200),
                    (index, piece) -> System.out.print(piece));
            // end::generate
            assertEquals(100, text.length());
            // tag::generate
        }
        // end::generate
    }

    @Test
    void featuresAreExtracted() {
        // tag::features
        ImagePreprocessor images = new ImagePreprocessor(ModelSource.of(run).spec());
        float[] pixels = images.read(List.of(ImageInput.of(Path.of(seven))));
        try (FeatureExtractor extractor = FeatureExtractor.open(run, "mean")) {
            FeatureExtractor.Feature embedding =
                    extractor.extract(pixels, images.batchShape(1)).get("mean");
            // end::features
            assertEquals(new Shape(1, 32), embedding.shape());
            assertEquals(32, embedding.values().length);
            // tag::features
        }
        // end::features
    }

    @Test
    void weightsOfOthersAreUsed() throws IOException {
        Path weights = Path.of(text("\"gpt\"", List.of()));
        String config = folder.resolve("config.json").toString();
        Files.writeString(Path.of(config), TOKENS.formatted(LETTERS.vocabulary(), "\"gpt\""));
        Path files = folder.resolve("tokenizer.json");
        Files.writeString(files, LETTERS.json());
        // tag::foreign
        try (Backend backend = Backend.open();
                Network network = ModelSource.of(config).withWeights(weights).open(backend);
                Tokenizer tokenizer = Tokenizers.open(files);
                TextGenerator generator = TextGenerator.of(network, tokenizer)) {
            String text = generator.generate("The answer is");
            // end::foreign
            assertEquals(100, text.length());
            // tag::foreign
        }
        // end::foreign
    }
}
