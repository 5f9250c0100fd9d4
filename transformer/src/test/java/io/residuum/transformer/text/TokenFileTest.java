package io.residuum.transformer.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.testing.SharedData;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
    @TempDir Path folder;

    private Path encode(String text, Tokenizer tokenizer) throws IOException {
        Path source = Files.writeString(folder.resolve("text.txt"), text);
        Path file = folder.resolve("text.tokens");
        TokenFile.write(source, tokenizer, file, bytes -> {});
        return file;
    }

    /** Words, numbers, spaces and lines in every mixture, some pieces long. */
    private static String mixture(long seed, int length) {
        Random random = new Random(seed);
        String[] parts = {
            "word",
            "a",
            "7",
            "42",
            " ",
            "  ",
            "\n",
            "\n\n",
            " \n",
            "\t",
            ".",
            "...",
            "'s",
            "'ll",
            "\u00e9",
            "\u6f22\u5b57",
            "\uD83D\uDE00",
            ") ",
            "!\n",
            "\r\n"
        };
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    @Test
    void aFileGivesBackItsTokensItsTokenizerAndItsCharacters() throws IOException {
        String text = mixture(1, 300_000);
        CharTokenizer tokenizer = CharTokenizer.of(text);
        TokenFile file = TokenFile.open(encode(text, tokenizer));
        assertEquals(tokenizer, file.tokenizer());
        int[] ids = tokenizer.encode(text);
        assertEquals(ids.length, file.tokens().size());
        assertArrayEquals(ids, file.tokens().read(0, ids.length));
        int[] into = {7, 7, 7, 7};
        file.tokens().read(ids.length - 2, into, 1, 2);
        assertArrayEquals(new int[] {7, ids[ids.length - 2], ids[ids.length - 1], 7}, into);
        TokenFile.Split split = file.split(0.1);
        TextSplits.Part[] parts = {split.kept(), split.heldOut().orElseThrow()};
        assertTrue(file.split(0).heldOut().isEmpty());
        assertEquals(text.codePointCount(0, text.length()), file.all().characters());
        assertEquals(ids.length, parts[0].tokens().size() + parts[1].tokens().size());
        assertEquals(parts[1].tokens().size(), parts[1].characters());
        assertTrue(parts[1].tokens().size() > 0 && parts[0].tokens().size() > 0);
        assertArrayEquals(new int[] {ids[0]}, parts[0].tokens().read(0, 1));
        long start = parts[0].tokens().size();
        assertArrayEquals(new int[] {ids[(int) start]}, parts[1].tokens().read(0, 1));
    }

    @Test
    void aLargeVocabularyTakesFourBytes() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = 0x20; c < 0x11000; c++) {
            if (!Character.isSurrogate((char) c) || c > 0xFFFF) {
                text.appendCodePoint(c);
            }
        }
        CharTokenizer tokenizer = CharTokenizer.of(text.toString());
        Path small = encode(text.toString(), tokenizer);
        assertTrue(tokenizer.vocabulary() > 1 << 16);
        assertArrayEquals(
                tokenizer.encode(text.toString()),
                TokenFile.open(small).tokens().read(0, tokenizer.vocabulary()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void piecesDoNotChangeTheTokensOfBytePairs(long seed) throws IOException {
        try (Tokenizer tokenizer = Tokenizers.open(SharedData.require("gpt2-bpe"))) {
            String text = mixture(seed, 150_000);
            int[] whole = tokenizer.encode(text);
            TokenStream tokens = TokenStream.of(text, tokenizer);
            assertArrayEquals(whole, tokens.read(0, (int) tokens.size()));
            TokenStream stored = TokenFile.open(encode(text, tokenizer)).tokens();
            assertArrayEquals(whole, stored.read(0, (int) stored.size()));
        }
    }

    @Test
    void cutsAreWhereWordsEnd() {
        String text = "ab cd.\nef \ngh";
        String cuts = "";
        for (int i = 1; i < text.length(); i++) {
            cuts += SplitPoint.WORD_END.at(text, i) ? "|" : "-";
        }
        // ahead of " cd", of "ef", and of " \n", but not behind "\n" with a space ahead
        assertEquals("-|----|-|---", cuts);
    }

    @Test
    void aTextWithoutAnyCutIsOnePieceOrCutInTheMiddle() {
        String endless = ".".repeat(200_000) + "\uD83D\uDE00".repeat(50_000);
        TokenStream tokens = TokenStream.of(endless, new Counting());
        assertEquals(1, tokens.size());
        TokenStream many = TokenStream.of("\uD83D\uDE00".repeat(9 << 20), new Counting());
        assertEquals(2, many.size());
        // no pair was cut in two
        assertEquals(0, many.read(0, 1)[0]);
        assertEquals(0, many.read(1, 1)[0]);
    }

    /** One token a piece: 1 if it ends within a pair. */
    private static final class Counting implements Tokenizer {
        @Override
        public int vocabulary() {
            return 2;
        }

        @Override
        public int[] encode(String text) {
            return new int[] {Character.isHighSurrogate(text.charAt(text.length() - 1)) ? 1 : 0};
        }

        @Override
        public int[] encodeForModel(String text) {
            return encode(text);
        }

        @Override
        public String decode(int... ids) {
            return "";
        }

        @Override
        public SpecialTokens special() {
            return SpecialTokens.NONE;
        }

        @Override
        public String json() {
            return "{}";
        }

        @Override
        public void close() {}
    }

    @Test
    void progressReachesTheLengthOfTheText() throws IOException {
        Path source = Files.writeString(folder.resolve("a.txt"), "\u00e9x".repeat(100_000));
        AtomicLong last = new AtomicLong();
        long tokens =
                TokenFile.write(
                        source,
                        CharTokenizer.ofFile(source),
                        folder.resolve("a.tokens"),
                        bytes -> assertTrue(last.getAndSet(bytes) <= bytes));
        assertEquals(300_000, last.get());
        assertEquals(200_000, tokens);
    }

    @Test
    void aByteThatIsNoTextIsNamedAndNothingIsWritten() throws IOException {
        byte[] bytes = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        bytes[70_003] = (byte) 0xC3;
        Path source = Files.write(folder.resolve("bad.txt"), bytes);
        Path file = folder.resolve("bad.tokens");
        CharTokenizer tokenizer = CharTokenizer.of("x");
        String message =
                assertThrows(
                                DataException.class,
                                () -> TokenFile.write(source, tokenizer, file, done -> {}))
                        .getMessage();
        assertEquals(
                source + ": must be text in UTF-8, but the byte at offset 70,003 is 0xC3", message);
        assertFalse(Files.exists(file));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(1, left.count());
        }
        Files.write(source, new byte[] {'a', (byte) 0xE2, (byte) 0x82});
        assertThrows(DataException.class, () -> Utf8.read(source));
    }

    @Test
    void aDamagedFileIsAnError() throws IOException {
        Path good = encode("abcabc", CharTokenizer.of("abc"));
        byte[] bytes = Files.readAllBytes(good);
        Path bad = folder.resolve("bad.tokens");
        for (int length = 0; length < bytes.length; length++) {
            Files.write(bad, Arrays.copyOf(bytes, length));
            assertThrows(DataException.class, () -> TokenFile.open(bad));
        }
        int footer = bytes.length - TokenFile.FOOTER;
        for (int at = footer; at < bytes.length; at++) {
            byte[] changed = bytes.clone();
            changed[at] ^= (byte) 0x80;
            Files.write(bad, changed);
            String message =
                    assertThrows(
                                    DataException.class,
                                    () -> TokenFile.open(bad).tokenizer(),
                                    "byte " + at)
                            .getMessage();
            assertEquals(1, message.lines().count());
        }
        byte[] changed = bytes.clone();
        changed[8 + 2 * 4] = 3;
        Files.write(bad, changed);
        String message =
                assertThrows(DataException.class, () -> TokenFile.open(bad).tokens().read(2, 4))
                        .getMessage();
        assertEquals("token 4 must be in [0, 3), found 3", message);
    }

    @Test
    @EnabledOnOs(OS.LINUX) // where a file may have holes, without asking
    void moreThanTwoGibibytesAreRead() throws IOException {
        Path file = folder.resolve("large.tokens");
        int tokens = 1_600_000_000;
        byte[] json = CharTokenizer.of("abc").json().getBytes(StandardCharsets.UTF_8);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(TokenFile.MAGIC);
            out.seek(8 + 2L * (tokens - 2));
            out.write(new byte[] {1, 0, 2, 0});
            out.write(little(8).putInt(tokens).putInt(tokens).array());
            out.write(json);
            out.write(
                    little(TokenFile.FOOTER)
                            .putLong(tokens)
                            .putLong(1)
                            .putLong(json.length)
                            .putInt(2)
                            .putInt(3)
                            .put(TokenFile.MAGIC)
                            .array());
        }
        TokenStream stream = TokenFile.open(file).tokens();
        assertEquals(tokens, stream.size());
        assertArrayEquals(new int[] {0, 1, 2}, stream.read(tokens - 3, 3));
        assertEquals(1025, new RandomWindows(stream, 1024, 5).batch(0, 0, 1).length);
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
