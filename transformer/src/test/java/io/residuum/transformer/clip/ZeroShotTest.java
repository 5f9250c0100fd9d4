package io.residuum.transformer.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ClassActivation;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.testing.Engines;
import io.residuum.transformer.predict.ZeroShot;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.weights.Safetensors;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small CLIP and SigLIP of transformers with tokenizers; the logits of labels in templates lie
 * beside them, written by {@code docs/parity/peer.py --zero-shot}.
 */
class ZeroShotTest {
    private static final List<String> LABELS =
            List.of("a small cat", "Dogs!", "an  old\nhouse 1603");
    private static final List<String> TEMPLATES =
            List.of(
                    "a photo of {}.",
                    "the {} is here, in a text that is cut at the end of the context of sixteen"
                            + " tokens");

    @TempDir private Path folder;

    static Stream<Arguments> models() {
        return Engines.with(List.of("clip", "siglip"));
    }

    private static String model(String name) throws URISyntaxException {
        return Path.of(
                        Objects.requireNonNull(ZeroShotTest.class.getResource("models/" + name))
                                .toURI())
                .toString();
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsOfLabelsAreThoseOfTransformers(EngineChoice engine, String name)
            throws URISyntaxException {
        Backend backend = Engines.backend(engine);
        Path saved = folder.resolve("classifier.safetensors");
        try (Network model = Network.open(model(name), backend);
                Tokenizer tokenizer = Tokenizers.of(ModelSource.of(model(name))).orElseThrow();
                Network classifier = ZeroShot.classifier(model, tokenizer, LABELS, TEMPLATES)) {
            requireLogits(classifier, name);
            classifier.compile(CompileOptions.DEFAULT, Assertions::fail);
            requireLogits(classifier, name);
            assertEquals(LABELS, classifier.metadata().classNames());
            assertEquals(
                    name.equals("clip") ? ClassActivation.SOFTMAX : ClassActivation.SIGMOID,
                    ClassActivation.of(classifier.metadata()));
            classifier.save(saved);
        }
        // A saved classifier needs neither the texts nor the tokenizer.
        try (Network classifier = Network.load(saved, backend)) {
            requireLogits(classifier, name);
        }
    }

    private static void requireLogits(Network classifier, String name) throws URISyntaxException {
        Path file = Path.of(model(name), "expected.safetensors");
        try (Safetensors expected = Safetensors.open(file);
                NDManager manager = classifier.backend().newManager()) {
            Shape shape = new Shape(expected.info("input").dimensions());
            NDArray input = manager.create(expected.floats("input"), shape);
            float[] found = Values.floats(classifier.predict(new NDList(input)));
            assertArrayEquals(expected.floats("logits"), found, 2e-4f);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void badRequestsAreErrors(EngineChoice engine, String name) throws URISyntaxException {
        try (Network model = Network.open(model(name), Engines.backend(engine));
                Tokenizer tokenizer = Tokenizers.of(ModelSource.of(model(name))).orElseThrow();
                Network tower = ZeroShot.imageTower(model)) {
            requireError(model, tokenizer, List.of("a", "a"), TEMPLATES, "labels must be");
            requireError(model, tokenizer, List.of("a", " "), TEMPLATES, "labels must be");
            requireError(model, tokenizer, LABELS, List.of("a cat"), "templates must contain {}");
            requireError(tower, tokenizer, LABELS, TEMPLATES, "the model must have a tower");
        }
    }

    private static void requireError(
            Network model,
            Tokenizer tokenizer,
            List<String> labels,
            List<String> templates,
            String start) {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> ZeroShot.classifier(model, tokenizer, labels, templates));
        assertTrue(e.getMessage().startsWith(start), e::getMessage);
    }
}
