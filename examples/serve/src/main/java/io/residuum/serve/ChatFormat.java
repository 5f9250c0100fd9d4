package io.residuum.serve;

import io.residuum.transformer.text.Tokenizer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The text form of a chat, which must be that of the model's training. */
public enum ChatFormat {
    /** Lines such as {@code User: ...}, for models that were not trained on chats. */
    PLAIN("", "%s: ", "\n", "\nUser:"),
    /** ChatML, for instance of Qwen: {@code <|im_start|>user ... <|im_end|>}. */
    CHATML("<|im_start|>", "<|im_start|>%s\n", "<|im_end|>\n", "<|im_end|>"),
    /** Llama 3: {@code <|start_header_id|>user<|end_header_id|> ... <|eot_id|>}. */
    LLAMA3(
            "<|start_header_id|>",
            "<|start_header_id|>%s<|end_header_id|>\n\n",
            "<|eot_id|>",
            "<|eot_id|>");

    /** A message of a chat. */
    record Message(String role, String content) {}

    private final String mark;
    private final String before;
    private final String after;
    private final String stop;

    ChatFormat(String mark, String before, String after, String stop) {
        this.mark = mark;
        this.before = before;
        this.after = after;
        this.stop = stop;
    }

    /** Returns the format whose special token is one token of the tokenizer, or PLAIN. */
    static ChatFormat of(Tokenizer tokenizer) {
        for (ChatFormat format : List.of(CHATML, LLAMA3)) {
            if (tokenizer.encode(format.mark).length == 1) {
                return format;
            }
        }
        return PLAIN;
    }

    /** Returns the prompt of a chat, which ends where the assistant begins. */
    String prompt(List<Message> messages) {
        return messages.stream()
                        .map(m -> before.formatted(role(m.role())) + m.content() + after)
                        .collect(Collectors.joining())
                + before.formatted(role("assistant")).stripTrailing()
                + (this == PLAIN ? "" : before.substring(before.stripTrailing().length()));
    }

    private String role(String role) {
        return this == PLAIN
                ? role.substring(0, 1).toUpperCase(Locale.ROOT) + role.substring(1)
                : role;
    }

    /** Returns the text that ends an answer. */
    String stop() {
        return stop;
    }
}
