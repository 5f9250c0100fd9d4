package io.residuum.transformer.text.pairs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTuplesTest {
    @TempDir private Path folder;

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void columnsAreFoundByTheirNames() throws IOException {
        TextTuples triplets =
                TextTuples.read(
                        write(
                                "a.csv",
                                "id,negative_1,Positive,anchor,negative_2\n"
                                        + "7,n,\"p, p\",a,m\n8,n2,p2,a2,m2\n"));
        assertEquals(List.of("a", "p, p", "n", "m"), triplets.tuples().get(0).texts());
        assertEquals(List.of("id"), triplets.unused());
        assertEquals("tuples", triplets.unit());
        assertFalse(triplets.hasScores());

        TextTuples scored =
                TextTuples.read(
                        write(
                                "b.jsonl",
                                "{\"text1\": \"x\", \"text2\": 5, \"score\": 0.5}\n\n"
                                    + "{\"text1\": \"y\", \"text2\": \"z\", \"score\": \"-1\"}\n"));
        assertEquals(new TextTuple(List.of("x", "5"), 0.5), scored.tuples().get(0));
        assertEquals(-1, scored.tuples().get(1).score());
        assertTrue(scored.hasScores());

        Path pairs = write("c.tsv", "sentence1\tsentence2\nx\ty\n");
        assertTrue(TextTuples.isIn(pairs));
        assertEquals("pairs", TextTuples.read(pairs).unit());
        assertFalse(TextTuples.isIn(write("d.csv", "text,label\nx,y\n")));
        assertFalse(TextTuples.isIn(write("e.csv", "anchor,anchor\n")));
    }

    @Test
    void errorsNameFileLineAndColumn() throws IOException {
        for (String[] wrong :
                new String[][] {
                    {"text1,text2,score\na,b,4.2", "line 2, column \"score\"", "divide all"},
                    {"text1,text2,score\na,b,0\nc,d,high", "line 3", "must be a finite number"},
                    {
                        "anchor,positive\na,b\nc, ",
                        "line 3, column \"positive\"",
                        "must hold a text"
                    },
                    {"anchor,label\na,b", "anchor and positive", "[anchor, label]"},
                    {"anchor,positive,negative,score\na,b,c,1", "negatives or a score", "both"}
                }) {
            Path file = write("wrong.csv", wrong[0] + "\n");
            String message =
                    String.valueOf(
                            assertThrows(DataException.class, () -> TextTuples.read(file))
                                    .getMessage());
            assertTrue(message.contains("wrong.csv"), message);
            assertTrue(message.contains(wrong[1]) && message.contains(wrong[2]), message);
        }
        assertThrows(SpecException.class, () -> new TextTuple("one"));
        assertThrows(
                SpecException.class,
                () ->
                        new TextTuples(
                                List.of(new TextTuple("a", "b"), new TextTuple("a", "b", "c"))));
    }

    @Test
    void tuplesOfOneAnchorStayTogether() throws IOException {
        String rows =
                IntStream.range(0, 60)
                        .mapToObj(i -> "q" + i % 20 + ",answer " + i)
                        .collect(Collectors.joining("\n"));
        Path file = write("a.csv", "query,answer\n" + rows + "\n");
        TextTupleSplits data =
                TextTupleSplits.open(Parts.parse("text-pairs", file.toString()), 0.2);
        TextTuples held = data.validation().orElseThrow();
        assertEquals(48, data.train().size());
        assertEquals(12, held.size());
        Set<String> anchors = anchors(data.train());
        anchors.retainAll(anchors(held));
        assertEquals(Set.of(), anchors);
        assertEquals(
                data.fingerprint(),
                TextTupleSplits.open(Parts.parse("text-pairs", file.toString()), 0.2)
                        .fingerprint());
        assertTrue(data.description().contains("48 pairs to train on, 12 for validation"));

        Path other = write("b.csv", "text1,text2,score\nx,y,1\n");
        Parts mixed = Parts.parse("text-pairs", "train=" + file + ",test=" + other);
        DataException e = assertThrows(DataException.class, () -> TextTupleSplits.open(mixed, 0.2));
        assertTrue(e.getMessage().contains("pairs and pairs with a score"), e.getMessage());
        Parts few = Parts.parse("text-pairs", other.toString());
        e = assertThrows(DataException.class, () -> TextTupleSplits.open(few, 0.2));
        assertTrue(e.getMessage().contains("too few"), e.getMessage());
    }

    private static Set<String> anchors(TextTuples set) {
        Set<String> anchors = new HashSet<>();
        set.tuples().forEach(tuple -> anchors.add(tuple.texts().get(0)));
        return anchors;
    }
}
