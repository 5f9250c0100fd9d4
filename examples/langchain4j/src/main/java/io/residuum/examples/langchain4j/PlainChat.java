package io.residuum.examples.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.List;
import java.util.stream.Collectors;

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
    public static String prompt(List<ChatMessage> messages) {
        return messages.stream().map(PlainChat::line).collect(Collectors.joining()) + "Assistant:";
    }

    private static String line(ChatMessage message) {
        if (message instanceof SystemMessage system) {
            return system.text() + "\n";
        }
        if (message instanceof UserMessage user) {
            return "User: " + user.singleText() + "\n";
        }
        if (message instanceof AiMessage answer) {
            return "Assistant: " + answer.text() + "\n";
        }
        throw new UnsupportedFeatureException(
                "a message must be of the system, the user or the assistant, got "
                        + message.type());
    }
}
