package io.residuum.transformer.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.testing.SharedData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizersTest {
    private static final String PIECES =
            """
            [PAD]
            [UNK]
            [CLS]
            [SEP]
            [MASK]
            the
            un
            ##aff
            ##able
            cafe
            ,
            """;

    @TempDir Path folder;

    @Test
    void charactersAreSortedCodePoints() {
        CharTokenizer tokenizer = CharTokenizer.of("ba\n\uD83D\uDE00a");
        assertEquals(4, tokenizer.vocabulary());
        assertArrayEquals(new int[] {3, 1, 2, 0}, tokenizer.encode("\uD83D\uDE00ab\n"));
        assertEquals("\uD83D\uDE00ab\n", tokenizer.decode(3, 1, 2, 0));
        assertEquals(SpecialTokens.NONE, tokenizer.special());
        assertEquals(tokenizer, Tokenizers.parse(tokenizer.json()));
    }

    @Test
    void anUnknownCharacterIsAnErrorUnlessThereIsAnIdForIt() {
        CharTokenizer strict = CharTokenizer.of("ab");
        Exception e = assertThrows(DataException.class, () -> strict.encode("abc"));
        assertEquals(
                "text must consist of the 2 characters that the tokenizer knows, found 'c',"
                        + " U+0063",
                e.getMessage());
        CharTokenizer lenient = strict.withUnknown();
        assertArrayEquals(new int[] {0, 1, 2}, lenient.encode("abc"));
        assertEquals("ab\uFFFD", lenient.decode(0, 1, 2));
        assertEquals(OptionalInt.of(2), lenient.special().unknown());
        assertEquals(lenient, Tokenizers.parse(lenient.json()));
    }

    @ParameterizedTest
    @CsvSource({"vocab.bpe,encoder.json", "merges.txt,vocab.json"})
    void gpt2EncodesAsItDid(String mergesName, String vocabularyName) throws IOException {
        Path source = SharedData.require("gpt2-bpe");
        Files.copy(source.resolve("vocab.bpe"), folder.resolve(mergesName));
        Files.copy(source.resolve("encoder.json"), folder.resolve(vocabularyName));
        List<MatchResult> cases =
                Pattern.compile(
                                "str ="
                                    + " \"(.*)\";\\s+expect\\(encode\\(str\\)\\)\\.toEqual\\(\\[(.*)]\\)")
                        .matcher(Files.readString(source.resolve("Encoder.test.js")))
                        .results()
                        .toList();
        assertEquals(7, cases.size());
        try (Tokenizer tokenizer = Tokenizers.open(folder);
                Tokenizer again = Tokenizers.parse(tokenizer.json())) {
            assertEquals(50257, tokenizer.vocabulary());
            assertEquals(OptionalInt.of(50256), tokenizer.special().end());
            for (MatchResult one : cases) {
                String text = one.group(1).translateEscapes();
                int[] ids = ids(one.group(2));
                assertArrayEquals(ids, tokenizer.encode(text), text);
                assertArrayEquals(ids, tokenizer.encodeForModel(text), text);
                assertArrayEquals(ids, again.encode(text), text);
                assertEquals(text, tokenizer.decode(ids));
            }
            assertEquals(tokenizer.json(), again.json());
            assertEquals("", tokenizer.decode(50256));
            assertEquals("\uFFFD", tokenizer.decode(233));
        }
    }

    @Test
    void everyTextComesBackFromBytes() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.open(SharedData.require("gpt2-bpe"))) {
            Random random = new Random(5);
            for (int i = 0; i < 100; i++) {
                String text =
                        random.ints(random.nextInt(40), 0, 0x2FFF)
                                .map(c -> random.nextInt(3) == 0 ? c : 32 + c % 96)
                                .collect(
                                        StringBuilder::new,
                                        StringBuilder::appendCodePoint,
                                        StringBuilder::append)
                                .toString();
                assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
            }
            String crowd = "a\0b \uD83D\uDC69\u200D\uD83D\uDE80 \u00e9 \uFFFD".repeat(20);
            assertEquals(crowd, tokenizer.decode(tokenizer.encode(crowd)));
        }
    }

    @Test
    void wordPiecesOfAVocabulary() throws IOException {
        Files.writeString(folder.resolve("vocab.txt"), PIECES);
        try (Tokenizer tokenizer = Tokenizers.open(folder);
                Tokenizer again = Tokenizers.parse(tokenizer.json())) {
            assertEquals(11, tokenizer.vocabulary());
            assertEquals(
                    new SpecialTokens(
                            OptionalInt.of(2),
                            OptionalInt.of(3),
                            OptionalInt.of(0),
                            OptionalInt.of(4),
                            OptionalInt.of(1)),
                    tokenizer.special());
            int[] ids = {5, 6, 7, 8, 10, 9, 1, 4};
            String text = "The unaffable,Caf\u00e9 zebra[MASK]";
            assertArrayEquals(ids, tokenizer.encode(text));
            assertArrayEquals(ids, again.encode(text));
            assertArrayEquals(new int[] {2, 5, 3}, tokenizer.encodeForModel("the"));
            assertEquals("the unaffable", tokenizer.decode(2, 5, 6, 7, 8, 3));
        }
    }

    @Test
    void aVocabularyWithCapitalsIsCased() throws IOException {
        Path file = Files.writeString(folder.resolve("my-vocab.txt"), PIECES + "The\n");
        try (Tokenizer tokenizer = Tokenizers.open(file)) {
            assertArrayEquals(new int[] {11, 5, 1}, tokenizer.encode("The the THE"));
        }
    }

    @Test
    void aTokenizerJsonIsNeverCutOrPaddedAndNamesItsSpecialTokens() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), words());
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"eos_token\": {\"content\": \"<|im_end|>\"}, \"bos_token\": null}");
        try (Tokenizer tokenizer = Tokenizers.open(folder);
                Tokenizer again = Tokenizers.parse(tokenizer.json())) {
            int[] ids = {0, 1, 0, 1, 0, 1};
            assertArrayEquals(ids, tokenizer.encode("a b a b a b"));
            assertArrayEquals(ids, again.encode("a b a b a b"));
            assertArrayEquals(new int[] {0}, tokenizer.encodeForModel("a"));
            // the config goes ahead of the usual names, of which </s> is the first
            assertEquals(OptionalInt.of(4), tokenizer.special().end());
            assertEquals(tokenizer.special(), again.special());
            assertEquals(OptionalInt.of(2), tokenizer.special().padding());
            assertEquals(OptionalInt.empty(), tokenizer.special().beginning());
            assertEquals(5, tokenizer.vocabulary());
        }
    }

    private static String words() {
        return """
        {"version": "1.0",
         "truncation": {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0},
         "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null,
                     "pad_id": 2, "pad_type_id": 0, "pad_token": "c"},
         "added_tokens": [
           {"id": 3, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true},
           {"id": 4, "content": "<|im_end|>", "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": true}],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
         "post_processor": null, "decoder": null,
         "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "c": 2}, "unk_token": "c"}}
        """;
    }

    @Test
    void aUnigramModelKeepsItsSpacesAndItsUnknown() {
        String json =
                """
                {"version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null,
                 "pre_tokenizer": {"type": "Metaspace", "replacement": "▁",
                                   "prepend_scheme": "always", "split": true},
                 "decoder": {"type": "Metaspace", "replacement": "▁",
                             "prepend_scheme": "always", "split": true},
                 "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
                           "vocab": [["<what>", 0.0], ["▁to", -1.5], ["▁be", -2.25]]}}
                """;
        try (Tokenizer tokenizer = Tokenizers.parse(json);
                Tokenizer again = Tokenizers.parse(tokenizer.json())) {
            assertEquals(3, tokenizer.vocabulary());
            assertEquals(OptionalInt.of(0), tokenizer.special().unknown());
            assertArrayEquals(new int[] {1, 2, 1}, again.encode("to be to"));
            assertEquals("to be", again.decode(1, 2));
            // each text begins with a space of its own, so that no line may be cut
            assertEquals(SplitPoint.LINE_END, SplitPoint.of(tokenizer));
        }
    }

    @Test
    void tokenizersThatDivideWordsMayBeCutThere() throws IOException {
        Files.writeString(folder.resolve("vocab.txt"), PIECES);
        try (Tokenizer pieces = Tokenizers.open(folder);
                Tokenizer words = Tokenizers.parse(words())) {
            assertEquals(SplitPoint.WORD_END, SplitPoint.of(pieces));
            assertEquals(SplitPoint.WORD_END, SplitPoint.of(words));
        }
        assertEquals(SplitPoint.ANYWHERE, SplitPoint.of(CharTokenizer.of("a")));
    }

    @Test
    void storiesDecodeAsLlama2cDoes() throws IOException {
        Path source = SharedData.require("stories260K");
        int[] ids = ids(Files.readString(source.resolve("expected_greedy_tokens.txt")));
        String text = Files.readString(source.resolve("expected_greedy.txt")).stripTrailing();
        Tokenizer tokenizer = Tokenizers.open(source.resolve("tok512.bin"));
        assertEquals(512, tokenizer.vocabulary());
        assertEquals(text, tokenizer.decode(ids).stripTrailing());
        assertArrayEquals(ids, tokenizer.encodeForModel(tokenizer.decode(ids)));
        assertEquals(1, tokenizer.encodeForModel("")[0]);

        Tokenizer again = Tokenizers.parse(tokenizer.json());
        String other = "caf\u00e9 \uD83D\uDE00  <0x0A> </s>\n\tx";
        assertArrayEquals(tokenizer.encode(other), again.encode(other));
        assertEquals(other, again.decode(again.encode(other)));
    }

    @Test
    void aFileOfLlama2cIsCheckedBeforeItIsBelieved() throws IOException {
        byte[] whole = scored();
        Path file = folder.resolve("tok.bin");
        Files.write(file, whole);
        Tokenizer tokenizer = Tokenizers.open(file);
        // "ab" scores better than "bc": a, bc is what the other order would give
        assertArrayEquals(new int[] {259, 263, 262}, tokenizer.encode("abc"));
        assertEquals("abc", tokenizer.decode(259, 263, 262));

        List<byte[]> broken =
                List.of(
                        new byte[0],
                        Arrays.copyOf(whole, 3),
                        Arrays.copyOf(whole, whole.length - 1),
                        Arrays.copyOf(whole, whole.length - 5),
                        Arrays.copyOf(whole, 500),
                        put(whole, 0, 1),
                        put(whole, 0, -7),
                        put(whole, 8, Integer.MAX_VALUE),
                        put(whole, 8, -1),
                        put(whole, 4, Float.floatToRawIntBits(Float.NaN)));
        for (byte[] bytes : broken) {
            Files.write(file, bytes);
            String message =
                    assertThrows(DataException.class, () -> Tokenizers.open(file)).getMessage();
            assertTrue(message.startsWith(file + ": is not a tokenizer of llama2.c: "), message);
        }
    }

    private static byte[] put(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        return changed;
    }

    private static byte[] scored() {
        ByteBuffer out = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(6);
        Stream.of("<unk>", "\n<s>\n", "</s>").forEach(t -> token(out, 0, t));
        for (int b = 0; b < 256; b++) {
            token(out, 0, String.format("<0x%02X>", b));
        }
        token(out, -1, " ");
        token(out, -2, "a");
        token(out, -3, "b");
        token(out, -4, "c");
        token(out, -5, "ab");
        token(out, -6, "bc");
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void token(ByteBuffer out, float score, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putFloat(score).putInt(bytes.length).put(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "7",
                "{\"type\": \"characters\"}",
                "{\"type\": \"llama2.c\", \"file\": \"not base 64\"}",
                "{\"type\": \"llama2.c\"}",
                "{\"model\": {}}",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}}",
                "{\"model\": {\"type\": \"Novel\", \"vocab\": {\"a\": 0}}}"
            })
    void aBrokenTokenizerIsOneLine(String json) throws IOException {
        String message =
                assertThrows(DataException.class, () -> Tokenizers.parse(json)).getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.startsWith("tokenizer:"), message);
        Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
        String named =
                assertThrows(DataException.class, () -> Tokenizers.open(folder)).getMessage();
        assertTrue(named.startsWith(file + ":"), named);
    }

    @Test
    void whatIsNoTokenizerIsAnErrorThatNamesWhatIs() throws IOException {
        Path other = Files.writeString(folder.resolve("notes.md"), "no");
        for (Path place : List.of(folder, other, folder.resolve("none"))) {
            String message =
                    assertThrows(DataException.class, () -> Tokenizers.open(place)).getMessage();
            assertTrue(message.contains("vocab.bpe with encoder.json"), message);
        }
    }

    @Test
    void brokenVocabulariesNameTheLine() throws IOException {
        Path vocabulary = folder.resolve("vocab.json");
        Path merges = folder.resolve("merges.txt");
        Files.writeString(vocabulary, "{\"a\": 0, \"b\": 1, \"ab\": 2}");
        Files.writeString(merges, "#version: 0.2\na b\na c\n");
        assertEquals(
                merges
                        + ": line 3 must hold two tokens that form a third one, all in the"
                        + " vocabulary, found 'a c'",
                failure(vocabulary));
        Files.writeString(vocabulary, "{\"a\": 0, \"b\": \"1\"}");
        assertTrue(failure(folder).contains("the id of 'b' must be a number"), failure(folder));
        Path pieces = Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n[CLS]\na\na\n");
        assertTrue(failure(pieces).contains("found 'a' on lines 3 and 4"), failure(pieces));
    }

    private static String failure(Path place) {
        return assertThrows(DataException.class, () -> Tokenizers.open(place)).getMessage();
    }

    @Test
    void idsOutsideTheVocabularyAreRefused() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), words());
        Files.write(folder.resolve("tok.bin"), scored());
        for (Tokenizer tokenizer :
                List.of(
                        CharTokenizer.of("abc"),
                        Tokenizers.open(folder),
                        Tokenizers.open(folder.resolve("tok.bin")))) {
            int end = tokenizer.vocabulary();
            assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(-1));
            assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(end));
            tokenizer.close();
        }
    }

    private static int[] ids(String text) {
        return Pattern.compile("\\d+")
                .matcher(text)
                .results()
                .mapToInt(m -> Integer.parseInt(m.group()))
                .toArray();
    }
}
