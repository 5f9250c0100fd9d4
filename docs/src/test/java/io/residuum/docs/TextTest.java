package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.RandomWindows;
import io.residuum.transformer.text.SequentialWindows;
import io.residuum.transformer.text.TextSource;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenFile;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Text". */
class TextTest {
    @TempDir Path folder;

    @Test
    void aTokenizerIsOpenedAndStored() throws IOException {
        Path place = folder;
        Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n[CLS]\n[SEP]\nto\nbe\n");
        // tag::tokenizer
        try (Tokenizer tokenizer = Tokenizers.open(place)) {
            int[] ids = tokenizer.encode("To be");
            int[] framed = tokenizer.encodeForModel("To be");
            String text = tokenizer.decode(framed);
            Tokenizer again = Tokenizers.parse(tokenizer.json());
            // end::tokenizer
            assertArrayEquals(new int[] {3, 4}, ids);
            assertArrayEquals(new int[] {1, 3, 4, 2}, framed);
            assertEquals("to be", text);
            assertEquals(tokenizer.special(), again.special());
            again.close();
            // tag::tokenizer
        }
        // end::tokenizer
    }

    @Test
    void windowsAreReadFromText() {
        // tag::windows
        PlainText source = (PlainText) TextSource.parse("text");
        TextSplits text = source.open();
        RandomWindows training = new RandomWindows(text.train(), 128, 7);
        long[] batch = training.batch(0, 0, 16); // epoch 0, batch 0: (16, 129)

        SequentialWindows evaluation = new SequentialWindows(text.evaluation(), 128, 64);
        long[] first = evaluation.batch(0, 16); // windows 0 to 15
        int scored = evaluation.scored(1); // the last 64 predictions of window 1
        // end::windows
        assertEquals(16 * 129, batch.length);
        assertEquals(16 * 129, first.length);
        assertEquals(64, scored);
    }

    @Test
    void aLargeTextIsEncodedOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("large.txt"), "many words\n".repeat(1000));
        Path encoded = folder.resolve("large.tokens");
        // tag::file
        TokenFile.write(file, CharTokenizer.ofFile(file), encoded, bytes -> {});
        TextSplits text = ((PlainText) TextSource.parse("text:" + encoded)).open();
        // end::file
        assertEquals(11_000, text.train().size() + text.evaluation().size());
    }

    @Test
    void labelledTextsAreRead() throws IOException {
        Path file = folder.resolve("reviews.csv");
        Files.writeString(file, "text,label\n" + "fine,pos\npoor,neg\n".repeat(10));
        // tag::labelled
        LabelledSplits reviews = ((LabelledText) TextSource.parse("labelled:" + file)).open();
        String text = reviews.train().text(0);
        String label = reviews.train().classNames().get(reviews.train().label(0));
        // end::labelled
        assertTrue(text.equals("fine") == label.equals("pos"));
        assertEquals(2, reviews.evaluation().size());
    }
}
