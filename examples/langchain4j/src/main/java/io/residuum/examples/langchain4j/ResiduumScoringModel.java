package io.residuum.examples.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores texts by the cosine between their embedding and that of a query (a bi-encoder). The caller
 * closes the embedder.
 */
public final class ResiduumScoringModel implements ScoringModel {
    private final TextEmbedder embedder;

    /**
     * Creates a model.
     *
     * @param embedder the embedder
     */
    public ResiduumScoringModel(TextEmbedder embedder) {
        this.embedder = embedder;
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        List<String> texts = new ArrayList<>(List.of(query));
        segments.forEach(segment -> texts.add(segment.text()));
        Embeddings found = embedder.embed(texts);
        return Response.from(
                IntStream.rangeClosed(1, segments.size())
                        .mapToObj(i -> found.cosine(0, i))
                        .toList());
    }
}
