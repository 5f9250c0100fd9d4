package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeCommandTest {
    @TempDir Path folder;

    @Test
    void writesAFileThatIsData() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "to be or not to be\n".repeat(9000));
        Cli cli = Cli.ok("tokenize", text.toString(), "--tokenizer", "characters", "--json");
        JsonNode json = cli.json();
        assertEquals(171_000, json.get("tokens").asInt());
        assertEquals(8, json.get("vocabulary").asInt());
        String file = json.get("file").asText();
        assertEquals(text + ".tokens", file);
        TextSplits splits = ((PlainText) TextSource.parse("text:" + file)).open();
        assertEquals(171_000, splits.train().size() + splits.evaluation().tokens().size());
        assertEquals("to be", splits.tokenizer().decode(splits.train().read(0, 5)));
    }

    @Test
    void takesATokenizerFromAFile() throws IOException {
        Path vocabulary = folder.resolve("vocab.txt");
        Files.writeString(vocabulary, "[UNK]\n[CLS]\n[SEP]\nto\nbe\n");
        Path text = Files.writeString(folder.resolve("a.txt"), "To be or");
        Path file = folder.resolve("b.tokens");
        Cli.ok(
                "tokenize",
                text.toString(),
                "--tokenizer",
                vocabulary.toString(),
                "-o",
                file.toString());
        assertEquals(3, TokenFile.open(file).tokens().size());
    }

    @Test
    void failuresAreOneLine() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "a");
        Cli output =
                Cli.run("tokenize", text.toString(), "--tokenizer", "characters", "-o", "a.bin");
        assertEquals(2, output.code());
        assertTrue(output.err().startsWith("residuum: --output must end with .tokens"));
        Cli tokenizer = Cli.run("tokenize", text.toString(), "--tokenizer", text.toString());
        assertEquals(1, tokenizer.code());
        assertEquals(1, tokenizer.err().lines().count(), tokenizer.err());
        Cli missing = Cli.run("tokenize", text + "x", "--tokenizer", "characters");
        assertEquals(1, missing.code());
        assertTrue(missing.err().endsWith("a.txtx: no such file\n"), missing.err());
    }
}
