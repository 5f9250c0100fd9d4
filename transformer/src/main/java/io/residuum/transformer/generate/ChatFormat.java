package io.residuum.transformer.generate;

import io.residuum.data.DataException;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The text form of a chat, which must be that of the model's training. */
public enum ChatFormat {
    /** Lines such as {@code User: ...}, for models that were not trained on chats. */
    PLAIN("%s: %s\n", "Assistant:", "\nUser:"),
    /** ChatML, for instance of Qwen: {@code <|im_start|>user ... <|im_end|>}. */
    CHATML("<|im_start|>%s\n%s<|im_end|>\n", "<|im_start|>assistant\n", "<|im_end|>"),
    /** Llama 3: {@code <|start_header_id|>user<|end_header_id|> ... <|eot_id|>}. */
    LLAMA3(
            "<|start_header_id|>%s<|end_header_id|>\n\n%s<|eot_id|>",
            "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"),
    /** Gemma: {@code <start_of_turn>user ... <end_of_turn>}. */
    GEMMA("<start_of_turn>%s\n%s<end_of_turn>\n", "<start_of_turn>model\n", "<end_of_turn>"),
    /** Phi-3: {@code <|user|> ... <|end|>}. */
    PHI3("<|%s|>\n%s<|end|>\n", "<|assistant|>\n", "<|end|>");

    /**
     * A message of a chat.
     *
     * @param role {@code system}, {@code user} or {@code assistant}
     * @param content its text
     */
    public record Message(String role, String content) {}

    private final String message;
    private final String answer;
    private final String stop;

    ChatFormat(String message, String answer, String stop) {
        this.message = message;
        this.answer = answer;
        this.stop = stop;
    }

    /**
     * {@return the format whose end of a message is one token of a tokenizer, or {@link #PLAIN}}
     *
     * @param tokenizer the tokenizer of the model
     */
    public static ChatFormat of(Tokenizer tokenizer) {
        for (ChatFormat format : List.of(CHATML, LLAMA3, GEMMA, PHI3)) {
            if (isOneToken(format.stop, tokenizer)) {
                return format;
            }
        }
        return PLAIN;
    }

    private static boolean isOneToken(String text, Tokenizer tokenizer) {
        try {
            return tokenizer.encode(text).length == 1;
        } catch (DataException e) {
            // The tokenizer has no token for some of the characters.
            return false;
        }
    }

    /** {@return the prompt of a chat, which ends where the assistant begins} */
    public String prompt(List<Message> messages) {
        return (this == GEMMA ? withoutSystem(messages) : messages)
                        .stream()
                                .map(m -> message.formatted(role(m.role()), content(m.content())))
                                .collect(Collectors.joining())
                + answer;
    }

    private String role(String role) {
        return switch (this) {
            case PLAIN -> role.substring(0, 1).toUpperCase(Locale.ROOT) + role.substring(1);
            case GEMMA -> role.equals("assistant") ? "model" : role;
            default -> role;
        };
    }

    /** Returns the text of a message; some templates remove white space around it. */
    private String content(String content) {
        return this == LLAMA3 || this == GEMMA ? content.strip() : content;
    }

    /** Puts the system's message, which Gemma's template lacks, before that of the user. */
    private static List<Message> withoutSystem(List<Message> messages) {
        if (messages.size() < 2 || !messages.get(0).role().equals("system")) {
            return messages;
        }
        Message user = messages.get(1);
        String joined = messages.get(0).content() + "\n\n" + user.content().strip();
        List<Message> others = new ArrayList<>(messages.subList(1, messages.size()));
        others.set(0, new Message(user.role(), joined));
        return others;
    }

    /** {@return the text that ends an answer} */
    public String stop() {
        return stop;
    }
}
