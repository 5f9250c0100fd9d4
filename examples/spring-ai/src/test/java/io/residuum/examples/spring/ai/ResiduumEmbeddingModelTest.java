package io.residuum.examples.spring.ai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residuum.transformer.predict.TextEmbedder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;

class ResiduumEmbeddingModelTest {
    private static final Path MODEL =
            Path.of(System.getProperty("basedir", "."))
                    .resolve("../../transformer/src/test/resources")
                    .resolve("io/residuum/transformer/predict/sentences/mean");

    @Test
    void vectorsAreThoseOfTheEmbedder() {
        List<String> texts = List.of("A cat sleeps.", "The train is late.");
        try (TextEmbedder embedder = TextEmbedder.open(MODEL.toString())) {
            ResiduumEmbeddingModel model = new ResiduumEmbeddingModel(embedder);
            assertEquals(embedder.width(), model.dimensions());
            List<float[]> found = model.embed(texts);
            for (int i = 0; i < 2; i++) {
                assertArrayEquals(embedder.embed(texts.get(i)), found.get(i), 1e-5f);
            }
            assertArrayEquals(found.get(0), model.embed(new Document(texts.get(0))), 1e-5f);
            EmbeddingOptions narrow = EmbeddingOptions.builder().dimensions(3).build();
            EmbeddingRequest request = new EmbeddingRequest(texts, narrow);
            assertThrows(UnsupportedOperationException.class, () -> model.call(request));
        }
    }
}
