package io.residuum.examples.spring.ai;

import java.util.List;
import java.util.stream.Collectors;
import org.springframework.ai.chat.messages.Message;

/** Writes a chat as plain lines, for models that were not trained on chats. */
public final class PlainChat {

    /** The text that ends an answer: the next line of the user. */
    public static final String STOP = "\nUser:";

    private PlainChat() {}

    /**
     * {@return the prompt of a chat}
     *
     * @param messages the messages, all of text
     */
    public static String prompt(List<Message> messages) {
        return messages.stream().map(PlainChat::line).collect(Collectors.joining()) + "Assistant:";
    }

    private static String line(Message message) {
        return switch (message.getMessageType()) {
            case SYSTEM -> message.getText() + "\n";
            case USER -> "User: " + message.getText() + "\n";
            case ASSISTANT -> "Assistant: " + message.getText() + "\n";
            case TOOL ->
                    throw new UnsupportedOperationException(
                            "a message must be of the system, the user or the assistant, got one"
                                    + " of a tool");
        };
    }
}
