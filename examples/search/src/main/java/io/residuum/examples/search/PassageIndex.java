package io.residuum.examples.search;

import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** An index of passages on disk, which finds those with the largest cosines to a query. */
public final class PassageIndex implements AutoCloseable {
    private static final String VECTOR = "vector";
    private static final String SOURCE = "source";
    private static final String HEADING = "heading";
    private static final String TEXT = "text";

    private final Directory directory;
    private final DirectoryReader reader;
    private final TextEmbedder queries;

    /**
     * A passage that was found.
     *
     * @param passage the passage
     * @param cosine its cosine to the query
     */
    public record Hit(Passage passage, double cosine) {}

    private PassageIndex(Directory directory, DirectoryReader reader, TextEmbedder embedder) {
        this.directory = directory;
        this.reader = reader;
        this.queries = embedder.forQueries();
    }

    /**
     * Writes an index, which replaces the one in the folder.
     *
     * @param folder the folder of the index
     * @param embedder computes their vectors
     * @throws IOException if the index cannot be written
     */
    public static void write(Path folder, List<Passage> passages, TextEmbedder embedder)
            throws IOException {
        Embeddings vectors =
                embedder.forDocuments()
                        .embed(passages.stream().map(p -> p.heading() + ". " + p.text()).toList());
        IndexWriterConfig config =
                new IndexWriterConfig().setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        try (Directory directory = FSDirectory.open(folder);
                IndexWriter writer = new IndexWriter(directory, config)) {
            for (int i = 0; i < passages.size(); i++) {
                Passage passage = passages.get(i);
                Document document = new Document();
                document.add(new StoredField(SOURCE, passage.source()));
                document.add(new StoredField(HEADING, passage.heading()));
                document.add(new StoredField(TEXT, passage.text()));
                document.add(
                        new KnnFloatVectorField(
                                VECTOR, vectors.get(i), VectorSimilarityFunction.COSINE));
                writer.addDocument(document);
            }
        }
    }

    /**
     * {@return an index, to be closed by the caller}
     *
     * @param folder the folder of the index
     * @param embedder the embedder that wrote the index; the caller closes it
     * @throws IOException if there is no index
     */
    public static PassageIndex open(Path folder, TextEmbedder embedder) throws IOException {
        Directory directory = FSDirectory.open(folder);
        try {
            return new PassageIndex(directory, DirectoryReader.open(directory), embedder);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** {@return the number of passages} */
    public int size() {
        return reader.numDocs();
    }

    /**
     * {@return the passages nearest to a query, the best first}
     *
     * @param query a question or words
     * @param count the largest number of passages, positive
     * @throws IOException if the index cannot be read
     */
    public List<Hit> search(String query, int count) throws IOException {
        KnnFloatVectorQuery nearest = new KnnFloatVectorQuery(VECTOR, queries.embed(query), count);
        StoredFields stored = reader.storedFields();
        List<Hit> hits = new ArrayList<>();
        for (ScoreDoc found : new IndexSearcher(reader).search(nearest, count).scoreDocs) {
            Document document = stored.document(found.doc);
            Passage passage =
                    new Passage(document.get(SOURCE), document.get(HEADING), document.get(TEXT));
            // Lucene's score of a cosine is (1 + cosine) / 2.
            hits.add(new Hit(passage, 2 * found.score - 1));
        }
        return hits;
    }

    @Override
    public void close() throws IOException {
        reader.close();
        directory.close();
    }
}
