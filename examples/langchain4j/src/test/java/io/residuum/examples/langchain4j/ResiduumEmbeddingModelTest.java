package io.residuum.examples.langchain4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.CosineSimilarity;
import io.residuum.transformer.predict.TextEmbedder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResiduumEmbeddingModelTest {
    private static final Path MODELS =
            Path.of(System.getProperty("basedir", "."))
                    .resolve("../../transformer/src/test/resources")
                    .resolve("io/residuum/transformer/predict/sentences");

    @Test
    void vectorsAndScoresAreThoseOfTheEmbedder() {
        List<String> texts = List.of("A cat sleeps.", "The train is late.", "a cat");
        List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
        try (TextEmbedder embedder = TextEmbedder.open(MODELS.resolve("mean").toString())) {
            ResiduumEmbeddingModel model = new ResiduumEmbeddingModel(embedder);
            List<Embedding> found = model.embedAll(segments).content();
            assertEquals(embedder.width(), model.dimension());
            List<Double> scores =
                    new ResiduumScoringModel(embedder).scoreAll(segments, "cats").content();
            Embedding query = model.embed("cats").content();
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(embedder.embed(texts.get(i)), found.get(i).vector(), 1e-5f);
                assertEquals(CosineSimilarity.between(query, found.get(i)), scores.get(i), 1e-5);
            }
        }
    }

    @Test
    void promptsOfTheModelPrecedeQueryAndTexts() {
        String text = "A cat sleeps.";
        try (TextEmbedder embedder = TextEmbedder.open(MODELS.resolve("dense").toString())) {
            float[] query = embedder.forQueries().embed("cats");
            double expected = embedder.forDocuments().embed(List.of(text)).cosine(query, 0);
            List<Double> scores =
                    new ResiduumScoringModel(embedder)
                            .scoreAll(List.of(TextSegment.from(text)), "cats")
                            .content();
            assertEquals(expected, scores.get(0), 1e-5);
        }
    }
}
