package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.transformer.generate.ChatFormat.Message;
import io.residuum.transformer.text.CharTokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChatFormatTest {
    private static final List<Message> CHAT =
            List.of(
                    new Message("system", "Be brief."),
                    new Message("user", " 50%?\n"),
                    new Message("assistant", "Half."),
                    new Message("user", "Thanks"));

    /** As apply_chat_template of transformers writes them, without the token of the beginning. */
    private static String expected(ChatFormat format) {
        return switch (format) {
            case PLAIN ->
                    "System: Be brief.\nUser:  50%?\n\nAssistant: Half.\nUser: Thanks\nAssistant:";
            case CHATML ->
                    "<|im_start|>system\n"
                            + "Be brief.<|im_end|>\n"
                            + "<|im_start|>user\n"
                            + " 50%?\n"
                            + "<|im_end|>\n"
                            + "<|im_start|>assistant\n"
                            + "Half.<|im_end|>\n"
                            + "<|im_start|>user\n"
                            + "Thanks<|im_end|>\n"
                            + "<|im_start|>assistant\n";
            case LLAMA3 ->
                    "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
                            + "<|start_header_id|>user<|end_header_id|>\n\n50%?<|eot_id|>"
                            + "<|start_header_id|>assistant<|end_header_id|>\n\nHalf.<|eot_id|>"
                            + "<|start_header_id|>user<|end_header_id|>\n\nThanks<|eot_id|>"
                            + "<|start_header_id|>assistant<|end_header_id|>\n\n";
            case GEMMA ->
                    "<start_of_turn>user\nBe brief.\n\n50%?<end_of_turn>\n"
                            + "<start_of_turn>model\nHalf.<end_of_turn>\n"
                            + "<start_of_turn>user\nThanks<end_of_turn>\n"
                            + "<start_of_turn>model\n";
            case PHI3 ->
                    "<|system|>\nBe brief.<|end|>\n"
                            + "<|user|>\n 50%?\n<|end|>\n"
                            + "<|assistant|>\nHalf.<|end|>\n"
                            + "<|user|>\nThanks<|end|>\n"
                            + "<|assistant|>\n";
        };
    }

    @ParameterizedTest
    @EnumSource
    void promptsAreThoseOfTheTemplates(ChatFormat format) {
        assertEquals(expected(format), format.prompt(CHAT));
    }

    @Test
    void aTokenizerWithoutMarksIsPlain() {
        assertEquals(ChatFormat.PLAIN, ChatFormat.of(CharTokenizer.of("abc").withUnknown()));
        assertEquals(ChatFormat.PLAIN, ChatFormat.of(CharTokenizer.of("abc")));
    }
}
