package io.residuum.transformer.text.library;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that end or block the library never end or block this process. */
class NativeTokenizerTest {
    private static final String BYTE_LEVEL =
            "{'type': 'ByteLevel', 'add_prefix_space': false, 'trim_offsets': true}";

    private static Json parse(String json) {
        return JsonReader.parse(json.replace('\'', '"'), "test");
    }

    private static Json.Obj bpe() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (String token : List.of("a", "b", "c", "ab", "abc", "\u0120")) {
            vocabulary.put(token, vocabulary.size());
        }
        Json model =
                Json.object("type", "BPE", "vocab", vocabulary, "merges", List.of("a b", "ab c"));
        return Json.object("version", "1.0", "normalizer", null)
                .with("pre_tokenizer", parse(BYTE_LEVEL))
                .with("post_processor", null)
                .with("decoder", parse(BYTE_LEVEL))
                .with("model", model);
    }

    @Test
    void aKnownFileRunsInThisProcessAndAnotherOneEqually() {
        Json.Obj known = bpe();
        Json.Obj unknown =
                known.with("model", ((Json.Obj) known.get("model")).with("dropout", 0.0));
        assertEquals(Optional.empty(), KnownTokenizer.firstUnknown(known));
        assertEquals(Optional.of("model.dropout"), KnownTokenizer.firstUnknown(unknown));
        try (NativeTokenizer here = NativeTokenizer.open(known, "here");
                NativeTokenizer there = NativeTokenizer.open(unknown, "there")) {
            assertInstanceOf(InProcessTokenizer.class, here);
            assertInstanceOf(ChildProcessTokenizer.class, there);
            assertArrayEquals(new int[] {4, 5, 3, 0}, here.encode("abc aba", false));
            assertArrayEquals(new int[] {4, 5, 3, 0}, there.encode("abc aba", true));
            assertEquals("abc aba", here.decode(4, 5, 3, 0));
            assertEquals("abc aba", there.decode(4, 5, 3, 0));
            NativeTokens tokens = there.tokens("abc aba", null, false);
            assertEquals(List.of("abc", "\u0120", "ab", "a"), tokens.tokens());
            assertArrayEquals(new int[] {0, 3, 4, 6}, tokens.starts());
            assertArrayEquals(new int[] {3, 4, 6, 7}, tokens.ends());
            assertArrayEquals(
                    here.tokens("abc aba", "b \u00e9c", true).bytes(),
                    there.tokens("abc aba", "b \u00e9c", true).bytes());
            there.close();
            assertThrows(IllegalStateException.class, () -> there.encode("a", false));
        }
    }

    @Test
    void aFailureInsideTheLibraryIsAnError() {
        // A token of one character, of which the decoder cuts five.
        String strip = "{'type': 'Strip', 'content': 'a', 'start': 0, 'stop': 5}";
        String message =
                assertThrows(
                                DataException.class,
                                () -> {
                                    try (NativeTokenizer tokenizer =
                                            NativeTokenizer.open(
                                                    bpe().with("decoder", parse(strip)),
                                                    "t.json")) {
                                        tokenizer.decode(0);
                                    }
                                })
                        .getMessage();
        assertTrue(message.startsWith("t.json: the tokenizers library failed"), message);
        assertTrue(message.contains("decoder.stop"), message);
    }

    @Test
    void anEmptyPatternDoesNotBlock() {
        String replace = "{'type': 'Replace', 'pattern': {'String': ''}, 'content': 'xx'}";
        try (NativeTokenizer tokenizer =
                NativeTokenizer.open(bpe().with("normalizer", parse(replace)), "t.json")) {
            tokenizer.encode("abc", false);
        } catch (DataException e) {
            assertTrue(e.getMessage().startsWith("t.json: "), e.getMessage());
        }
    }

    @Test
    void deepNestingIsRefused() {
        Json decoder = parse(BYTE_LEVEL);
        for (int i = 0; i < 60; i++) {
            decoder = Json.object("type", "Sequence", "decoders", List.of(decoder));
        }
        Json.Obj deep = bpe().with("decoder", decoder);
        Exception e = assertThrows(DataException.class, () -> NativeTokenizer.open(deep, "t.json"));
        assertTrue(e.getMessage().contains("at most 24 levels deep, found"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'NFC'}",
                "{'type': 'Sequence', 'normalizers': [{'type': 'NFD'}, {'type': 'StripAccents'}]}",
                "{'type': 'Prepend', 'prepend': '\u2581'}",
                "{'type': 'Replace', 'pattern': {'String': ' '}, 'content': '\u2581'}",
                "{'type': 'Replace', 'pattern': {'Regex': ' {2,}'}, 'content': ' '}",
            })
    void knowsNormalizers(String normalizer) {
        Json.Obj json = bpe().with("normalizer", parse(normalizer));
        assertEquals(Optional.empty(), KnownTokenizer.firstUnknown(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "normalizer | {'type': 'Precompiled', 'precompiled_charsmap': 'AA=='} "
                        + "| normalizer.type",
                "normalizer | {'type': 'Replace', 'pattern': {'Regex': '(a+)+b'}, 'content': ''} "
                        + "| normalizer.pattern",
                "normalizer | {'type': 'Sequence', 'normalizers': [{'type': 'NFC'}, null]} "
                        + "| normalizer.normalizers[1]",
                "pre_tokenizer | {'type': 'Metaspace', 'replacement': ''} "
                        + "| pre_tokenizer.replacement",
                "pre_tokenizer | {'type': 'ByteLevel', 'more': 1} | pre_tokenizer.more",
                "post_processor | {'type': 'TemplateProcessing', 'pair': [], 'special_tokens': {},"
                        + " 'single': [{'Sequence': {'id': 'B', 'type_id': 0}}]} | post_processor",
                "post_processor | {'type': 'TemplateProcessing', 'pair': [], 'special_tokens': {},"
                        + " 'single': [{'SpecialToken': {'id': 'x', 'type_id': 0}}]} "
                        + "| post_processor",
                "model | {'type': 'BPE', 'vocab': {'a': 0}, 'merges': ['a b']} | model.merges[0]",
                "model | {'type': 'BPE', 'vocab': {'a': 0}, 'merges': [],"
                        + " 'continuing_subword_prefix': '##'} | model.continuing_subword_prefix",
                "model | {'type': 'WordLevel', 'vocab': {'a': 0}, 'unk_token': 'b'} "
                        + "| model.unk_token",
                "model | {'type': 'Unigram', 'vocab': [['a', 0]], 'unk_id': 1} | model.vocab",
                "model | {'type': 'Unigram', 'vocab': [], 'unk_id': 0} | model.vocab",
                "model | {'vocab': {'a': 0}} | model.type",
                "added_tokens | [{'id': 1}] | added_tokens[0]",
                "more | 1 | \"more\"",
            })
    void namesWhatItDoesNotKnow(String key, String value, String place) {
        Json.Obj json = bpe().with(key, parse(value));
        assertEquals(Optional.of(place), KnownTokenizer.firstUnknown(json));
    }
}
