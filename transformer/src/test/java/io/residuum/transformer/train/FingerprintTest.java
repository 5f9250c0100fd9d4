package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import io.residuum.transformer.text.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fingerprint stays the same for a copy of the data, and changes with the contents. */
class FingerprintTest {
    private static final String TEXT = "To be, or not to be.\n".repeat(30);

    @TempDir private Path temp;

    @Test
    void ofTexts() throws IOException {
        Path file = Files.writeString(temp.resolve("a.txt"), TEXT);
        Path copy = Files.writeString(temp.resolve("b.txt"), TEXT);
        Path other = Files.writeString(temp.resolve("c.txt"), TEXT.replaceFirst("not", "ton"));
        assertEquals(fingerprint(file, 8), fingerprint(copy, 8));
        assertNotEquals(fingerprint(file, 8), fingerprint(file, 9));
        assertNotEquals(fingerprint(file, 8), fingerprint(other, 8));
    }

    @Test
    void ofEncodedTexts() throws IOException {
        // Long enough for pieces to train on and to evaluate on.
        String text = TEXT.repeat(300);
        String fingerprint = encoded("a", text);
        assertEquals(fingerprint, encoded("b", text));
        assertNotEquals(fingerprint, encoded("c", text.replaceFirst("not", "ton")));
    }

    @Test
    void ofLabelledTexts() throws IOException {
        String rows = "text,label\nred,a\nblue,b\n".concat("green,a\nwhite,b\n".repeat(10));
        assertEquals(labelled("a", rows, 8), labelled("b", rows, 8));
        assertNotEquals(labelled("a", rows, 8), labelled("b", rows, 7));
        assertNotEquals(labelled("a", rows, 8), labelled("b", rows.replace("red", "rad"), 8));
        assertNotEquals(labelled("a", rows, 8), labelled("b", rows.replace("red,a", "red,b"), 8));
    }

    private String encoded(String name, String text) throws IOException {
        Path file = Files.writeString(temp.resolve(name), text);
        Path tokens = temp.resolve(name + TokenFile.SUFFIX);
        TokenFile.write(file, CharTokenizer.of(text), tokens, done -> {});
        return fingerprint(tokens, 8);
    }

    private static String fingerprint(Path file, int length) {
        PlainText source = (PlainText) TextSource.parse("text:" + file);
        return LanguageModeling.on(source.open(), length).fingerprint().orElseThrow();
    }

    private String labelled(String name, String rows, int length) throws IOException {
        Path file = Files.writeString(temp.resolve(name + ".csv"), rows);
        LabelledText source = (LabelledText) TextSource.parse("labelled:" + file);
        return TextClassification.on(source.open(), Small.letters(), length)
                .fingerprint()
                .orElseThrow();
    }
}
