package io.residuum.examples.spring.ai;

import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import java.util.Objects;
import java.util.stream.IntStream;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/** Embeds texts with a model of sentence-transformers. The caller closes the embedder. */
public final class ResiduumEmbeddingModel implements EmbeddingModel {
    private final TextEmbedder embedder;

    /** Creates a model. */
    public ResiduumEmbeddingModel(TextEmbedder embedder) {
        this.embedder = embedder;
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        EmbeddingOptions asked = request.getOptions();
        if (asked != null
                && asked.getDimensions() != null
                && asked.getDimensions() != embedder.width()) {
            throw new UnsupportedOperationException(
                    "dimensions must be %d, the width of the model, got %d"
                            .formatted(embedder.width(), asked.getDimensions()));
        }
        Embeddings found = embedder.embed(request.getInstructions());
        return new EmbeddingResponse(
                IntStream.range(0, found.size())
                        .mapToObj(i -> new Embedding(found.get(i), i))
                        .toList());
    }

    @Override
    public float[] embed(Document document) {
        return embedder.embed(Objects.requireNonNull(document.getText(), "a text document"));
    }

    @Override
    public int dimensions() {
        return embedder.width();
    }
}
