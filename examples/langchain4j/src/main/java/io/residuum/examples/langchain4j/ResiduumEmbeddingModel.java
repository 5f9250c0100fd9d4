package io.residuum.examples.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import java.util.List;
import java.util.stream.IntStream;

/** Embeds texts with a model of sentence-transformers. The caller closes the embedder. */
public final class ResiduumEmbeddingModel implements EmbeddingModel {
    private final TextEmbedder embedder;

    /** Creates a model. */
    public ResiduumEmbeddingModel(TextEmbedder embedder) {
        this.embedder = embedder;
    }

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        Embeddings found = embedder.embed(segments.stream().map(TextSegment::text).toList());
        return Response.from(
                IntStream.range(0, found.size())
                        .mapToObj(i -> Embedding.from(found.get(i)))
                        .toList());
    }

    @Override
    public int dimension() {
        return embedder.width();
    }
}
