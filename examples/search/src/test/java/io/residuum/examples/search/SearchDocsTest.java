package io.residuum.examples.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.lucene.index.IndexNotFoundException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchDocsTest {
    /** A tiny encoder with random weights. */
    private static final String MODEL =
            Path.of(System.getProperty("basedir", "."))
                    .resolve("../../transformer/src/test/resources")
                    .resolve("io/residuum/transformer/predict/sentences/dense")
                    .toString();

    private static final String PAGE =
            """
            # Pets

            A cat sat on the mat, and the dog slept on the mat, and the cat
            is late.

            ## Trains

            <!-- a comment -->
            ```bash
            the train is late, the train is late, the train is late, the train
            # not a heading
            ```

            The train is late. The train is late. The train is late. The train is late.

            | a | table that is long enough to be a paragraph if it were one, which it is not |

            Short.

            ### Dogs
            The dog slept. The dog slept. The dog slept. The dog slept. The dog slept. A cat.
            """;

    @TempDir private Path folder;

    private Path index;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("pets.md"), PAGE);
        Files.writeString(folder.resolve("other.txt"), PAGE);
        index = folder.resolve("index");
    }

    private String run(String... args) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertTrue(
                SearchDocs.run(List.of(args), new PrintStream(out, true, StandardCharsets.UTF_8)));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void paragraphsKnowTheirHeadings() {
        assertEquals(
                List.of("Pets", "Pets: Trains", "Pets: Dogs"),
                Passage.read(List.of(folder)).stream().map(Passage::heading).toList());
        assertEquals(
                "A cat sat on the mat, and the dog slept on the mat, and the cat is late.",
                Passage.read(List.of(folder.resolve("pets.md"))).get(0).text());
    }

    @Test
    void theIndexOnDiskFindsTheNearestPassages() throws IOException {
        assertEquals(
                "3 passages", run("index", MODEL, index.toString(), folder.toString()).strip());
        // An index replaces the one before.
        run("index", MODEL, index.toString(), folder.toString());
        List<Passage> passages = Passage.read(List.of(folder));
        try (TextEmbedder embedder = TextEmbedder.open(MODEL);
                PassageIndex found = PassageIndex.open(index, embedder)) {
            assertEquals(3, found.size());
            Embeddings vectors =
                    embedder.forDocuments()
                            .embed(
                                    passages.stream()
                                            .map(p -> p.heading() + ". " + p.text())
                                            .toList());
            String query = "the train is late";
            List<Embeddings.Match> expected =
                    vectors.nearest(embedder.forQueries().embed(query), 2);
            List<PassageIndex.Hit> hits = found.search(query, 2);
            for (int i = 0; i < 2; i++) {
                assertEquals(passages.get(expected.get(i).index()), hits.get(i).passage());
                assertEquals(expected.get(i).score(), hits.get(i).cosine(), 1e-4);
            }
        }
        String text = run("find", MODEL, index.toString(), "the train is late");
        assertTrue(text.contains("(pets.md)"), text);
    }

    @Test
    void headingsAndTheirFirstParagraphsAreTrainingPairs() throws IOException {
        Path pairs = folder.resolve("pairs.jsonl");
        assertEquals("3 pairs", run("pairs", pairs.toString(), folder.toString()).strip());
        assertTrue(
                Files.readAllLines(pairs)
                        .get(1)
                        .startsWith("{\"anchor\":\"Pets: Trains\",\"positive\":\"The"));
    }

    @Test
    void wrongArgumentsAndMissingIndexesAreErrors() throws IOException {
        assertFalse(SearchDocs.run(List.of("find", MODEL), System.out));
        assertThrows(
                IndexNotFoundException.class,
                () -> run("find", MODEL, folder.resolve("none").toString(), "cat"));
    }
}
