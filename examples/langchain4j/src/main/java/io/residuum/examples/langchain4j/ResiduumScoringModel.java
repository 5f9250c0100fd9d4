package io.residuum.examples.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores texts by the cosine between their embedding and that of a query (a bi-encoder). The
 * prompts of the model precede the query and the texts. The caller closes the embedder.
 */
public final class ResiduumScoringModel implements ScoringModel {
    private final TextEmbedder queries;
    private final TextEmbedder documents;

    /** Creates a model. */
    public ResiduumScoringModel(TextEmbedder embedder) {
        this.queries = embedder.forQueries();
        this.documents = embedder.forDocuments();
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        float[] asked = queries.embed(query);
        Embeddings found = documents.embed(segments.stream().map(TextSegment::text).toList());
        return Response.from(
                IntStream.range(0, found.size()).mapToObj(i -> found.cosine(asked, i)).toList());
    }
}
