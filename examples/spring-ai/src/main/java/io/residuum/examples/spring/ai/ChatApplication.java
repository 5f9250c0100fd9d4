package io.residuum.examples.spring.ai;

import io.residuum.transformer.generate.BatchOptions;
import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.predict.TextGenerator;
import java.io.PrintStream;
import java.util.List;
import org.springframework.ai.chat.client.ChatClient;

/** Asks a model one question with Spring AI's client, and streams the answer. */
public final class ChatApplication {
    private static final int MAX_TOKENS = 200;
    private static final double TEMPERATURE = 0.7;

    private ChatApplication() {}

    /**
     * Asks the question.
     *
     * @param args the model (a run, a saved model or a folder of transformers) and the question
     */
    public static void main(String[] args) {
        PrintStream out = System.out;
        Generator.Settings settings =
                new Generator.Settings(
                        Sampling.PLAIN.withTemperature(TEMPERATURE),
                        MAX_TOKENS,
                        List.of(ChatFormat.PLAIN.stop()),
                        true);
        try (TextGenerator generator = TextGenerator.open(args[0]);
                ContinuousBatching texts = generator.continuousBatching(BatchOptions.DEFAULT)) {
            ChatClient client =
                    ChatClient.create(
                            new ResiduumChatModel(texts, ChatFormat.PLAIN::prompt, settings));
            client.prompt().user(args[1]).stream().content().doOnNext(out::print).blockLast();
            out.println();
        }
    }
}
