package io.residuum.examples.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.residuum.transformer.generate.BatchOptions;
import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.predict.TextGenerator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Chats with a model in the terminal: one line of input, one streamed answer. */
public final class ChatApplication {
    private static final int MAX_TOKENS = 200;
    private static final double TEMPERATURE = 0.7;

    private ChatApplication() {}

    /**
     * Chats until the input ends.
     *
     * @param args the model: a run, a saved model or a folder of transformers
     * @throws IOException if the input cannot be read
     */
    public static void main(String[] args) throws IOException {
        PrintStream out = System.out;
        Generator.Settings settings =
                new Generator.Settings(
                        Sampling.PLAIN.withTemperature(TEMPERATURE),
                        MAX_TOKENS,
                        List.of(ChatFormat.PLAIN.stop()),
                        true);
        try (TextGenerator generator = TextGenerator.open(args[0]);
                ContinuousBatching texts = generator.continuousBatching(BatchOptions.DEFAULT)) {
            StreamingChatModel model =
                    new ResiduumChatModel(texts, ChatFormat.PLAIN::prompt, settings).streaming();
            BufferedReader input =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            List<ChatMessage> chat = new ArrayList<>();
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                chat.add(UserMessage.from(line));
                model.chat(chat, printer(out, chat));
            }
        }
    }

    /** {@return a handler that prints the answer and appends it to the chat} */
    private static StreamingChatResponseHandler printer(PrintStream out, List<ChatMessage> chat) {
        return new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                out.print(piece);
                out.flush();
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                out.println();
                chat.add(response.aiMessage());
            }

            @Override
            public void onError(Throwable error) {
                throw new IllegalStateException(error.getMessage(), error);
            }
        };
    }
}
